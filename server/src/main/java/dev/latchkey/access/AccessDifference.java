package dev.latchkey.access;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a change of roles or APIs opens and closes, role by role.
 *
 * @param roles the roles that the change affects, by name
 */
public record AccessDifference(List<OfRole> roles) {

    /**
     * What changes for one role.
     *
     * @param opened endpoints that a token with the role may call after the change but not before
     * @param closed endpoints that it may call before the change but not after
     * @param tokens how many active API tokens have the role
     */
    public record OfRole(String role, List<Opening> opened, List<Opening> closed, long tokens) {}

    /** An endpoint of an API. */
    public record Opening(String api, String method, String path) {}

    /** How many active API tokens the change affects. */
    public long tokens() {
        return roles.stream().mapToLong(OfRole::tokens).sum();
    }

    public boolean isEmpty() {
        return roles.isEmpty();
    }

    /**
     * Compares two policies.
     *
     * @param more APIs that are in neither policy, such as Latchkey's own
     * @param tokens how many active API tokens each role has
     */
    public static AccessDifference between(
            AccessPolicy before, AccessPolicy after, Collection<Api> more, Map<String, Long> tokens) {
        List<OfRole> touched = new ArrayList<>();
        Map<String, Role> names = new TreeMap<>();
        before.roles().forEach(role -> names.put(role.name(), role));
        after.roles().forEach(role -> names.put(role.name(), role));
        Map<Opening, Endpoint> old = endpoints(before, more);
        Map<Opening, Endpoint> now = endpoints(after, more);
        boolean sameEndpoints = old.equals(now);
        for (String role : names.keySet()) {
            EffectivePrivileges had = before.effective(role);
            EffectivePrivileges has = after.effective(role);
            if (sameEndpoints && had.all().equals(has.all())) {
                // Most changes to a role leave most other roles as they are.
                continue;
            }
            List<Opening> opened = beyond(now, has, old, had);
            List<Opening> closed = beyond(old, had, now, has);
            if (!opened.isEmpty() || !closed.isEmpty()) {
                touched.add(new OfRole(role, opened, closed, tokens.getOrDefault(role, 0L)));
            }
        }
        return new AccessDifference(List.copyOf(touched));
    }

    private static Map<Opening, Endpoint> endpoints(AccessPolicy policy, Collection<Api> more) {
        Map<Opening, Endpoint> all = new HashMap<>();
        Stream.concat(more.stream(), policy.apis().stream())
                .forEach(api -> api.endpoints()
                        .all()
                        .forEach(endpoint ->
                                all.put(new Opening(api.name(), endpoint.method(), endpoint.path()), endpoint)));
        return all;
    }

    /** What the first endpoints and privileges open and the second do not. */
    private static List<Opening> beyond(
            Map<Opening, Endpoint> here,
            EffectivePrivileges privileges,
            Map<Opening, Endpoint> there,
            EffectivePrivileges otherPrivileges) {
        return here.entrySet().stream()
                .filter(entry -> entry.getValue().isOpenTo(privileges))
                .filter(entry -> {
                    Endpoint other = there.get(entry.getKey());
                    return other == null || !other.isOpenTo(otherPrivileges);
                })
                .map(Map.Entry::getKey)
                .sorted(Comparator.comparing(Opening::api)
                        .thenComparing(Opening::path)
                        .thenComparing(Opening::method))
                .toList();
    }
}
