package dev.latchkey.signing;

import dev.latchkey.database.Transaction;
import dev.latchkey.signing.SigningKey.Withdrawal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of signing keys. */
final class SigningKeyStore {
    /** By name: PostgreSQL ends a prepared "select *" with an error when a newer node adds a column. */
    private static final String COLUMNS = "key_id, algorithm, public_jwk, sealed_private_jwk, created_at, signs_from,"
            + " signs_until, withdrawn_at, withdrawn_by_name, withdraw_reason";

    /** @param sealedPrivateJwk null once it is erased */
    record Row(SigningKey key, String publicJwk, @Nullable String sealedPrivateJwk) {}

    /** In {@link SigningKey#ORDER}, not sorted by the engines: each orders text in its own way. */
    List<Row> all(Handle handle) {
        return handle.createQuery("select " + COLUMNS + " from signing_key").map((row, context) -> row(row)).stream()
                .sorted(Comparator.comparing(Row::key, SigningKey.ORDER))
                .toList();
    }

    private static Row row(ResultSet row) throws SQLException {
        String sealed = row.getString("sealed_private_jwk");
        Instant withdrawnAt = instant(row, "withdrawn_at");
        String id = row.getString("key_id");
        String algorithm = row.getString("algorithm");
        return new Row(
                new SigningKey(
                        id,
                        SigningAlgorithm.named(algorithm)
                                .orElseThrow(() -> new IllegalStateException(
                                        "the signing key " + id + " is for the unknown algorithm " + algorithm)),
                        Instant.ofEpochMilli(row.getLong("created_at")),
                        Instant.ofEpochMilli(row.getLong("signs_from")),
                        instant(row, "signs_until"),
                        withdrawnAt == null
                                ? null
                                : new Withdrawal(
                                        withdrawnAt,
                                        row.getString("withdrawn_by_name"),
                                        row.getString("withdraw_reason")),
                        sealed != null),
                row.getString("public_jwk"),
                sealed);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    void insert(Transaction transaction, Row row) {
        SigningKey key = row.key();
        transaction
                .update("insert into signing_key (key_id, algorithm, public_jwk, sealed_private_jwk, created_at,"
                        + " signs_from, signs_until) values (:id, :algorithm, :public, :private, :createdAt, :signsFrom,"
                        + " :signsUntil)")
                .bind("id", key.id())
                .bind("algorithm", key.algorithm().text())
                .bind("public", row.publicJwk())
                .bind("private", row.sealedPrivateJwk())
                .bind("createdAt", key.createdAt().toEpochMilli())
                .bind("signsFrom", key.signsFrom().toEpochMilli())
                .bind("signsUntil", millis(key.signsUntil()))
                .execute();
    }

    void plan(Transaction transaction, String id, Instant signsFrom, @Nullable Instant signsUntil) {
        transaction
                .update("update signing_key set signs_from = :from, signs_until = :until where key_id = :id")
                .bind("from", signsFrom.toEpochMilli())
                .bind("until", millis(signsUntil))
                .bind("id", id)
                .execute();
    }

    void withdraw(Transaction transaction, String id, Withdrawal withdrawal) {
        transaction
                .update("update signing_key set sealed_private_jwk = null, withdrawn_at = :at, withdrawn_by_name = :by,"
                        + " withdraw_reason = :reason where key_id = :id")
                .bind("at", withdrawal.at().toEpochMilli())
                .bind("by", withdrawal.by())
                .bind("reason", withdrawal.reason())
                .bind("id", id)
                .execute();
    }

    /** Replaces the sealed private key; with null it is erased. */
    void seal(Transaction transaction, String id, @Nullable String sealedPrivateJwk) {
        transaction
                .update("update signing_key set sealed_private_jwk = :private where key_id = :id")
                .bind("private", sealedPrivateJwk)
                .bind("id", id)
                .execute();
    }

    void delete(Transaction transaction, String id) {
        transaction
                .update("delete from signing_key where key_id = :id")
                .bind("id", id)
                .execute();
    }

    SigningPolicy policy(Handle handle) {
        return handle.createQuery("select algorithm, rotation_days, version from signing_policy where singleton = 1")
                .map((row, context) -> new SigningPolicy(
                        SigningAlgorithm.named(row.getString("algorithm")).orElseThrow(),
                        row.getInt("rotation_days"),
                        row.getLong("version")))
                .one();
    }

    void savePolicy(Transaction transaction, SigningAlgorithm algorithm, int rotationDays) {
        transaction
                .update("update signing_policy set algorithm = :algorithm, rotation_days = :days, version = version + 1"
                        + " where singleton = 1")
                .bind("algorithm", algorithm.text())
                .bind("days", rotationDays)
                .execute();
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }
}
