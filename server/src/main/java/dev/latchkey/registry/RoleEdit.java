package dev.latchkey.registry;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a role is to become: everything about it that can change. */
public record RoleEdit(
        String description, SortedSet<Privilege> allowed, SortedSet<Privilege> denied, SortedSet<String> grantedRoles) {

    public static RoleEdit of(Role role) {
        return new RoleEdit(role.description(), role.allowed(), role.denied(), role.grantedRoles());
    }

    RoleEdit allowing(Privilege privilege) {
        return new RoleEdit(description, plus(allowed, privilege), minus(denied, privilege), grantedRoles);
    }

    RoleEdit denying(Privilege privilege) {
        return new RoleEdit(description, minus(allowed, privilege), plus(denied, privilege), grantedRoles);
    }

    RoleEdit without(Privilege privilege) {
        return new RoleEdit(description, minus(allowed, privilege), minus(denied, privilege), grantedRoles);
    }

    RoleEdit granting(String role) {
        return new RoleEdit(description, allowed, denied, plus(grantedRoles, role));
    }

    RoleEdit notGranting(String role) {
        return new RoleEdit(description, allowed, denied, minus(grantedRoles, role));
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
