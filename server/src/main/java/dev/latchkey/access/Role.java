package dev.latchkey.access;

import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;

/**
 * A named set of privileges.
 *
 * @param terms what people have chosen for it
 * @param version counts its changes, from 1
 */
public record Role(String name, RoleTerms terms, Instant createdAt, String createdBy, long version) {

    /** Holds {@code security:manage}; cannot be changed or deleted, and there is always a person who has it. */
    public static final String ACCOUNT_ADMIN = "accountadmin";

    /** Part of every active role set. */
    public static final String PUBLIC = "public";

    private static final Set<String> PREDEFINED = Set.of(ACCOUNT_ADMIN, PUBLIC);

    public boolean isPredefined() {
        return PREDEFINED.contains(name);
    }

    public boolean isChangeable() {
        return !name.equals(ACCOUNT_ADMIN);
    }

    /**
     * Whether it matches a search.
     *
     * @param search in lower case
     */
    public boolean isAbout(String search) {
        return name.contains(search) || description().toLowerCase(Locale.ROOT).contains(search);
    }

    public String description() {
        return terms.description();
    }

    /** What the role itself allows, without the roles below it. */
    public SortedSet<Privilege> allowed() {
        return terms.allowed();
    }

    /** What it denies, to itself and to every role that it is granted to. */
    public SortedSet<Privilege> denied() {
        return terms.denied();
    }

    /** The roles directly below it. */
    public SortedSet<String> grantedRoles() {
        return terms.grantedRoles();
    }

    /** How much each API token that has the role may call. */
    public CallLimits limits() {
        return terms.limits();
    }

    /** The same version of the role with other terms. */
    Role with(RoleTerms others) {
        return new Role(name, others, createdAt, createdBy, version);
    }

    /** The next version of the role, with these terms. */
    public Role changedTo(RoleTerms others) {
        return new Role(name, others, createdAt, createdBy, version + 1);
    }

    /** The role without its privileges and grants. */
    public Role withoutParts() {
        return with(RoleTerms.describing(""));
    }

    /** The next version of the role, which neither allows nor denies these privileges. */
    public Role without(Set<Privilege> privileges) {
        return changedTo(terms.without(privileges));
    }
}
