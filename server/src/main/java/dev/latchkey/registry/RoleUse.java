package dev.latchkey.registry;

import dev.latchkey.database.Transaction;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/** Something that uses roles. The features that assign roles implement it over their own tables. */
public interface RoleUse {
    /** {@code token} for active API tokens, {@code user} for people. */
    String kind();

    /** How many of the kind have exactly these roles, for each set that occurs. For display; no rule may rely on it. */
    Map<Set<String>, Long> counts(Handle handle);

    /** How many of the kind each role is assigned to. For display; no rule may rely on it. */
    default Map<String, Long> assigned(Handle handle) {
        Map<String, Long> byRole = new TreeMap<>();
        counts(handle).forEach((roles, count) -> roles.forEach(role -> byRole.merge(role, count, Long::sum)));
        return byRole;
    }

    /**
     * How many of the kind have one of the roles, counted from their rows: for rules.
     *
     * @param limit counting may stop beyond it; the result is then any larger number
     */
    long count(Handle handle, Set<String> roles, long limit);

    /**
     * The roles allow more than before: what was handed out when they allowed less and is still unused, ends.
     *
     * @return how much of it there was
     */
    long widened(Transaction transaction, Set<String> roles);
}
