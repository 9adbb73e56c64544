package dev.latchkey.access;

import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;

/**
 * A named set of privileges.
 *
 * @param allowed what it allows itself
 * @param denied what it denies, to itself and to every role that it is granted to
 * @param grantedRoles the roles directly below it
 * @param version counts its changes, from 1
 */
public record Role(
        String name,
        String description,
        Instant createdAt,
        String createdBy,
        long version,
        SortedSet<Privilege> allowed,
        SortedSet<Privilege> denied,
        SortedSet<String> grantedRoles) {

    /** Holds {@code security:manage}; cannot be changed or deleted, and somebody always has it. */
    public static final String ACCOUNT_ADMIN = "accountadmin";

    /** In everyone's active role set. */
    public static final String PUBLIC = "public";

    private static final Set<String> PREDEFINED = Set.of(ACCOUNT_ADMIN, PUBLIC);

    public boolean isPredefined() {
        return PREDEFINED.contains(name);
    }

    public boolean isChangeable() {
        return !name.equals(ACCOUNT_ADMIN);
    }
}
