package dev.latchkey.account;

import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What others choose for a person and can change.
 *
 * @param name the name that people see
 * @param roles the assigned roles
 */
public record UserTerms(String name, SortedSet<String> roles) {

    public UserTerms called(String another) {
        return new UserTerms(another, roles);
    }

    /** With exactly these roles. */
    public UserTerms having(Collection<String> others) {
        return new UserTerms(name, new TreeSet<>(others));
    }

    /** With this role as well. */
    public UserTerms with(String role) {
        SortedSet<String> more = new TreeSet<>(roles);
        more.add(role);
        return having(more);
    }

    /** The roles here that are not among the others. */
    SortedSet<String> rolesBeyond(Collection<String> others) {
        SortedSet<String> beyond = new TreeSet<>(roles);
        beyond.removeAll(others);
        return beyond;
    }

    /** Without this role. */
    public UserTerms without(String role) {
        SortedSet<String> fewer = new TreeSet<>(roles);
        fewer.remove(role);
        return having(fewer);
    }
}
