package dev.latchkey.account;

import dev.latchkey.database.Transaction;
import dev.latchkey.registry.RoleUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;

/** How many people have each role. */
public final class UsersOfRole implements RoleUse {
    private final UserStore users = new UserStore();

    @Override
    public String kind() {
        return "user";
    }

    @Override
    public Map<Set<String>, Long> counts(Handle handle) {
        Map<Set<String>, Long> counts = new HashMap<>();
        // Removed people have no roles, so those with roles are counted without looking at the people themselves.
        handle.createQuery("select roles, count(*) as number from (select string_agg(role_name, ' ') as roles from"
                        + " person_role group by user_id) as each_one group by roles")
                .map((row, context) -> Map.entry(row.getString("roles"), row.getLong("number")))
                .forEach(found -> counts.merge(Set.of(found.getKey().split(" ", -1)), found.getValue(), Long::sum));
        long withoutAny = people(handle)
                - counts.values().stream().mapToLong(Long::longValue).sum();
        if (withoutAny > 0) {
            counts.put(Set.of(), withoutAny);
        }
        return counts;
    }

    private static long people(Handle handle) {
        return handle.createQuery("select count(*) from person where removed_at is null")
                .mapTo(Long.class)
                .one();
    }

    /** The holder of an open link becomes what the person is now, not what they were when the link was made. */
    @Override
    public long widened(Transaction transaction, Set<String> roles) {
        return users.deleteInvitations(transaction, roles);
    }

    @Override
    public long count(Handle handle, Set<String> roles, long limit) {
        return handle.createQuery("select count(*) from (select distinct user_id from person_role where role_name in"
                        + " (<roles>) limit :limit) as found")
                .bindList(EmptyHandling.NULL_KEYWORD, "roles", List.copyOf(roles))
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }
}
