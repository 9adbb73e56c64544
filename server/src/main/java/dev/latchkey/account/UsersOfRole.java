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
        handle.createQuery(
                        "select roles, count(*) as number from (select coalesce(string_agg(r.role_name, ' '), '') as roles"
                                + " from person p left join person_role r on r.user_id = p.user_id where p.removed_at is null"
                                + " group by p.user_id) as each_one group by roles")
                .map((row, context) -> Map.entry(row.getString("roles"), row.getLong("number")))
                .forEach(found -> counts.merge(names(found.getKey()), found.getValue(), Long::sum));
        return counts;
    }

    private static Set<String> names(String joined) {
        return joined.isEmpty() ? Set.of() : Set.of(joined.split(" ", -1));
    }

    /** An open link makes whoever has it what the person is now, and not what the person was when it was made. */
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
