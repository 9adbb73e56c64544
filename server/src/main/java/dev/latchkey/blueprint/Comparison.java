package dev.latchkey.blueprint;

import dev.latchkey.access.AccessDifference;
import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.blueprint.Step.OfAccount;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient.Reply;
import dev.latchkey.event.Change;
import dev.latchkey.registry.ApiRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares a blueprint with what there is on the server. Nothing is changed. */
final class Comparison {
    static final String ACCOUNT_PATH = "/account";

    private final Blueprint blueprint;
    private final ServerState state;
    private final String issuer;
    private final Faults faults;

    Comparison(Blueprint blueprint, ServerState state, String issuer) {
        this.blueprint = blueprint;
        this.state = state;
        this.issuer = issuer;
        this.faults = new Faults(blueprint);
    }

    /** The privileges that comparing needs. */
    static Set<String> needs(Blueprint blueprint, boolean prune) {
        Set<String> needs = new TreeSet<>(Set.of("roles:read", "apis:read"));
        if (blueprint.root().containsKey(Format.TOKENS) || prune || TrialComparison.isNeeded(blueprint)) {
            needs.add("tokens:read");
        }
        if (ApiComparison.importsAny(blueprint)) {
            needs.add("apis:manage");
        }
        if (prune) {
            needs.add("audit:read");
        }
        return needs;
    }

    /**
     * The difference.
     *
     * @param folder where the paths of OpenAPI documents begin
     * @param mark what marks the things that the blueprint made and no longer names, to remove them; null to leave them
     * @param secrets where new secrets go
     * @throws UnusableBlueprintException with everything that is wrong with the blueprint's values
     */
    Plan plan(Path folder, @Nullable String mark, SecretDelivery secrets) {
        List<String> notes = new ArrayList<>();
        ApiRules rules = new ApiRules(issuer + ManagementApi.BASE_PATH);
        List<Step> steps = new ArrayList<>(account());
        List<Step> apis = new ArrayList<>(new ApiComparison(blueprint, state, rules, folder, faults, notes).steps());
        AccessPolicy withApis = applied(state.policy(), apis);
        TrialComparison trials = new TrialComparison(blueprint, state, notes);
        List<OfRole> roles = new RoleComparison(blueprint, state, trials, faults).steps(withApis);
        TokenComparison tokens = new TokenComparison(blueprint, state, issuer, secrets, faults);
        TokenComparison.Result compared = tokens.compared(
                applied(withApis, roles).roles().stream().map(Role::name).collect(Collectors.toSet()));
        faults.throwIfAny();
        List<Step> removals =
                mark == null ? List.of() : new Leftovers(state, blueprint, mark).steps(tokens, compared.named());
        steps.addAll(apis);
        steps.addAll(roles);
        steps.addAll(compared.steps());
        steps.addAll(removals);
        steps.addAll(trials.steps(applied(withApis, roles), roles));
        // Only now, because every part was read again together with its version.
        AccessPolicy before = state.policy();
        AccessPolicy after = applied(before, steps);
        List<Step> ordered = Order.of(rules, before, after, steps)
                .orElseThrow(() -> FailedCallException.refused(
                        "There is no order of these changes in which nothing is open in between that is open neither"
                                + " before nor after. Nothing has changed. Apply a part of them first."));
        return new Plan(
                steps,
                ordered,
                AccessDifference.between(before, after, List.of(), state.tokensOfRoles()),
                beyond(after, before),
                beyond(before, after),
                state.tokensOfRoles(),
                notes,
                versions(steps));
    }

    private static AccessPolicy applied(AccessPolicy policy, List<? extends Step> steps) {
        AccessPolicy after = policy;
        for (Step step : steps) {
            after = Order.applied(after, step);
        }
        return after;
    }

    private static SortedMap<String, SortedSet<Privilege>> beyond(AccessPolicy one, AccessPolicy other) {
        SortedMap<String, SortedSet<Privilege>> beyond = new TreeMap<>();
        one.roles().forEach(role -> {
            SortedSet<Privilege> more = one.effective(role.name()).beyond(other.effective(role.name()));
            more.removeIf(privilege -> !privilege.api().equals(ManagementApi.NAME));
            if (!more.isEmpty()) {
                beyond.put(role.name(), more);
            }
        });
        return beyond;
    }

    private String versions(List<Step> steps) {
        return steps.stream()
                .map(step -> switch (step) {
                    case OfAccount account -> state.version(ACCOUNT_PATH);
                    case Step.OfSecret secret -> secret.clientId();
                    case OfRole role -> state.version(ServerState.rolePath(role.name()));
                    case Step.OfTrial trial -> state.version(ServerState.rolePath(trial.role()));
                    case Step.OfApi api -> state.version(ServerState.apiPath(api.name()));
                    case Step.OfToken token -> state.version(ServerState.tokenPath(token.clientId()));
                })
                .collect(Collectors.joining(" "));
    }

    private List<Step> account() {
        Map<String, @Nullable Object> wanted = blueprint.part(Format.ACCOUNT);
        if (wanted.isEmpty()) {
            return List.of();
        }
        Reply reply = state.client().get(ACCOUNT_PATH);
        state.note(ACCOUNT_PATH, reply);
        Map<String, Object> account = reply.members();
        LimitsPart.check(faults, LimitsPart.read(wanted.get(Format.LIMITS)), Format.ACCOUNT);
        List<Change> changes = new ArrayList<>();
        wanted.forEach((name, value) -> {
            Object current = account.get(name);
            Object plain = value instanceof String text ? text.strip() : value;
            if (!Objects.equals(current, plain)) {
                changes.add(Change.from(name, text(name, current), text(name, plain)));
            }
        });
        return changes.isEmpty() ? List.of() : List.of(new OfAccount(wanted, changes));
    }

    private static @Nullable String text(String name, @Nullable Object value) {
        return value == null
                ? null
                : name.equals(Format.LIMITS) ? LimitsPart.read(value).text() : value.toString();
    }

    /** The privileges that making the changes needs. */
    static Set<String> needsToApply(Plan plan) {
        Set<String> needs = new TreeSet<>();
        plan.steps()
                .forEach(step -> needs.add(
                        switch (step) {
                            case OfAccount account -> "account:manage";
                            case Step.OfSecret secret -> "tokens:create";
                            case OfRole role -> "roles:manage";
                            case Step.OfTrial trial -> "roles:manage";
                            case Step.OfApi api -> "apis:manage";
                            case Step.OfToken token -> token.verb() == Verb.REMOVE ? "tokens:revoke" : "tokens:create";
                        }));
        // A token that acts for an API sees who calls it; and a secret that reached no one is removed.
        plan.steps().forEach(step -> {
            if (step instanceof Step.OfToken token && token.body().get("actsFor") != null) {
                needs.add("apis:manage");
            }
            if (step instanceof Step.OfSecret) {
                needs.add("tokens:revoke");
            }
        });
        return needs;
    }
}
