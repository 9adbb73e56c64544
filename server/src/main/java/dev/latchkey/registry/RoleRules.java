package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Caller;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** What is valid for a role among the others, and what a caller must hold themselves to change it. */
final class RoleRules {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]{1,64}");
    private static final int MAX_DESCRIPTION = 200;

    private static final Set<Privilege> OWN = ManagementApi.PRIVILEGES.stream()
            .map(ManagementApi.Described::privilege)
            .collect(Collectors.toUnmodifiableSet());

    private final ApiStore apis = new ApiStore();

    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw Problem.invalid("name", "Use 1 to 64 of the characters a-z, 0-9 and _.");
        }
    }

    /**
     * Refuses a role that is not valid.
     *
     * @param before the roles without it, or with its older version
     * @throws Problem 422 for what is not valid, 409 for a circle
     */
    void validate(Handle handle, AccessPolicy before, Role role) {
        Line.error("description", role.description(), MAX_DESCRIPTION).ifPresent(error -> {
            throw Problem.invalid(List.of(error));
        });
        List<Problem.FieldError> limitErrors = role.limits().errors("limits.");
        if (!limitErrors.isEmpty()) {
            throw Problem.invalid(limitErrors);
        }
        SortedSet<Privilege> added = new TreeSet<>(role.allowed());
        added.addAll(role.denied());
        before.role(role.name()).ifPresent(old -> {
            added.removeAll(old.allowed());
            added.removeAll(old.denied());
        });
        added.forEach(privilege -> requireKnown(handle, privilege));
        for (Privilege privilege : role.denied()) {
            if (role.allowed().contains(privilege)) {
                throw Problem.invalid("privileges", privilege.name() + " cannot be allowed and denied at once.");
            }
        }
        for (String granted : role.grantedRoles()) {
            if (before.role(granted).isEmpty() && !granted.equals(role.name())) {
                throw Problem.invalid("grantedRoles", "There is no role " + Text.quote(granted) + ".");
            }
            before.with(role.withoutParts()).path(granted, role.name()).ifPresent(path -> {
                List<String> circle = new ArrayList<>(path);
                circle.addFirst(role.name());
                throw Problem.conflict(
                                "role_circle", "Roles cannot be granted in a circle: " + String.join(" -> ", circle))
                        .with("circle", circle);
            });
        }
        requireAdministrators(before.with(role));
    }

    private void requireKnown(Handle handle, Privilege privilege) {
        if (!OWN.contains(privilege) && !apis.hasPrivilege(handle, privilege)) {
            throw Problem.invalid("privileges", "There is no privilege " + Text.quote(privilege.toString()) + ".");
        }
    }

    /** The administrators lose what {@code public} or a role below it denies. */
    private static void requireAdministrators(AccessPolicy after) {
        if (after.role(Role.ACCOUNT_ADMIN).isPresent() && !after.isPowerful(Role.ACCOUNT_ADMIN)) {
            throw Problem.invalid(
                    "privileges", "This would deny security:manage to everyone and lock the administrators out.");
        }
    }

    /** Whether the caller may hand out the role: they hold what it allows, or {@code security:manage}. */
    static boolean covers(Caller caller, AccessPolicy policy, String role) {
        return missing(caller, policy.effective(role).all()).isEmpty();
    }

    /**
     * Refuses unless the caller may hand out the role.
     *
     * @throws Problem 403 when it allows what they do not hold
     */
    static void requireCovered(Caller caller, AccessPolicy policy, String role) {
        refuseMissing(role, missing(caller, policy.effective(role).all()));
    }

    /** Promise 4: the caller must hold what any role gains, and all of the changed role once it gains something. */
    static void requireNoWidening(Caller caller, AccessPolicy before, AccessPolicy after, String changed) {
        SortedSet<Privilege> gained = new TreeSet<>();
        for (Role role : after.roles()) {
            gained.addAll(after.effective(role.name()).beyond(before.effective(role.name())));
        }
        if (!after.effective(changed).beyond(before.effective(changed)).isEmpty()) {
            gained.addAll(after.effective(changed).all());
        }
        refuseMissing(changed, missing(caller, gained));
    }

    /**
     * The caller must hold what any role loses: otherwise a caller who may change roles could lock out those above them, and
     * no one who is left could undo it.
     *
     * @param more what is lost with a role that is deleted
     */
    static void requireNothingLost(Caller caller, AccessPolicy before, AccessPolicy after, Collection<Privilege> more) {
        SortedSet<Privilege> lost = new TreeSet<>(more);
        for (Role role : after.roles()) {
            lost.addAll(before.effective(role.name()).beyond(after.effective(role.name())));
        }
        SortedSet<Privilege> missing = missing(caller, lost);
        if (!missing.isEmpty()) {
            List<String> names = missing.stream().map(RoleRules::shown).toList();
            throw new Problem(
                            403,
                            "role_exceeds_yours",
                            "This would remove what you may not do yourself and could not restore: "
                                    + String.join(", ", names) + ".")
                    .with("missingPrivileges", names);
        }
    }

    private static SortedSet<Privilege> missing(Caller caller, Collection<Privilege> wanted) {
        if (caller.managesSecurity()) {
            return new TreeSet<>();
        }
        return wanted.stream()
                .filter(privilege -> !caller.has(privilege))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void refuseMissing(String role, SortedSet<Privilege> missing) {
        if (!missing.isEmpty()) {
            List<String> names = missing.stream().map(RoleRules::shown).toList();
            throw new Problem(
                            403,
                            "role_exceeds_yours",
                            "The role " + role + " would allow what you may not do yourself: "
                                    + String.join(", ", names) + ".")
                    .with("role", role)
                    .with("missingPrivileges", names);
        }
    }

    /** Latchkey's own privileges by their names alone, as everywhere; those of other APIs with the name of the API. */
    private static String shown(Privilege privilege) {
        return privilege.api().equals(ManagementApi.NAME) ? privilege.name() : privilege.toString();
    }
}
