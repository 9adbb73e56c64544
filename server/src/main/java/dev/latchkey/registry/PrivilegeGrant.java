package dev.latchkey.registry;

import dev.latchkey.access.Privilege;
import dev.latchkey.management.Doc;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One privilege that a role itself allows or denies. */
public record PrivilegeGrant(
        @Doc("The API, such as latchkey") String api,
        @Doc("The privilege, such as tokens:read") String privilege,

        @Doc("allow or deny; a deny wins over every allow") String effect) {
    private static final String ALLOW = "allow";
    private static final String DENY = "deny";

    public static PrivilegeGrant allow(Privilege privilege) {
        return new PrivilegeGrant(privilege.api(), privilege.name(), ALLOW);
    }

    public static PrivilegeGrant deny(Privilege privilege) {
        return new PrivilegeGrant(privilege.api(), privilege.name(), DENY);
    }

    /** The privilege that is allowed or denied. */
    public Privilege of() {
        return new Privilege(api, this.privilege);
    }

    static SortedSet<Privilege> allowed(@Nullable List<PrivilegeGrant> grants) {
        return ofEffect(grants, true);
    }

    static SortedSet<Privilege> denied(@Nullable List<PrivilegeGrant> grants) {
        return ofEffect(grants, false);
    }

    private static SortedSet<Privilege> ofEffect(@Nullable List<PrivilegeGrant> grants, boolean allow) {
        SortedSet<Privilege> privileges = new TreeSet<>();
        if (grants != null) {
            for (PrivilegeGrant grant : grants) {
                if (isAllow(grant.effect()) == allow) {
                    privileges.add(grant.of());
                }
            }
        }
        return privileges;
    }

    /**
     * Whether an effect allows.
     *
     * @throws Problem 422 when it neither allows nor denies
     */
    static boolean isAllow(@Nullable String effect) {
        if (ALLOW.equals(effect)) {
            return true;
        }
        if (DENY.equals(effect)) {
            return false;
        }
        throw Problem.invalid("effect", "Send allow or deny.");
    }
}
