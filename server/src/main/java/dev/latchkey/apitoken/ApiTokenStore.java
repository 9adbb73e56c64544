package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.Access;
import dev.latchkey.apitoken.ApiToken.Revocation;
import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements of API tokens. Those of their secrets, lists, counts and look-ups are in stores of their own. */
final class ApiTokenStore {
    private static final String INSERT =
            "insert into api_token (client_id, role_name, state, created_at, created_by_kind, created_by_id,"
                    + " created_by_name, last_access_at, version, " + ApiTokenRow.CHANGEABLE
                    + ") values (:clientId, :role, :state, :createdAt, :creatorKind, :creatorId, :creatorName,"
                    + " :lastAccessAt, :version, " + ApiTokenRow.PARAMETERS + ")";

    /** Those of its parameters that are numbers; all others are texts. A batch takes the types from its first row, which may have nulls. */
    private static final Set<String> NUMBERS =
            Set.of("createdAt", "lastAccessAt", "version", "not_before", "expires_at");

    void insert(Transaction transaction, ApiToken apiToken) {
        transaction.update(INSERT).bindMap(values(apiToken)).execute();
        if (apiToken.life() instanceof ApiToken.Active) {
            appear(transaction, apiToken);
        }
    }

    /** Inserts many active tokens together. */
    void insertAll(Transaction transaction, List<ApiToken> apiTokens) {
        PreparedBatch batch = transaction.handle().prepareBatch(INSERT);
        Map<String, Long> byRole = new TreeMap<>();
        Map<String, String> texts = new LinkedHashMap<>();
        for (ApiToken apiToken : apiTokens) {
            values(apiToken)
                    .forEach((name, value) ->
                            batch.bindByType(name, value, NUMBERS.contains(name) ? Long.class : String.class));
            batch.add();
            byRole.merge(apiToken.role(), 1L, Long::sum);
            texts.put(apiToken.clientId(), ApiTokenRow.searchText(apiToken));
        }
        batch.execute();
        byRole.forEach((role, number) -> ApiTokenCountStore.add(transaction, role, "active", number));
        transaction.searchIndex().addAll(transaction.handle(), texts);
    }

    private static Map<String, @Nullable Object> values(ApiToken apiToken) {
        Access access = apiToken.lastAccess();
        Map<String, @Nullable Object> values = ApiTokenRow.values(apiToken);
        values.put("clientId", apiToken.clientId());
        values.put("role", apiToken.role());
        values.put("state", apiToken.life().text());
        values.put("createdAt", apiToken.createdAt().toEpochMilli());
        values.put("creatorKind", apiToken.createdBy().kind());
        values.put("creatorId", apiToken.createdBy().id());
        values.put("creatorName", apiToken.createdBy().name());
        values.put("lastAccessAt", access == null ? null : access.at().toEpochMilli());
        values.put("version", apiToken.version());
        return values;
    }

    Optional<ApiToken> find(Handle handle, String clientId) {
        return apiTokens(handle, "client_id = :id and state <> 'draft'")
                .bind("id", clientId)
                .map((row, context) -> new ApiTokenRow(row).apiToken())
                .findOne();
    }

    /** The tokens that act for the API, without drafts. */
    List<ApiToken> actingFor(Handle handle, String api) {
        return apiTokens(handle, "acts_for_api = :api and state <> 'draft' order by client_id")
                .bind("api", api)
                .map((row, context) -> new ApiTokenRow(row).apiToken())
                .list();
    }

    /** A draft that its creator may still save. */
    Optional<ApiToken> draft(Handle handle, String clientId, String creatorId, Instant createdAfter) {
        return apiTokens(
                        handle,
                        "client_id = :id and state = 'draft' and created_by_id = :creator and created_at > :after")
                .bind("id", clientId)
                .bind("creator", creatorId)
                .bind("after", createdAfter.toEpochMilli())
                .map((row, context) -> new ApiTokenRow(row).apiToken())
                .findOne();
    }

    private static Query apiTokens(Handle handle, String condition) {
        return handle.createQuery("select " + ApiTokenRow.COLUMNS + " from api_token where " + condition);
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
        transaction.searchIndex().add(transaction.handle(), apiToken.clientId(), ApiTokenRow.searchText(apiToken));
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
                .update("update api_token set " + ApiTokenRow.ASSIGNMENTS
                        + ", version = version + 1 where client_id = :clientId")
                .bindMap(ApiTokenRow.values(apiToken))
                .bind("clientId", apiToken.clientId())
                .execute();
        if (!apiToken.description().equals(old.description())) {
            addSearchText(transaction, apiToken);
        }
    }

    void revoke(Transaction transaction, ApiToken apiToken, Revocation revocation) {
        int revoked = transaction
                .update("update api_token set state = 'revoked', revoked_at = :at, revoked_by_kind = :byKind,"
                        + " revoked_by_id = :byId, revoked_by_name = :byName, revoke_reason = :reason,"
                        + " version = version + 1 where client_id = :id and state = 'active'")
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
    void stamp(Transaction transaction, List<Map.Entry<String, Access>> accesses) {
        transaction.each(
                "update api_token set last_access_at = ?, last_access_address = ?, last_access_user_agent = ? where client_id = ?"
                        + " and coalesce(last_access_at, 0) <= ?",
                accesses,
                (statement, entry) -> {
                    Access access = entry.getValue();
                    long at = access.at().toEpochMilli();
                    statement.setLong(1, at);
                    statement.setString(2, access.from().address());
                    statement.setString(3, access.from().userAgent());
                    statement.setString(4, entry.getKey());
                    statement.setLong(5, at);
                });
    }

    /** The person's active tokens, the oldest first. */
    List<ApiToken> activeOf(Handle handle, String ownerId, int limit) {
        return apiTokens(handle, "owner_id = :owner and state = 'active' order by created_at, client_id limit :limit")
                .bind("owner", ownerId)
                .bind("limit", limit)
                .map((row, context) -> new ApiTokenRow(row).apiToken())
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
}
