package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.OfTrial;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Compares what a blueprint wants to try of its roles with their trials on the server. */
final class TrialComparison {
    private final Blueprint blueprint;
    private final ServerState state;
    private final List<String> notes;
    private final Map<String, Optional<Known>> trials = new HashMap<>();

    /** @param notes takes what people should look at */
    TrialComparison(Blueprint blueprint, ServerState state, List<String> notes) {
        this.blueprint = blueprint;
        this.state = state;
        this.notes = notes;
    }

    /** The last trial of a role. */
    private record Known(String state, String reason, SortedSet<Privilege> without) {
        boolean isOpen() {
            return state.equals("running") || state.equals("passed");
        }

        /** Whether it ended without an answer to the question. */
        boolean saysNothing() {
            return state.equals("stopped") && reason.equals("role_edited");
        }
    }

    /** Whether a role of the blueprint says what it is tried without. */
    static boolean isNeeded(Blueprint blueprint) {
        return blueprint.part(Format.ROLES).values().stream()
                .anyMatch(role -> Blueprint.members(role).containsKey(Format.TRY));
    }

    /**
     * What a role that exists does not allow, although the file both allows and tries it. It may have lost that after a trial, and only the
     * last trial is known, so it never gets it back from the file.
     */
    SortedSet<Privilege> lost(Map<String, Object> role, Role before) {
        SortedSet<Privilege> lost = Blueprint.privileges(role.get(Format.TRY));
        lost.removeAll(before.allowed());
        lost.retainAll(Blueprint.privileges(role.get(Format.ALLOW)));
        if (!lost.isEmpty()) {
            notes.add("The role " + before.name() + " does not allow " + names(lost)
                    + ", which is in both allow and try, and does not get it: a trial may have shown that it is not"
                    + " needed. Take it out of both, or out of try to grant it.");
        }
        return lost;
    }

    /**
     * The trials that are to begin.
     *
     * @param after the policy with the roles as the blueprint wants them
     * @param changes of roles, which come first
     */
    List<OfTrial> steps(AccessPolicy after, List<OfRole> changes) {
        Set<String> edited = changes.stream()
                .filter(step -> !step.before().allowed().equals(step.after().allowed())
                        || !step.before().denied().equals(step.after().denied())
                        || !step.before().grantedRoles().equals(step.after().grantedRoles()))
                .map(OfRole::name)
                .collect(Collectors.toSet());
        List<OfTrial> steps = new ArrayList<>();
        blueprint.part(Format.ROLES).forEach((name, role) -> {
            SortedSet<Privilege> wanted =
                    Blueprint.privileges(Blueprint.members(role).get(Format.TRY));
            after.role(name).ifPresent(then -> wanted.retainAll(then.allowed()));
            if (!wanted.isEmpty() && begins(name, wanted, edited)) {
                steps.add(new OfTrial(name, wanted));
            }
        });
        return steps;
    }

    private boolean begins(String name, SortedSet<Privilege> wanted, Set<String> edited) {
        Known known = trial(name).orElse(null);
        if (known == null || known.saysNothing() || (known.isOpen() && edited.contains(name))) {
            return true;
        }
        if (known.without().equals(wanted)) {
            return false;
        }
        if (known.isOpen()) {
            notes.add("The role " + name + " is being tried without " + names(known.without())
                    + ". Another trial can begin when that one has ended.");
            return false;
        }
        return true;
    }

    private Optional<Known> trial(String role) {
        return trials.computeIfAbsent(
                role,
                name -> state.client().find(path(name)).map(reply -> {
                    Map<String, Object> trial = reply.members();
                    SortedSet<Privilege> without = new TreeSet<>();
                    Blueprint.items(trial.get("remove")).forEach(item -> {
                        Map<String, Object> grant = Blueprint.members(item);
                        without.add(new Privilege(
                                String.valueOf(grant.get("api")), String.valueOf(grant.get("privilege"))));
                    });
                    return new Known(String.valueOf(trial.get("state")), String.valueOf(trial.get("reason")), without);
                }));
    }

    private static String names(SortedSet<Privilege> privileges) {
        return String.join(", ", privileges.stream().map(Privilege::toString).toList());
    }

    /** Where the trial of a role is. */
    static String path(String role) {
        return ServerState.rolePath(role) + "/advice/trial";
    }
}
