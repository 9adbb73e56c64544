package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.event.Change;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Nearest;
import dev.latchkey.problem.Text;
import dev.latchkey.registry.RoleFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares the roles of a blueprint with those on the server. */
final class RoleComparison {
    private static final String GRANTED_ROLES = "grantedRoles";
    private static final int MAX_DESCRIPTION = 200;

    private final Blueprint blueprint;
    private final ServerState state;
    private final TrialComparison trials;
    private final Faults faults;

    RoleComparison(Blueprint blueprint, ServerState state, TrialComparison trials, Faults faults) {
        this.blueprint = blueprint;
        this.state = state;
        this.trials = trials;
        this.faults = faults;
    }

    /**
     * The steps to what the blueprint says about roles.
     *
     * @param apis the policy with the APIs as the blueprint wants them, and the roles without privileges that are gone then
     */
    List<OfRole> steps(AccessPolicy apis) {
        List<OfRole> steps = new ArrayList<>();
        AccessPolicy after = apis;
        Map<String, Object> wanted = blueprint.part(Format.ROLES);
        for (Map.Entry<String, Object> entry : wanted.entrySet()) {
            String name = entry.getKey();
            Role read = state.freshRole(name).orElse(null);
            Role old = read == null ? null : apis.role(name).orElse(read);
            if (old != null && !old.isChangeable()) {
                faults.add("The role " + name + " is predefined and cannot be changed.", Format.ROLES, name);
                continue;
            }
            Map<String, Object> role = Blueprint.members(entry.getValue());
            Role before = old == null ? new Role(name, RoleTerms.describing(""), Instant.EPOCH, "", 0) : old;
            SortedSet<Privilege> lost = old == null ? new TreeSet<>() : trials.lost(role, before);
            Role changed = before.changedTo(terms(role, before.terms())).without(lost);
            check(name, role, changed, apis);
            after = after.with(changed);
            List<Change> changes = RoleFacts.between(before, changed);
            if (old == null || !changes.isEmpty()) {
                steps.add(new OfRole(
                        old == null ? Verb.CREATE : Verb.CHANGE,
                        before,
                        changed,
                        role.containsKey(Format.DENY),
                        changes));
            }
        }
        checkGrants(after, wanted);
        return steps;
    }

    private static RoleTerms terms(Map<String, Object> role, RoleTerms old) {
        return new RoleTerms(
                role.get(Format.DESCRIPTION) instanceof String text ? text.strip() : old.description(),
                role.containsKey(Format.ALLOW) ? Blueprint.privileges(role.get(Format.ALLOW)) : old.allowed(),
                role.containsKey(Format.DENY) ? Blueprint.privileges(role.get(Format.DENY)) : old.denied(),
                role.containsKey(GRANTED_ROLES) ? names(role.get(GRANTED_ROLES)) : old.grantedRoles(),
                role.containsKey(Format.LIMITS) ? LimitsPart.read(role.get(Format.LIMITS)) : old.limits());
    }

    private static SortedSet<String> names(@Nullable Object items) {
        SortedSet<String> names = new TreeSet<>();
        Blueprint.items(items).forEach(name -> names.add(String.valueOf(name)));
        return names;
    }

    private void check(String name, Map<String, Object> role, Role changed, AccessPolicy apis) {
        Line.error(Format.DESCRIPTION, changed.description(), MAX_DESCRIPTION)
                .ifPresent(error -> faults.add(error.message(), Format.ROLES, name, Format.DESCRIPTION));
        LimitsPart.check(faults, changed.limits(), Format.ROLES, name);
        checkTried(name, role);
        for (String effect : List.of(Format.ALLOW, Format.DENY, Format.TRY)) {
            Blueprint.members(role.get(effect)).forEach((api, privileges) -> {
                List<?> items = Blueprint.items(privileges);
                for (int i = 0; i < items.size(); i++) {
                    Privilege privilege = new Privilege(api, String.valueOf(items.get(i)));
                    if (!Order.isKnown(apis, privilege)) {
                        faults.add(unknown(apis, privilege), Format.ROLES, name, effect, api, i);
                    }
                }
            });
        }
        for (Privilege privilege : changed.denied()) {
            if (changed.allowed().contains(privilege)) {
                faults.add(
                        privilege + " cannot be allowed and denied at once.",
                        Format.ROLES,
                        name,
                        role.containsKey(Format.DENY) ? Format.DENY : Format.ALLOW);
            }
        }
    }

    /** What is not in the file may be gone because it was tried; what the file says the role allows is known. */
    private void checkTried(String name, Map<String, Object> role) {
        SortedSet<Privilege> tried = Blueprint.privileges(role.get(Format.TRY));
        if (role.containsKey(Format.ALLOW)) {
            tried.removeAll(Blueprint.privileges(role.get(Format.ALLOW)));
            if (!tried.isEmpty()) {
                faults.add(
                        "The role does not allow " + tried.first() + ", so it cannot be tried without it.",
                        Format.ROLES,
                        name,
                        Format.TRY);
            }
        }
    }

    private static String unknown(AccessPolicy apis, Privilege privilege) {
        List<String> known = privilege.api().equals(ManagementApi.NAME)
                ? ManagementApi.PRIVILEGES.stream()
                        .map(own -> own.privilege().name())
                        .toList()
                : apis.api(privilege.api())
                        .map(api -> List.copyOf(api.privileges().keySet()))
                        .orElse(List.of());
        if (known.isEmpty() && apis.api(privilege.api()).isEmpty()) {
            return "There is no API " + Text.quote(privilege.api()) + ".";
        }
        return "There is no privilege " + Text.quote(privilege.name()) + " of the API " + privilege.api() + "."
                + Nearest.to(privilege.name(), known)
                        .map(nearest -> " Did you mean " + nearest + "?")
                        .orElse("");
    }

    private void checkGrants(AccessPolicy after, Map<String, Object> wanted) {
        List<String> known = after.roles().stream().map(Role::name).toList();
        wanted.forEach((name, role) -> {
            List<?> granted = Blueprint.items(Blueprint.members(role).get(GRANTED_ROLES));
            for (int i = 0; i < granted.size(); i++) {
                String other = String.valueOf(granted.get(i));
                if (!known.contains(other)) {
                    faults.add(
                            "There is no role " + Text.quote(other) + "."
                                    + Nearest.to(other, known)
                                            .map(nearest -> " Did you mean " + nearest + "?")
                                            .orElse(""),
                            Format.ROLES,
                            name,
                            GRANTED_ROLES,
                            i);
                } else {
                    int at = i;
                    after.path(other, name)
                            .ifPresent(path -> faults.add(
                                    "Roles cannot be granted in a circle: " + name + " -> " + String.join(" -> ", path)
                                            + ".",
                                    Format.ROLES,
                                    name,
                                    GRANTED_ROLES,
                                    at));
                }
            }
        });
    }
}
