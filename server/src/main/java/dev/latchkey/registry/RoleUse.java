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

    /** How many of the kind have exactly these roles, for each set of roles that any has; to be shown. No rule may rest on it. */
    Map<Set<String>, Long> counts(Handle handle);

    /** How many of the kind each role is assigned to; to be shown. No rule may rest on it. */
    default Map<String, Long> assigned(Handle handle) {
        Map<String, Long> byRole = new TreeMap<>();
        counts(handle).forEach((roles, count) -> roles.forEach(role -> byRole.merge(role, count, Long::sum)));
        return byRole;
    }

    /**
     * How many of the kind have one of the roles now, read from what they are: for rules.
     *
     * @param limit more than that need not be counted; the answer is then any larger number
     */
    long count(Handle handle, Set<String> roles, long limit);

    /**
     * The roles allow more than before: what was handed out for what they were then, and has not been taken yet, ends.
     *
     * @return how much of it there was
     */
    long widened(Transaction transaction, Set<String> roles);
}
