package dev.latchkey.access;

import java.time.Instant;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

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

    /** The role without its privileges and grants. */
    public Role withoutParts() {
        return new Role(name, "", createdAt, createdBy, version, new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    }

    /** The next version of the role, which neither allows nor denies these privileges. */
    public Role without(Set<Privilege> privileges) {
        SortedSet<Privilege> stillAllowed = new TreeSet<>(allowed);
        SortedSet<Privilege> stillDenied = new TreeSet<>(denied);
        stillAllowed.removeAll(privileges);
        stillDenied.removeAll(privileges);
        return new Role(name, description, createdAt, createdBy, version + 1, stillAllowed, stillDenied, grantedRoles);
    }
}
