package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Why a role may or may not make a request to an API.
 *
 * @param meaning the endpoint that the request means, or why it means none
 * @param allowed whether somebody with the role may
 * @param required the privilege that the endpoint needs; null when it needs none
 * @param givenBy the roles of the active role set that allow the privilege
 * @param deniedBy the roles of the active role set that deny it; one suffices
 * @param remedies what would make it allowed, the smallest step first; empty when it is, or when no role could
 */
public record Explanation(
        Api api,
        String method,
        String target,
        String role,
        Meaning meaning,
        boolean allowed,
        @Nullable Privilege required,
        Set<String> givenBy,
        Set<String> deniedBy,
        List<Remedy> remedies) {

    private static final int MOST_GRANTS = 5;

    /** Something that an administrator could change. */
    public sealed interface Remedy {
        /** Take the deny out of a role. */
        record StopDenying(String role, Privilege privilege) implements Remedy {}

        /** Allow the privilege in a role. */
        record Allow(String role, Privilege privilege) implements Remedy {}

        /** Put a role that has the privilege below another. */
        record Grant(String role, String granted) implements Remedy {}
    }

    /** Explains a request with the policy. */
    public static Explanation of(AccessPolicy policy, Api api, String role, String method, String target) {
        Meaning meaning = api.endpoints().find(method, target);
        if (!(meaning instanceof Endpoint endpoint)) {
            return new Explanation(api, method, target, role, meaning, false, null, Set.of(), Set.of(), List.of());
        }
        if (!(endpoint.requirement() instanceof Requirement.Holds holds)) {
            return new Explanation(api, method, target, role, meaning, true, null, Set.of(), Set.of(), List.of());
        }
        Privilege privilege = holds.privilege();
        EffectivePrivileges effective = policy.effective(role);
        boolean allowed = effective.has(privilege);
        Set<String> givers = new TreeSet<>(policy.allowing(role, privilege));
        Set<String> deniers = effective.denials().getOrDefault(privilege, Set.of());
        return new Explanation(
                api,
                method,
                target,
                role,
                meaning,
                allowed,
                privilege,
                allowed ? effective.sources().getOrDefault(privilege, givers) : givers,
                deniers,
                allowed ? List.of() : remedies(policy, role, privilege, givers, deniers));
    }

    private static List<Remedy> remedies(
            AccessPolicy policy, String role, Privilege privilege, Set<String> givers, Set<String> deniers) {
        List<Remedy> remedies = new ArrayList<>();
        if (policy.role(role).isEmpty()) {
            return remedies;
        }
        deniers.forEach(denier -> remedies.add(new Remedy.StopDenying(denier, privilege)));
        // While somebody denies it, nothing else helps; and once nobody does, what is given counts.
        if (givers.isEmpty()) {
            if (policy.role(role).filter(Role::isChangeable).isPresent()) {
                remedies.add(new Remedy.Allow(role, privilege));
            }
            if (deniers.isEmpty()) {
                policy.roles().stream()
                        .filter(other -> policy.effective(other.name()).has(privilege))
                        .filter(other -> !other.name().equals(Role.ACCOUNT_ADMIN))
                        // A role above this one would make a circle.
                        .filter(other -> policy.path(other.name(), role).isEmpty())
                        .sorted(Comparator.<Role>comparingInt(other ->
                                        policy.effective(other.name()).all().size())
                                .thenComparing(Role::name))
                        .limit(MOST_GRANTS)
                        .forEach(other -> remedies.add(new Remedy.Grant(role, other.name())));
            }
        }
        return remedies;
    }
}
