package dev.latchkey.account;

import dev.latchkey.access.RoleUse;
import dev.latchkey.database.Transaction;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** How many people have each role. */
public final class UsersOfRole implements RoleUse {
    private final UserStore users = new UserStore();

    @Override
    public String kind() {
        return "user";
    }

    @Override
    public Map<String, Long> counts(Handle handle) {
        return handle.createQuery("select role_name, count(*) as number from person_role group by role_name")
                .setMapKeyColumn("role_name")
                .setMapValueColumn("number")
                .collectInto(new org.jdbi.v3.core.generic.GenericType<Map<String, Long>>() {});
    }

    /** An open link makes whoever has it what the person is now, and not what the person was when it was made. */
    @Override
    public long widened(Transaction transaction, Set<String> roles) {
        return users.deleteInvitations(transaction, roles);
    }

    @Override
    public long count(Handle handle, String role, long limit) {
        return handle.createQuery(
                        "select count(*) from (select 1 from person_role where role_name = :role limit :limit) as found")
                .bind("role", role)
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }
}
