package dev.latchkey.access;

import dev.latchkey.event.Actor;
import dev.latchkey.event.Origin;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An actor with its current privileges. A program has one role; a person may have several, and may do what any of them
 * allows: a deny in one assigned role, or in a role below it, does not affect what the others allow.
 *
 * @param kind person, program or system
 * @param id user id, client id, or the system's part
 * @param name email, description, or the system's part
 * @param roles each assigned role with its effective privileges, by name; empty for the system
 * @param limits how much a program's API token may call; nothing limits people and the system
 */
public record Caller(
        Actor.Kind kind,
        String id,
        String name,
        List<AssignedRole> roles,
        @Nullable Origin origin,
        CallLimits limits) {

    /** A caller whose calls are not limited. */
    public Caller(Actor.Kind kind, String id, String name, List<AssignedRole> roles, @Nullable Origin origin) {
        this(kind, id, name, roles, origin, CallLimits.NONE);
    }

    /** A role that the caller holds, with the privileges that it has in effect. */
    public record AssignedRole(String name, EffectivePrivileges privileges) {}

    /** Latchkey itself, which may do everything. */
    public static Caller system(String part) {
        return new Caller(Actor.Kind.SYSTEM, part, part, List.of(), null);
    }

    public boolean has(Privilege privilege) {
        if (kind == Actor.Kind.SYSTEM) {
            return true;
        }
        for (AssignedRole role : roles) {
            if (role.privileges().has(privilege)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the caller's roles denies the privilege, and none has it in effect. */
    public boolean isDenied(Privilege privilege) {
        return !has(privilege)
                && roles.stream().anyMatch(role -> role.privileges().denials().containsKey(privilege));
    }

    /** Whether the caller would have the privilege with an access token of a wider scope. */
    public boolean couldRequest(Privilege privilege) {
        return roles.stream().anyMatch(role -> role.privileges().withholds(privilege));
    }

    /** Whether the caller holds {@code security:manage}, and so may hand out anything. */
    public boolean managesSecurity() {
        return has(ManagementApi.SECURITY_MANAGE);
    }

    /**
     * Refuses unless the caller has the privilege.
     *
     * @throws Problem 403 that names the privilege
     */
    public void require(Privilege privilege) {
        if (!has(privilege)) {
            throw new Problem(
                            403,
                            "missing_privilege",
                            "This needs the privilege " + privilege.name()
                                    + (isDenied(privilege) ? ", which is denied to you." : "."))
                    .with("api", privilege.api())
                    .with("privilege", privilege.name());
        }
    }

    /** All effective privileges of all the caller's roles. */
    public SortedSet<Privilege> privileges() {
        SortedSet<Privilege> all = new TreeSet<>();
        roles.forEach(role -> all.addAll(role.privileges().all()));
        return all;
    }

    /** The actor for the log, with the first of its roles that holds the privilege. */
    public Actor actingWith(Privilege privilege) {
        String role = roles.stream()
                .filter(assigned -> assigned.privileges().has(privilege))
                .map(AssignedRole::name)
                .findFirst()
                .orElse(null);
        return actor(role);
    }

    /** The actor for the log where no privilege is needed, as for the caller's own password and sessions. */
    public Actor acting() {
        return actor(roles.isEmpty() ? null : roles.getFirst().name());
    }

    private Actor actor(@Nullable String role) {
        return switch (kind) {
            case PERSON -> new Actor.Person(id, name, role, origin);
            case PROGRAM -> new Actor.Program(id, name, role, origin);
            case SYSTEM -> new Actor.System(name, origin);
        };
    }
}
