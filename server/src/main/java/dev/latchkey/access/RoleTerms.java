package dev.latchkey.access;

import dev.latchkey.limit.CallLimits;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Everything about a role that people choose and can change.
 *
 * @param allowed what the role itself allows, without the roles below it
 * @param denied what it denies, to itself and to every role that it is granted to
 * @param grantedRoles the roles directly below it
 * @param limits how much each API token that has the role may call; roles above it do not have them
 */
public record RoleTerms(
        String description,
        SortedSet<Privilege> allowed,
        SortedSet<Privilege> denied,
        SortedSet<String> grantedRoles,
        CallLimits limits) {

    /** The terms of a role that limits no calls. */
    public RoleTerms(
            String description,
            SortedSet<Privilege> allowed,
            SortedSet<Privilege> denied,
            SortedSet<String> grantedRoles) {
        this(description, allowed, denied, grantedRoles, CallLimits.NONE);
    }

    /** The terms of a role that allows and denies nothing and has no role below it. */
    public static RoleTerms describing(String description) {
        return new RoleTerms(description, new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    }

    public RoleTerms describedAs(String text) {
        return new RoleTerms(text, allowed, denied, grantedRoles, limits);
    }

    public RoleTerms allowing(Privilege privilege) {
        return new RoleTerms(description, plus(allowed, privilege), minus(denied, privilege), grantedRoles, limits);
    }

    public RoleTerms denying(Privilege privilege) {
        return new RoleTerms(description, minus(allowed, privilege), plus(denied, privilege), grantedRoles, limits);
    }

    /** Neither allowing nor denying the privilege. */
    public RoleTerms without(Privilege privilege) {
        return new RoleTerms(description, minus(allowed, privilege), minus(denied, privilege), grantedRoles, limits);
    }

    /** The same for several. */
    public RoleTerms without(Collection<Privilege> privileges) {
        RoleTerms terms = this;
        for (Privilege privilege : privileges) {
            terms = terms.without(privilege);
        }
        return terms;
    }

    /** With another role below it. */
    public RoleTerms granting(String role) {
        return new RoleTerms(description, allowed, denied, plus(grantedRoles, role), limits);
    }

    public RoleTerms notGranting(String role) {
        return new RoleTerms(description, allowed, denied, minus(grantedRoles, role), limits);
    }

    /** With other limits of calls. */
    public RoleTerms limitedTo(CallLimits others) {
        return new RoleTerms(description, allowed, denied, grantedRoles, others);
    }

    private static <T extends Comparable<T>> SortedSet<T> plus(SortedSet<T> set, T element) {
        SortedSet<T> larger = new TreeSet<>(set);
        larger.add(element);
        return larger;
    }

    private static <T extends Comparable<T>> SortedSet<T> minus(SortedSet<T> set, T element) {
        SortedSet<T> smaller = new TreeSet<>(set);
        smaller.remove(element);
        return smaller;
    }
}
