package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.blueprint.Step.OfApi;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApiFacts;
import dev.latchkey.registry.ApiRules;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.RoleFacts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds an order of steps in which each is possible and nothing is ever open that is open neither before nor after; if it can,
 * one in which nothing is closed for a while either. Each step is tried on a copy of the policy. If no order exists, roles and
 * APIs are narrowed first to what they have before and after.
 */
final class Order {
    private final ApiRules rules;
    private final Bounds bounds;
    private final List<Step> ordered = new ArrayList<>();
    private final Set<Step> open;
    private final Set<OfToken> pending;
    private final AccessPolicy before;
    private final AccessPolicy after;
    private AccessPolicy now;

    private Order(ApiRules rules, AccessPolicy before, AccessPolicy after, List<Step> steps) {
        this.rules = rules;
        this.before = before;
        this.after = after;
        this.now = before;
        List<OfToken> tokens = steps.stream()
                .filter(step -> step instanceof OfToken token && token.verb() == Verb.CHANGE && token.matters())
                .map(OfToken.class::cast)
                .toList();
        this.bounds = new Bounds(before, after, tokens);
        this.pending = new LinkedHashSet<>(tokens);
        this.open = new LinkedHashSet<>(steps);
    }

    /**
     * The steps in order, with those that narrow something for the time between.
     *
     * @return empty when there is no such order
     */
    static Optional<List<Step>> of(ApiRules rules, AccessPolicy before, AccessPolicy after, List<Step> steps) {
        Order order = new Order(rules, before, after, steps);
        return order.find() ? Optional.of(order.ordered) : Optional.empty();
    }

    private boolean find() {
        // New tokens come last, when their roles are what they will be; removed ones first.
        take(step -> step instanceof Step.OfAccount);
        take(step -> step instanceof OfToken && step.verb() == Verb.REMOVE);
        Set<String> narrowed = new TreeSet<>();
        while (open.stream().anyMatch(Order::isOrdered)) {
            Step next = first(step -> bounds.lapsesNothing(applied(now, step)));
            if (next == null) {
                next = first(step -> true);
            }
            if (next != null) {
                open.remove(next);
                perform(next);
                continue;
            }
            Step narrowing = narrowing(narrowed);
            if (narrowing == null) {
                return false;
            }
            narrowed.add(narrowing.subject());
            perform(narrowing);
        }
        take(step -> true);
        return true;
    }

    private static boolean isOrdered(Step step) {
        return step instanceof OfToken token
                ? token.verb() == Verb.CHANGE
                : !(step instanceof Step.OfSecret || step instanceof Step.OfTrial);
    }

    private void take(Predicate<Step> which) {
        List<Step> taken = open.stream().filter(which).toList();
        open.removeAll(taken);
        ordered.addAll(taken);
    }

    private @Nullable Step first(Predicate<Step> also) {
        for (Step step : open) {
            if (isOrdered(step) && isPossible(step) && isRight(step) && also.test(step)) {
                return step;
            }
        }
        return null;
    }

    private void perform(Step step) {
        Step made = fromNow(step);
        now = applied(now, step);
        if (step instanceof OfToken token) {
            pending.remove(token);
        }
        ordered.add(made);
    }

    /** An API that was narrowed is changed from that, not from what it was: the request says what differs. */
    private Step fromNow(Step step) {
        return step instanceof OfApi api && api.verb() == Verb.CHANGE
                ? new OfApi(api.verb(), now.api(api.name()).orElse(api.before()), api.after(), api.changes())
                : step;
    }

    private boolean isRight(Step step) {
        Set<OfToken> still = new LinkedHashSet<>(pending);
        if (step instanceof OfToken token) {
            still.remove(token);
        }
        return bounds.hold(applied(now, step), still);
    }

    /** Whether the server accepts the step in this state. */
    private boolean isPossible(Step step) {
        return switch (step) {
            case OfRole role when role.verb() == Verb.REMOVE -> true;
            case OfRole role ->
                now.roles().stream()
                                .map(Role::name)
                                .toList()
                                .containsAll(role.after().grantedRoles())
                        && privileges(role.after()).stream().allMatch(privilege -> isKnown(now, privilege))
                        && role.after().grantedRoles().stream()
                                .noneMatch(granted -> now.with(role.after())
                                        .path(granted, role.name())
                                        .isPresent());
            case OfApi api when api.verb() == Verb.REMOVE -> true;
            case OfApi api -> {
                try {
                    rules.validated(now.api(api.name()).orElse(api.before()), ApiTerms.of(api.after()), now.apis());
                    yield true;
                } catch (Problem e) {
                    yield false;
                }
            }
            case OfToken token ->
                !(token.body().get("actsFor") instanceof String api)
                        || now.api(api).isPresent();
            case Step.OfAccount account -> true;
            case Step.OfSecret secret -> true;
            case Step.OfTrial trial -> true;
        };
    }

    static boolean isKnown(AccessPolicy policy, Privilege privilege) {
        return privilege.api().equals(ManagementApi.NAME)
                ? ManagementApi.PRIVILEGES.stream()
                        .anyMatch(own -> own.privilege().equals(privilege))
                : policy.api(privilege.api())
                        .filter(api -> api.privileges().containsKey(privilege.name()))
                        .isPresent();
    }

    private static SortedSet<Privilege> privileges(Role role) {
        SortedSet<Privilege> privileges = new TreeSet<>(role.allowed());
        privileges.addAll(role.denied());
        return privileges;
    }

    /** The policy after the step, in which privileges that no API has any longer are in no role. */
    static AccessPolicy applied(AccessPolicy policy, Step step) {
        return switch (step) {
            case OfRole role when role.verb() == Verb.REMOVE -> policy.without(role.name());
            case OfRole role -> policy.with(role.after());
            case OfApi api when api.verb() == Verb.REMOVE -> stripped(policy.withoutApi(api.name()), api.name());
            case OfApi api -> stripped(policy.with(api.after()), api.name());
            case OfToken token -> policy;
            case Step.OfAccount account -> policy;
            case Step.OfSecret secret -> policy;
            case Step.OfTrial trial -> policy;
        };
    }

    private static AccessPolicy stripped(AccessPolicy policy, String api) {
        AccessPolicy stripped = policy;
        for (Role role : policy.roles()) {
            SortedSet<Privilege> gone = privileges(role);
            gone.removeIf(privilege -> !privilege.api().equals(api) || isKnown(policy, privilege));
            if (!gone.isEmpty()) {
                stripped = stripped.with(role.without(gone));
            }
        }
        return stripped;
    }

    /** A step that takes something away until its own step comes; null when none helps. */
    private @Nullable Step narrowing(Set<String> done) {
        for (Step step : open) {
            if (step.verb() == Verb.CHANGE && !done.contains(step.subject())) {
                Step narrow =
                        step instanceof OfRole role ? narrowed(role) : step instanceof OfApi api ? narrowed(api) : null;
                if (narrow != null && isPossible(narrow) && isRight(narrow)) {
                    return narrow;
                }
            }
        }
        return null;
    }

    /**
     * What the role has before and after. What it is denied by roles below it stays denied if the blueprint says what the role
     * denies: only then does a second run repair what an interrupted one left.
     */
    private @Nullable OfRole narrowed(OfRole step) {
        Role old = now.role(step.name()).orElse(step.before());
        SortedSet<Privilege> allowed = new TreeSet<>(old.allowed());
        allowed.retainAll(step.after().allowed());
        SortedSet<Privilege> denied = new TreeSet<>(old.denied());
        denied.addAll(step.after().denied());
        if (step.deniesNamed()) {
            denied.addAll(before.effective(step.name()).denials().keySet());
            denied.addAll(after.effective(step.name()).denials().keySet());
        }
        denied.removeIf(privilege -> !isKnown(now, privilege));
        allowed.removeAll(denied);
        SortedSet<String> granted = new TreeSet<>(old.grantedRoles());
        granted.retainAll(step.after().grantedRoles());
        Role narrow = old.changedTo(new RoleTerms(old.description(), allowed, denied, granted, old.limits()));
        return narrow.terms().equals(old.terms())
                ? null
                : new OfRole(Verb.CHANGE, old, narrow, step.deniesNamed(), RoleFacts.between(old, narrow));
    }

    /** The endpoints that it has before and after; it keeps its privileges, so that roles do as well. */
    private @Nullable OfApi narrowed(OfApi step) {
        Api old = now.api(step.name()).orElse(step.before());
        List<Endpoint> common = new ArrayList<>(old.endpoints().all());
        common.retainAll(step.after().endpoints().all());
        if (!Bounds.place(old).equals(Bounds.place(step.after()))) {
            // The same endpoints at another place take other requests.
            common.clear();
        }
        if (common.size() == old.endpoints().all().size()) {
            return null;
        }
        SortedMap<String, String> privileges = new TreeMap<>(step.after().privileges());
        privileges.putAll(old.privileges());
        Api narrow = new Api(
                old.name(),
                old.description(),
                old.audience(),
                old.hosts(),
                old.basePath(),
                privileges,
                old.scopes(),
                old.keyPlaces(),
                old.assertion(),
                old.limits(),
                new Endpoints(
                        old.basePath(),
                        common,
                        old.endpoints().pathCharacters(),
                        old.endpoints().mcp()),
                old.createdAt(),
                old.createdBy(),
                old.version() + 1);
        return new OfApi(Verb.CHANGE, old, narrow, ApiFacts.between(old, narrow));
    }
}
