package dev.latchkey.apitoken;

import dev.latchkey.database.Transaction;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the stored numbers of API tokens, by role and state: counting millions takes seconds. The numbers are
 * only for display. No rule depends on them, and no revocation waits for them.
 */
final class ApiTokenCountStore {
    private static final String COUNTED =
            "select role_name, state, count(*) as number from api_token where state <> 'draft' group by role_name, state";

    /** What a number counts. */
    record Key(String role, String state) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byRole = role.compareTo(other.role);
            return byRole == 0 ? state.compareTo(other.state) : byRole;
        }
    }

    private ApiTokenCountStore() {}

    /** Adds to the number of the role's tokens in the state, in the transaction that changes it. */
    static void add(Transaction transaction, String role, String state, long more) {
        transaction
                .update(
                        "insert into api_token_count (role_name, state, number) values (:role, :state, :more) on conflict"
                                + " (role_name, state) do update set number = api_token_count.number + :more")
                .bind("role", role)
                .bind("state", state)
                .bind("more", more)
                .execute();
    }

    /** The number of active tokens of each role that has any. */
    static Map<String, Long> activeByRole(Handle handle) {
        return handle.createQuery("select role_name, number from api_token_count where state = 'active' and number > 0")
                .setMapKeyColumn("role_name")
                .setMapValueColumn("number")
                .collectInto(new GenericType<Map<String, Long>>() {});
    }

    /**
     * The number of tokens in each state.
     *
     * @param role counts only tokens of this role; null for all
     */
    static Map<String, Long> byState(Handle handle, @Nullable String role) {
        Query query = handle.createQuery("select state, cast(sum(number) as bigint) as number from api_token_count"
                + (role == null ? "" : " where role_name = :role") + " group by state");
        if (role != null) {
            query.bind("role", role);
        }
        return query.setMapKeyColumn("state")
                .setMapValueColumn("number")
                .collectInto(new GenericType<Map<String, Long>>() {});
    }

    /** By how much each wrong number is too small. It reads all tokens. */
    static Map<Key, Long> missing(Handle handle) {
        Map<Key, Long> missing = numbers(handle, COUNTED);
        numbers(handle, "select role_name, state, number from api_token_count")
                .forEach((key, kept) -> missing.merge(key, -kept, Long::sum));
        missing.values().removeIf(number -> number == 0);
        return missing;
    }

    private static Map<Key, Long> numbers(Handle handle, String sql) {
        Map<Key, Long> numbers = new TreeMap<>();
        handle.createQuery(sql)
                .map((row, context) ->
                        Map.entry(new Key(row.getString("role_name"), row.getString("state")), row.getLong("number")))
                .forEach(entry -> numbers.put(entry.getKey(), entry.getValue()));
        return numbers;
    }

    /** Replaces an unreadable table and repeats the count. */
    static void rebuild(Transaction transaction) {
        transaction.handle().execute("drop table if exists api_token_count");
        transaction
                .handle()
                .execute("create table api_token_count (role_name text not null, state text not null check (state in"
                        + " ('active', 'revoked')), number bigint not null, primary key (role_name, state))");
        transaction.handle().execute("insert into api_token_count (role_name, state, number) " + COUNTED);
    }
}
