package dev.latchkey.apitoken;

import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements of the secrets of API tokens, of which only hashes are stored. */
final class SecretStore {
    /** A secret of a token, by its number. */
    record SecretKey(String clientId, long number) implements Comparable<SecretKey> {
        private static final Comparator<SecretKey> ORDER =
                Comparator.comparing(SecretKey::clientId).thenComparingLong(SecretKey::number);

        @Override
        public int compareTo(SecretKey other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * A secret as it is stored.
     *
     * @param number from 1, in the order of creation
     * @param removed whether it was removed, and is no longer valid
     */
    record StoredSecret(long number, String hash, boolean removed) {}

    void insert(Transaction transaction, String clientId, long number, String hash, Instant createdAt) {
        transaction
                .update("insert into api_token_secret (client_id, number, secret_hash, created_at) values (:clientId,"
                        + " :number, :hash, :at)")
                .bind("clientId", clientId)
                .bind("number", number)
                .bind("hash", hash)
                .bind("at", createdAt.toEpochMilli())
                .execute();
    }

    /** The first secret of a token, which was issued elsewhere. */
    record Imported(
            String clientId,
            String hash,
            Instant createdAt,
            @Nullable Instant lastUsedAt) {}

    /** Inserts the first secrets of many tokens together. */
    void insertAll(Transaction transaction, List<Imported> secrets) {
        PreparedBatch batch = transaction
                .handle()
                .prepareBatch("insert into api_token_secret (client_id, number, secret_hash, created_at, last_used_at)"
                        + " values (:clientId, 1, :hash, :at, :usedAt)");
        for (Imported secret : secrets) {
            Instant usedAt = secret.lastUsedAt();
            batch.bind("clientId", secret.clientId())
                    .bind("hash", secret.hash())
                    .bind("at", secret.createdAt().toEpochMilli())
                    .bindByType("usedAt", usedAt == null ? null : usedAt.toEpochMilli(), Long.class)
                    .add();
        }
        batch.execute();
    }

    /** Those of the hashes that are secrets of a token, live or removed. */
    Set<String> known(Handle handle, Collection<String> hashes) {
        return handle.createQuery("select secret_hash from api_token_secret where secret_hash in (<hashes>)")
                .bindList(EmptyHandling.NULL_KEYWORD, "hashes", List.copyOf(hashes))
                .mapTo(String.class)
                .set();
    }

    /** All secrets of the token, including removed ones. */
    List<StoredSecret> all(Handle handle, String clientId) {
        return handle.createQuery(
                        "select number, secret_hash, removed_at from api_token_secret where client_id = :id order"
                                + " by number")
                .bind("id", clientId)
                .map((row, context) -> new StoredSecret(row.getLong(1), row.getString(2), row.getString(3) != null))
                .list();
    }

    /** The live secrets, the oldest first. */
    List<SecretUse> live(Handle handle, String clientId) {
        return handle.createQuery(
                        "select number, created_at, last_used_at from api_token_secret where client_id = :id and"
                                + " removed_at is null order by number")
                .bind("id", clientId)
                .map((row, context) ->
                        new SecretUse(row.getLong(1), Instant.ofEpochMilli(row.getLong(2)), instant(row, 3)))
                .list();
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** The tokens that these are live secrets of, without drafts. */
    Set<String> tokensOf(Handle handle, List<String> hashes) {
        return handle.createQuery("select secret.client_id from api_token_secret secret join api_token on"
                        + " api_token.client_id = secret.client_id where secret.secret_hash in (<hashes>) and secret.removed_at is"
                        + " null and api_token.state = 'active'")
                .bindList(EmptyHandling.NULL_KEYWORD, "hashes", hashes)
                .mapTo(String.class)
                .set();
    }

    /** Whether there is such a secret, live or removed. */
    boolean isKnown(Handle handle, String hash) {
        return handle.createQuery("select 1 from api_token_secret where secret_hash = :hash")
                .bind("hash", hash)
                .mapTo(Integer.class)
                .findFirst()
                .isPresent();
    }

    void remove(Transaction transaction, String clientId, long number, Instant at) {
        transaction
                .update("update api_token_secret set removed_at = :at where client_id = :id and number = :number")
                .bind("at", at.toEpochMilli())
                .bind("id", clientId)
                .bind("number", number)
                .execute();
    }

    /** Writes the last uses of secrets, where they are newer than the stored ones. */
    void stamp(Transaction transaction, List<Map.Entry<SecretKey, Instant>> uses) {
        transaction.each(
                "update api_token_secret set last_used_at = ? where client_id = ? and number = ? and coalesce(last_used_at, 0)"
                        + " <= ?",
                uses,
                (statement, entry) -> {
                    long at = entry.getValue().toEpochMilli();
                    statement.setLong(1, at);
                    statement.setString(2, entry.getKey().clientId());
                    statement.setLong(3, entry.getKey().number());
                    statement.setLong(4, at);
                });
    }
}
