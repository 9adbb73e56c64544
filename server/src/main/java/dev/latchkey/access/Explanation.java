package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Why a role may or may not make a request to an API.
 *
 * @param meaning the endpoint that the request is for, or why there is none
 * @param allowed whether a caller with the role may make the request
 * @param needs every privilege that the endpoint needs, all of them together; empty when it needs none
 * @param remedies changes that would allow it, privilege by privilege, the smallest first; empty when it is allowed, or when
 *     no change of a role could allow it
 */
public record Explanation(
        Api api,
        String method,
        String target,
        String role,
        Meaning meaning,
        boolean allowed,
        List<Need> needs,
        List<Remedy> remedies) {

    private static final int MOST_GRANTS = 5;

    /**
     * A privilege that is needed.
     *
     * @param held whether the role has it in effect
     * @param givenBy the roles of the active role set that allow it
     * @param deniedBy the roles of the active role set that deny it; one suffices
     */
    public record Need(Privilege privilege, boolean held, Set<String> givenBy, Set<String> deniedBy) {
        static Need of(AccessPolicy policy, String role, Privilege privilege) {
            EffectivePrivileges effective = policy.effective(role);
            boolean held = effective.has(privilege);
            Set<String> givers = new TreeSet<>(policy.allowing(role, privilege));
            return new Need(
                    privilege,
                    held,
                    held ? effective.sources().getOrDefault(privilege, givers) : givers,
                    effective.denials().getOrDefault(privilege, Set.of()));
        }
    }

    /** A change that an administrator could make. */
    public sealed interface Remedy {
        /** Remove the deny from a role. */
        record StopDenying(String role, Privilege privilege) implements Remedy {}

        /** Allow the privilege in a role. */
        record Allow(String role, Privilege privilege) implements Remedy {}

        /** Grant a role that has all missing privileges to another role. */
        record Grant(String role, String granted) implements Remedy {}
    }

    /** Explains a request with the policy. */
    public static Explanation of(AccessPolicy policy, Api api, String role, String method, String target) {
        Meaning meaning = api.endpoints().find(method, target);
        if (!(meaning instanceof Endpoint endpoint)) {
            return new Explanation(api, method, target, role, meaning, false, List.of(), List.of());
        }
        List<Need> needs = endpoint.requirement() instanceof Requirement.Holds holds
                ? holds.privileges().stream()
                        .map(privilege -> Need.of(policy, role, privilege))
                        .toList()
                : List.of();
        List<Need> missing = missing(needs);
        return new Explanation(
                api,
                method,
                target,
                role,
                meaning,
                missing.isEmpty(),
                needs,
                missing.isEmpty() ? List.of() : remedies(policy, role, missing));
    }

    /** The needed privileges that the role lacks. */
    public List<Need> missing() {
        return missing(needs);
    }

    private static List<Need> missing(List<Need> needs) {
        return needs.stream().filter(need -> !need.held()).toList();
    }

    private static List<Remedy> remedies(AccessPolicy policy, String role, List<Need> missing) {
        List<Remedy> remedies = new ArrayList<>();
        if (policy.role(role).isEmpty()) {
            return remedies;
        }
        boolean changeable = policy.role(role).filter(Role::isChangeable).isPresent();
        for (Need need : missing) {
            need.deniedBy().forEach(denier -> remedies.add(new Remedy.StopDenying(denier, need.privilege())));
            // While a role denies it, nothing else helps; once none does, a role that allows it is enough.
            if (need.givenBy().isEmpty() && changeable) {
                remedies.add(new Remedy.Allow(role, need.privilege()));
            }
        }
        if (missing.stream().allMatch(need -> need.deniedBy().isEmpty())) {
            policy.roles().stream()
                    .filter(other -> missing.stream()
                            .allMatch(need -> policy.effective(other.name()).has(need.privilege())))
                    .filter(other -> !other.name().equals(Role.ACCOUNT_ADMIN))
                    // Granting a role above this one would make a circle.
                    .filter(other -> policy.path(other.name(), role).isEmpty())
                    .sorted(Comparator.<Role>comparingInt(other ->
                                    policy.effective(other.name()).all().size())
                            .thenComparing(Role::name))
                    .limit(MOST_GRANTS)
                    .forEach(other -> remedies.add(new Remedy.Grant(role, other.name())));
        }
        return remedies;
    }
}
