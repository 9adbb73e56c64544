package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.ApiToken.Revocation;
import dev.latchkey.apitoken.ApiToken.Who;
import dev.latchkey.apitoken.ApiTokenTerms.InAccessTokens;
import dev.latchkey.apitoken.ApiTokenTerms.Limits;
import dev.latchkey.apitoken.Secrets.SecretUse;
import dev.latchkey.database.LookUp;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Position;
import dev.latchkey.http.AddressRange;
import dev.latchkey.problem.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements of API tokens and their secrets. */
final class ApiTokenStore {
    /** In the order in which a token is read from them. */
    static final String COLUMNS = "client_id, role_name, description, owner_id, authentication, sender_constraint,"
            + " acts_for_api, default_resource, short_name, not_before, expires_at, allowed_addresses, owner_name,"
            + " created_at, created_by_kind, created_by_id, created_by_name, state, revoked_at, revoked_by_kind,"
            + " revoked_by_id, revoked_by_name, revoke_reason, last_access_at, last_access_address,"
            + " last_access_user_agent, version";

    private static final Who UNKNOWN = new Who("unknown", "unknown", "unknown");

    private static final String BY_SECRET =
            Json.writeText(AuthenticationSettings.of(new ClientAuthentication.ClientSecret()));

    /**
     * What a check needs, by client id, without drafts. The secrets come as one text: with a join, SQLite would plan the query
     * again for each client id once its tables have been analysed, which takes as long as everything else.
     */
    static final LookUp<Found> CREDENTIAL = new LookUp<>(
            "select " + COLUMNS
                    + ", (select string_agg(number || ' ' || secret_hash || case when removed_at is null then"
                    + " '' else ' removed' end, ',') from api_token_secret secret where secret.client_id ="
                    + " api_token.client_id), (select sequence || ' ' || hash from event_head) from api_token where"
                    + " client_id = ? and state <> 'draft'",
            ApiTokenStore::credential);

    /** At most this many tokens that trust one issuer are considered. With more, the program must name its own. */
    static final int MOST_OF_AN_ISSUER = 1_000;

    /** The active tokens that trust an outside issuer, by its name; one more than the limit shows that there are more. */
    static final LookUp<List<String>> TRUSTING = new LookUp<>(
            "select client_id from api_token where outside_issuer = ? and state = 'active' order by client_id limit "
                    + (MOST_OF_AN_ISSUER + 1),
            ApiTokenStore::clientIds);

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
     * The result of a look-up.
     *
     * @param end where the database's history ended at that moment
     */
    record Found(Credential credential, Position end) {}

    /** What a check needs: the token and its secrets. */
    record Credential(ApiToken apiToken, List<StoredSecret> secrets) {}

    /**
     * A secret as it is stored.
     *
     * @param number from 1, in the order of creation
     * @param removed whether it was removed, and is no longer valid
     */
    record StoredSecret(long number, String hash, boolean removed) {}

    void insert(Transaction transaction, ApiToken apiToken, @Nullable String secretHash) {
        transaction
                .update(
                        "insert into api_token (client_id, description, search_text, role_name, state, created_at,"
                                + " created_by_kind, created_by_id, created_by_name, owner_id, owner_name, authentication,"
                                + " sender_constraint, acts_for_api, default_resource, short_name, outside_issuer, not_before,"
                                + " expires_at, allowed_addresses, version) values"
                                + " (:clientId, :description, :searchText, :role, :state, :createdAt, :creatorKind, :creatorId,"
                                + " :creatorName, :ownerId, :ownerName, :authentication, :senderConstraint, :actsFor,"
                                + " :defaultResource, :shortName, :outsideIssuer, :notBefore, :expiresAt, :addresses, :version)")
                .bindMap(changeable(apiToken))
                .bind("clientId", apiToken.clientId())
                .bind("role", apiToken.role())
                .bind("state", apiToken.life().text())
                .bind("createdAt", apiToken.createdAt().toEpochMilli())
                .bind("creatorKind", apiToken.createdBy().kind())
                .bind("creatorId", apiToken.createdBy().id())
                .bind("creatorName", apiToken.createdBy().name())
                .bind("version", apiToken.version())
                .execute();
        if (apiToken.life() instanceof ApiToken.Active) {
            appear(transaction, apiToken);
        }
        if (secretHash != null) {
            insertSecret(transaction, apiToken.clientId(), 1, secretHash, apiToken.createdAt());
        }
    }

    void insertSecret(Transaction transaction, String clientId, long number, String hash, Instant createdAt) {
        transaction
                .update("insert into api_token_secret (client_id, number, secret_hash, created_at) values (:clientId,"
                        + " :number, :hash, :at)")
                .bind("clientId", clientId)
                .bind("number", number)
                .bind("hash", hash)
                .bind("at", createdAt.toEpochMilli())
                .execute();
    }

    private static String searchText(String description, String clientId) {
        return description.toLowerCase(Locale.ROOT) + " " + clientId;
    }

    Optional<ApiToken> find(Handle handle, String clientId) {
        return handle.createQuery("select " + COLUMNS + " from api_token where client_id = :id and state <> 'draft'")
                .bind("id", clientId)
                .map((row, context) -> apiToken(row))
                .findOne();
    }

    private static @Nullable Found credential(ResultSet rows) throws SQLException {
        if (!rows.next()) {
            return null;
        }
        Cells cells = new Cells(rows);
        ApiToken apiToken = apiToken(cells);
        String secrets = cells.textOrNull();
        String end = cells.textOrNull();
        return new Found(
                new Credential(apiToken, secrets == null ? List.of() : storedSecrets(secrets)),
                end == null ? Position.START : position(end));
    }

    private static List<String> clientIds(ResultSet rows) throws SQLException {
        List<String> clientIds = new ArrayList<>();
        while (rows.next()) {
            clientIds.add(rows.getString(1));
        }
        return List.copyOf(clientIds);
    }

    private static Position position(String sequenceAndHash) {
        int space = sequenceAndHash.indexOf(' ');
        return new Position(Long.parseLong(sequenceAndHash.substring(0, space)), sequenceAndHash.substring(space + 1));
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

    List<StoredSecret> secrets(Handle handle, String clientId) {
        return handle.createQuery(
                        "select number, secret_hash, removed_at from api_token_secret where client_id = :id order"
                                + " by number")
                .bind("id", clientId)
                .map((row, context) -> new StoredSecret(row.getLong(1), row.getString(2), row.getString(3) != null))
                .list();
    }

    /** The tokens that act for the API, without drafts. */
    List<ApiToken> actingFor(Handle handle, String api) {
        return handle.createQuery("select " + COLUMNS + " from api_token where acts_for_api = :api and state <> 'draft'"
                        + " order by client_id")
                .bind("api", api)
                .map((row, context) -> apiToken(row))
                .list();
    }

    /** A draft that its creator may still save. */
    Optional<ApiToken> draft(Handle handle, String clientId, String creatorId, Instant createdAfter) {
        return handle.createQuery("select " + COLUMNS + " from api_token where client_id = :id and state = 'draft' and"
                        + " created_by_id = :creator and created_at > :after")
                .bind("id", clientId)
                .bind("creator", creatorId)
                .bind("after", createdAfter.toEpochMilli())
                .map((row, context) -> apiToken(row))
                .findOne();
    }

    /** The live secrets, the oldest first. */
    List<SecretUse> secretUses(Handle handle, String clientId) {
        return handle.createQuery(
                        "select number, created_at, last_used_at from api_token_secret where client_id = :id and"
                                + " removed_at is null order by number")
                .bind("id", clientId)
                .map((row, context) ->
                        new SecretUse(row.getLong(1), Instant.ofEpochMilli(row.getLong(2)), instant(row, 3)))
                .list();
    }

    /** The token of a live secret, unless it is a draft. */
    Optional<String> ownerOfLive(Handle handle, String hash) {
        return handle.createQuery("select secret.client_id from api_token_secret secret join api_token on"
                        + " api_token.client_id = secret.client_id where secret.secret_hash = :hash and secret.removed_at is"
                        + " null and api_token.state = 'active'")
                .bind("hash", hash)
                .mapTo(String.class)
                .findOne();
    }

    void removeSecret(Transaction transaction, String clientId, long number, Instant at) {
        transaction
                .update("update api_token_secret set removed_at = :at where client_id = :id and number = :number")
                .bind("at", at.toEpochMilli())
                .bind("id", clientId)
                .bind("number", number)
                .execute();
    }

    /** Writes the last uses of secrets, where they are newer than the stored ones. */
    void stampSecrets(Transaction transaction, Map<SecretKey, Instant> uses) {
        if (uses.isEmpty()) {
            return;
        }
        PreparedBatch batch = transaction
                .handle()
                .prepareBatch(
                        "update api_token_secret set last_used_at = :at where client_id = :id and number = :number and"
                                + " coalesce(last_used_at, 0) <= :at");
        uses.forEach((secret, at) -> batch.bind("at", at.toEpochMilli())
                .bind("id", secret.clientId())
                .bind("number", secret.number())
                .add());
        batch.execute();
    }

    void activate(Transaction transaction, ApiToken draft) {
        int activated = transaction
                .update("update api_token set state = 'active' where client_id = :id and state = 'draft'")
                .bind("id", draft.clientId())
                .execute();
        if (activated > 0) {
            appear(transaction, draft);
        }
    }

    /** Makes the token part of counts and searches. */
    private static void appear(Transaction transaction, ApiToken apiToken) {
        ApiTokenCountStore.add(transaction, apiToken.role(), "active", 1);
        addSearchText(transaction, apiToken);
    }

    private static void addSearchText(Transaction transaction, ApiToken apiToken) {
        transaction
                .searchIndex()
                .add(
                        transaction.handle(),
                        apiToken.clientId(),
                        searchText(apiToken.description(), apiToken.clientId()));
    }

    void deleteDraft(Transaction transaction, String clientId, String creatorId) {
        transaction
                .update("delete from api_token where client_id = :id and state = 'draft' and created_by_id = :creator")
                .bind("id", clientId)
                .bind("creator", creatorId)
                .execute();
    }

    void deleteDrafts(Transaction transaction, Instant createdBefore) {
        transaction
                .update("delete from api_token where state = 'draft' and created_at <= :before")
                .bind("before", createdBefore.toEpochMilli())
                .execute();
    }

    void update(Transaction transaction, ApiToken old, ApiToken apiToken) {
        transaction
                .update(
                        "update api_token set description = :description, search_text = :searchText, owner_id = :ownerId,"
                                + " owner_name = :ownerName, authentication = :authentication, sender_constraint ="
                                + " :senderConstraint, acts_for_api = :actsFor, default_resource = :defaultResource, short_name ="
                                + " :shortName, outside_issuer = :outsideIssuer, not_before = :notBefore, expires_at = :expiresAt,"
                                + " allowed_addresses = :addresses, version = version + 1 where client_id = :clientId")
                .bindMap(changeable(apiToken))
                .bind("clientId", apiToken.clientId())
                .execute();
        if (!apiToken.description().equals(old.description())) {
            addSearchText(transaction, apiToken);
        }
    }

    /** What an edit may change, by its name in the statements. */
    private static Map<String, @Nullable Object> changeable(ApiToken apiToken) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        ApiTokenTerms terms = apiToken.terms();
        values.put("description", terms.description());
        values.put("searchText", searchText(terms.description(), apiToken.clientId()));
        values.put("ownerId", terms.ownerId());
        values.put("ownerName", apiToken.ownerName());
        values.put("authentication", Json.writeText(AuthenticationSettings.of(terms.authentication())));
        values.put("senderConstraint", terms.senderConstraint().text());
        values.put("actsFor", terms.actsFor());
        values.put("defaultResource", terms.inAccessTokens().defaultResource());
        values.put("shortName", terms.inAccessTokens().name());
        values.put(
                "outsideIssuer",
                terms.authentication() instanceof ClientAuthentication.Federated federated ? federated.issuer() : null);
        values.put("notBefore", millis(terms.limits().notBefore()));
        values.put("expiresAt", millis(terms.limits().expiresAt()));
        values.put("addresses", addresses(terms.limits().addresses()));
        return values;
    }

    void revoke(Transaction transaction, ApiToken apiToken, Revocation revocation) {
        int revoked = transaction
                .update(
                        "update api_token set state = 'revoked', revoked_at = :at, revoked_by_kind = :byKind,"
                                + " revoked_by_id = :byId, revoked_by_name = :byName, revoke_reason = :reason, version = version + 1 where client_id = :id and state = 'active'")
                .bind("at", revocation.at().toEpochMilli())
                .bind("byKind", revocation.by().kind())
                .bind("byId", revocation.by().id())
                .bind("byName", revocation.by().name())
                .bind("reason", revocation.reason())
                .bind("id", apiToken.clientId())
                .execute();
        transaction.aside("the numbers of API tokens", () -> {
            ApiTokenCountStore.add(transaction, apiToken.role(), "active", -revoked);
            ApiTokenCountStore.add(transaction, apiToken.role(), "revoked", revoked);
        });
    }

    /** Writes last accesses, where they are newer than the stored ones. */
    void stamp(Transaction transaction, Map<String, Access> accesses) {
        PreparedBatch batch = transaction
                .handle()
                .prepareBatch("update api_token set last_access_at = :at, last_access_address = :address,"
                        + " last_access_user_agent = :userAgent where client_id = :id and coalesce(last_access_at, 0) <="
                        + " :at");
        accesses.forEach((clientId, access) -> batch.bind("at", access.at().toEpochMilli())
                .bind("address", access.from().address())
                .bind("userAgent", access.from().userAgent())
                .bind("id", clientId)
                .add());
        batch.execute();
    }

    /** The person's active tokens, the oldest first. */
    List<ApiToken> activeOf(Handle handle, String ownerId, int limit) {
        return handle.createQuery("select " + COLUMNS + " from api_token where owner_id = :owner and state = 'active'"
                        + " order by created_at, client_id limit :limit")
                .bind("owner", ownerId)
                .bind("limit", limit)
                .map((row, context) -> apiToken(row))
                .list();
    }

    /** How many those are; a number above the limit only means that there are more. */
    long countActiveOf(Handle handle, String ownerId, long limit) {
        return handle.createQuery(countActive("owner_id = :owner"))
                .bind("owner", ownerId)
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }

    /** How many active tokens the roles have, from their rows; a number above the limit only means that there are more. */
    long active(Handle handle, Set<String> roles, long limit) {
        return handle.createQuery(countActive("role_name in (<roles>)"))
                .bindList(EmptyHandling.NULL_KEYWORD, "roles", List.copyOf(roles))
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }

    private static String countActive(String condition) {
        return "select count(*) from (select 1 from api_token where " + condition
                + " and state = 'active' limit :limit) as found";
    }

    /** Reads a row that begins with {@link #COLUMNS}. */
    static ApiToken apiToken(ResultSet row) throws SQLException {
        return apiToken(new Cells(row));
    }

    private static ApiToken apiToken(Cells cells) throws SQLException {
        return new ApiToken(
                cells.text(),
                cells.text(),
                new ApiTokenTerms(
                        cells.text(),
                        cells.textOrNull(),
                        authentication(cells.text()),
                        SenderConstraint.valueOf(cells.text().toUpperCase(Locale.ROOT)),
                        cells.textOrNull(),
                        inAccessTokens(cells.textOrNull(), cells.textOrNull()),
                        new Limits(cells.time(), cells.time(), ranges(cells.text()))),
                cells.textOrNull(),
                Instant.ofEpochMilli(cells.number()),
                new Who(cells.text(), cells.text(), cells.text()),
                life(
                        cells.text(),
                        cells.time(),
                        who(cells.textOrNull(), cells.textOrNull(), cells.textOrNull()),
                        cells.textOrNull()),
                access(cells.time(), cells.textOrNull(), cells.textOrNull()),
                cells.number());
    }

    /** The values of a row in order. Looking up each by its name would take longer than reading it. */
    private static final class Cells {
        private final ResultSet row;
        private int read;

        Cells(ResultSet row) {
            this.row = row;
        }

        String text() throws SQLException {
            return row.getString(++read);
        }

        @Nullable String textOrNull() throws SQLException {
            return row.getString(++read);
        }

        long number() throws SQLException {
            return row.getLong(++read);
        }

        @Nullable Instant time() throws SQLException {
            return instant(row, ++read);
        }
    }

    /** What most tokens have is not created for each. */
    private static InAccessTokens inAccessTokens(@Nullable String defaultResource, @Nullable String name) {
        return defaultResource == null && name == null
                ? InAccessTokens.NOTHING
                : new InAccessTokens(defaultResource, name);
    }

    private static @Nullable Who who(@Nullable String kind, @Nullable String id, @Nullable String name) {
        return kind == null || id == null || name == null ? null : new Who(kind, id, name);
    }

    private static ApiToken.Life life(
            String state, @Nullable Instant revokedAt, @Nullable Who revokedBy, @Nullable String reason) {
        return switch (state) {
            case "draft" -> new ApiToken.Draft();
            case "active" -> new ApiToken.Active();
            // Unknown states do not work.
            default ->
                new Revocation(
                        Objects.requireNonNullElse(revokedAt, Instant.EPOCH),
                        Objects.requireNonNullElse(revokedBy, UNKNOWN),
                        reason);
        };
    }

    private static @Nullable Access access(@Nullable Instant at, @Nullable String address, @Nullable String userAgent) {
        return at == null
                ? null
                : new Access(
                        at,
                        new Origin(Objects.requireNonNullElse(address, ""), Objects.requireNonNullElse(userAgent, "")));
    }

    /** What most tokens have is not parsed for each. */
    private static ClientAuthentication authentication(String json) {
        return json.equals(BY_SECRET)
                ? new ClientAuthentication.ClientSecret()
                : Json.readText(json, AuthenticationSettings.class).stored();
    }

    private static String addresses(List<AddressRange> ranges) {
        return ranges.stream().map(AddressRange::toString).collect(Collectors.joining(","));
    }

    private static List<AddressRange> ranges(String addresses) {
        return addresses.isEmpty()
                ? List.of()
                : Arrays.stream(addresses.split(",", -1))
                        .map(AddressRange::parse)
                        .toList();
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : time.toEpochMilli();
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }
}
