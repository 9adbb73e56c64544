package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Privilege;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.path.PathCharacter;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What may be open while changes are made one after another: for each role only what is open to it before all of them or
 * after all of them. A token whose own terms change has what its role opens before until then, and what it opens after from
 * then on.
 */
final class Bounds {
    private final AccessPolicy before;
    private final AccessPolicy after;
    private final Collection<OfToken> changedTokens;
    private final IdentityHashMap<Api, Map<String, Endpoint>> endpoints = new IdentityHashMap<>();
    private final IdentityHashMap<Api, String> places = new IdentityHashMap<>();

    /** @param changedTokens the changes of tokens that matter */
    Bounds(AccessPolicy before, AccessPolicy after, Collection<OfToken> changedTokens) {
        this.before = before;
        this.after = after;
        this.changedTokens = changedTokens;
    }

    /** Where an endpoint's openness must be found for it to be right. */
    private record Allowance(boolean needsBefore, boolean needsAfter) {
        boolean permits(boolean openBefore, boolean openAfter) {
            return needsBefore || needsAfter
                    ? (!needsBefore || openBefore) && (!needsAfter || openAfter)
                    : openBefore || openAfter;
        }
    }

    /**
     * Whether nothing is open that must not be.
     *
     * @param pending the changes of tokens that are still to come
     */
    boolean hold(AccessPolicy now, Set<OfToken> pending) {
        Map<String, Allowance> allowances = allowances(pending);
        return now.roles().stream().allMatch(role -> {
            String name = role.name();
            return holds(now, name, allowances.getOrDefault(name, new Allowance(false, false)));
        });
    }

    /** Whether everything is open that is open before as well as after. */
    boolean lapsesNothing(AccessPolicy now) {
        return now.roles().stream().allMatch(role -> lapsesNothing(now, role.name()));
    }

    private Map<String, Allowance> allowances(Set<OfToken> pending) {
        Map<String, Allowance> allowances = new HashMap<>();
        changedTokens.forEach(token -> allowances.merge(
                token.role(),
                new Allowance(pending.contains(token), !pending.contains(token)),
                (one, other) -> new Allowance(
                        one.needsBefore() || other.needsBefore(), one.needsAfter() || other.needsAfter())));
        return allowances;
    }

    private boolean holds(AccessPolicy now, String role, Allowance allowance) {
        EffectivePrivileges has = now.effective(role);
        EffectivePrivileges had = before.effective(role);
        EffectivePrivileges willHave = after.effective(role);
        for (Privilege privilege : has.all()) {
            if (!allowance.permits(had.has(privilege), willHave.has(privilege))) {
                return false;
            }
        }
        boolean asBefore = !allowance.needsAfter() && has.all().equals(had.all());
        boolean asAfter = !allowance.needsBefore() && has.all().equals(willHave.all());
        for (Api api : now.apis()) {
            // Most changes leave most APIs and most roles as they are.
            if (asBefore && before.api(api.name()).orElse(null) == api
                    || asAfter && after.api(api.name()).orElse(null) == api) {
                continue;
            }
            for (Endpoint endpoint : api.endpoints().all()) {
                if (endpoint.isOpenTo(has)
                        && !allowance.permits(
                                isOpen(before, api, endpoint, had), isOpen(after, api, endpoint, willHave))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean lapsesNothing(AccessPolicy now, String role) {
        EffectivePrivileges has = now.effective(role);
        EffectivePrivileges had = before.effective(role);
        EffectivePrivileges willHave = after.effective(role);
        Set<Privilege> both = new TreeSet<>(had.all());
        both.retainAll(willHave.all());
        if (!has.all().containsAll(both)) {
            return false;
        }
        return before.apis().stream().allMatch(api -> {
            Api then = after.api(api.name()).orElse(null);
            return then == null
                    || api.endpoints().all().stream()
                            .filter(endpoint -> endpoint.isOpenTo(had) && isOpen(after, api, endpoint, willHave))
                            .allMatch(endpoint -> isOpen(now, api, endpoint, has));
        });
    }

    /** Whether the policy opens an endpoint with the same requests as this one. */
    private boolean isOpen(AccessPolicy policy, Api api, Endpoint endpoint, EffectivePrivileges privileges) {
        Api same = policy.api(api.name()).orElse(null);
        if (same == null || same != api && !placeOf(same).equals(placeOf(api))) {
            return false;
        }
        @Nullable Endpoint other = byName(same).get(endpoint.name());
        return other != null && other.isOpenTo(privileges);
    }

    private String placeOf(Api api) {
        return places.computeIfAbsent(api, Bounds::place);
    }

    private Map<String, Endpoint> byName(Api api) {
        return endpoints.computeIfAbsent(api, one -> {
            Map<String, Endpoint> byName = new HashMap<>();
            one.endpoints().all().forEach(endpoint -> byName.put(endpoint.name(), endpoint));
            return byName;
        });
    }

    /** Where its requests arrive and what they may look like. */
    static String place(Api api) {
        return String.join(
                "|",
                api.audience(),
                String.join(",", api.hosts()),
                api.basePath(),
                Objects.requireNonNullElse(api.endpoints().mcp(), ""),
                String.join("", PathCharacter.spellings(api.endpoints().pathCharacters())),
                api.keyPlaces().text());
    }
}
