package dev.latchkey.apitoken;

import dev.latchkey.apitoken.SecretStore.StoredSecret;
import dev.latchkey.database.LookUp;
import dev.latchkey.event.Position;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The look-ups of authentication, which run for requests of programs. */
final class CredentialStore {
    /**
     * What a check needs, of the API token that the rest of the query names, without drafts. The secrets come as one text: with a join, SQLite would plan the query
     * again for each client id once its tables have been analysed, which takes as long as everything else.
     */
    private static final String FOUND = "select " + ApiTokenRow.COLUMNS
            + ", (select string_agg(number || ' ' || secret_hash || case when removed_at is null then"
            + " '' else ' removed' end, ',') from api_token_secret secret where secret.client_id ="
            + " api_token.client_id), (select sequence || ' ' || hash from event_head) from api_token where"
            + " state <> 'draft' and client_id = ";

    /** What a check needs, by client id. */
    static final LookUp<Found> CREDENTIAL = new LookUp<>(FOUND + "?", CredentialStore::credential);

    /** The same by the hash of a secret, live or removed; then by the first of two hashes that is one, and so on. */
    private static final List<LookUp<Found>> HOLDERS = IntStream.rangeClosed(1, HashRecipes.MOST)
            .mapToObj(CredentialStore::holder)
            .toList();

    /** At most this many tokens that trust one issuer are considered. With more, the program must name its own. */
    static final int MOST_OF_AN_ISSUER = 1_000;

    /** The active tokens that trust an outside issuer, by its name; one more than the limit shows that there are more. */
    static final LookUp<List<String>> TRUSTING = new LookUp<>(
            "select client_id from api_token where outside_issuer = ? and state = 'active' order by client_id limit "
                    + (MOST_OF_AN_ISSUER + 1),
            CredentialStore::clientIds);

    private CredentialStore() {}

    private static LookUp<Found> holder(int hashes) {
        return new LookUp<>(
                FOUND
                        + Collections.nCopies(hashes, "(select client_id from api_token_secret where secret_hash = ?)")
                                .stream()
                                .collect(
                                        Collectors.joining(", ", hashes > 1 ? "coalesce(" : "", hashes > 1 ? ")" : "")),
                CredentialStore::credential);
    }

    /** What a check needs, by the first of so many hashes that is one of a secret. */
    static LookUp<Found> holder(List<String> hashes) {
        return HOLDERS.get(hashes.size() - 1);
    }

    /**
     * The result of a look-up.
     *
     * @param end where the database's history ended at that moment
     */
    record Found(Credential credential, Position end) {}

    /** What a check needs: the token and its secrets. */
    record Credential(ApiToken apiToken, List<StoredSecret> secrets) {
        boolean has(String hash) {
            return secrets.stream().anyMatch(secret -> secret.hash().equals(hash));
        }
    }

    private static @Nullable Found credential(ResultSet rows) throws SQLException {
        if (!rows.next()) {
            return null;
        }
        ApiTokenRow row = new ApiTokenRow(rows);
        ApiToken apiToken = row.apiToken();
        String secrets = row.textOrNull();
        String end = row.textOrNull();
        return new Found(
                new Credential(apiToken, secrets == null ? List.of() : storedSecrets(secrets)),
                end == null ? Position.START : position(end));
    }

    private static List<StoredSecret> storedSecrets(String secrets) {
        List<StoredSecret> stored = new ArrayList<>(1);
        for (String secret : secrets.split(",", -1)) {
            String[] parts = secret.split(" ", -1);
            stored.add(new StoredSecret(Long.parseLong(parts[0]), parts[1], parts.length > 2));
        }
        stored.sort(Comparator.comparingLong(StoredSecret::number));
        return List.copyOf(stored);
    }

    private static Position position(String sequenceAndHash) {
        int space = sequenceAndHash.indexOf(' ');
        return new Position(Long.parseLong(sequenceAndHash.substring(0, space)), sequenceAndHash.substring(space + 1));
    }

    private static List<String> clientIds(ResultSet rows) throws SQLException {
        List<String> clientIds = new ArrayList<>();
        while (rows.next()) {
            clientIds.add(rows.getString(1));
        }
        return List.copyOf(clientIds);
    }
}
