package dev.latchkey.access;

import dev.latchkey.path.DoubtfulPathException;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.RequestPath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All roles of the account with their effective privileges, and all registered APIs: an immutable value, replaced as a
 * whole, that answers "may this role call this endpoint?".
 *
 * <p>A role's active role set is the role, all roles below it, and {@code public}. A privilege is effective when a role of
 * the set allows it and none denies it. An effective {@code security:manage} includes all of Latchkey's own privileges,
 * whatever is denied: its holder can change every role anyway, and no edit of {@code public} may lock the administrators
 * out.
 */
public final class AccessPolicy {
    private static final Set<PathCharacter> EVERY_CHARACTER = EnumSet.allOf(PathCharacter.class);

    private final SortedMap<String, Role> roles;
    private final SortedMap<String, Api> apis;
    private final Map<String, Api> byAudience = new HashMap<>();
    private final Map<String, SortedSet<String>> grantedTo = new HashMap<>();

    /** Computed on first use: checking a change looks at few roles. */
    private final Map<String, EffectivePrivileges> effective = new ConcurrentHashMap<>();

    public AccessPolicy(Collection<Role> roles, Collection<Api> apis) {
        this.roles = new TreeMap<>();
        this.apis = new TreeMap<>();
        roles.forEach(role -> this.roles.put(role.name(), role));
        for (Role role : roles) {
            role.grantedRoles()
                    .forEach(granted -> grantedTo
                            .computeIfAbsent(granted, unused -> new TreeSet<>())
                            .add(role.name()));
        }
        for (Api api : apis) {
            this.apis.put(api.name(), api);
            byAudience.put(api.audience(), api);
        }
        // An exact audience comes first: two APIs may predate the rule that a final slash makes no other audience.
        for (Api api : apis) {
            byAudience.putIfAbsent(Resource.plain(api.audience()), api);
        }
    }

    /** The registered APIs by name, without Latchkey's own. */
    public Collection<Api> apis() {
        return apis.values();
    }

    public Optional<Api> api(String name) {
        return Optional.ofNullable(apis.get(name));
    }

    /** The registered API that access tokens with this audience are for. */
    public Optional<Api> apiFor(String audience) {
        Api exact = byAudience.get(audience);
        return Optional.ofNullable(exact == null ? byAudience.get(Resource.plain(audience)) : exact);
    }

    /**
     * The API that a request is for when the gateway does not name one: of the APIs at its host, the one with the longest
     * base path that the request's path begins with. Letter case is ignored, so that {@code /V1/x} is not taken for a path
     * of the API without a base path; the API at {@code /v1} then refuses it.
     *
     * @param host {@linkplain Api#plainHost plain}
     */
    public Optional<Api> apiAt(String host, String target) {
        String path = read(RequestPath.ofTarget(target));
        return apis.values().stream()
                .filter(api -> !api.hosts().isEmpty() && api.isAt(host))
                .filter(api -> isBelow(path, api.basePath()))
                .max(Comparator.comparingInt(api -> api.basePath().length()));
    }

    /**
     * The path as the endpoints read it: an encoded base path would otherwise lead to another API. A path that cannot be
     * decoded stays as it is, and the API that it falls to refuses it.
     */
    private static String read(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        try {
            return RequestPath.decode(path, EVERY_CHARACTER);
        } catch (DoubtfulPathException e) {
            return path;
        }
    }

    private static boolean isBelow(String path, String basePath) {
        int length = basePath.length();
        return path.regionMatches(true, 0, basePath, 0, length)
                && (path.length() == length || path.charAt(length) == '/');
    }

    public Collection<Role> roles() {
        return roles.values();
    }

    public Optional<Role> role(String name) {
        return Optional.ofNullable(roles.get(name));
    }

    /** The role's effective privileges; none for a role that does not exist. */
    public EffectivePrivileges effective(String role) {
        EffectivePrivileges known = effective.get(role);
        if (known != null) {
            return known;
        }
        return roles.containsKey(role) ? effective.computeIfAbsent(role, this::compute) : EffectivePrivileges.NONE;
    }

    /** The roles of the role's active role set that allow the privilege themselves, whether or not another denies it. */
    public Set<String> allowing(String role, Privilege privilege) {
        Set<String> allowing = new TreeSet<>();
        for (String member : activeRoleSet(role)) {
            if (role(member)
                    .filter(known -> known.allowed().contains(privilege))
                    .isPresent()) {
                allowing.add(member);
            }
        }
        return allowing;
    }

    /** The roles that the role is directly granted to. */
    public SortedSet<String> grantedTo(String role) {
        return grantedTo.getOrDefault(role, new TreeSet<>());
    }

    /** The role and all roles that have what it has: those above it, or every role when one of them is {@code public}. */
    public SortedSet<String> above(String role) {
        SortedSet<String> above = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(role));
        while (!open.isEmpty()) {
            String next = open.remove();
            if (above.add(next)) {
                open.addAll(grantedTo(next));
            }
        }
        if (above.contains(Role.PUBLIC)) {
            above.addAll(roles.keySet());
        }
        return above;
    }

    /** Whether the role holds {@code security:manage} in effect, and with it all of Latchkey's own privileges. */
    public boolean isPowerful(String role) {
        return effective(role).has(ManagementApi.SECURITY_MANAGE);
    }

    /** A chain of grants from one role down to another, both included. */
    public Optional<List<String>> path(String from, String to) {
        Map<String, String> above = new HashMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(from));
        Set<String> seen = new TreeSet<>(Set.of(from));
        while (!open.isEmpty()) {
            String role = open.remove();
            if (role.equals(to)) {
                List<String> path = new ArrayList<>();
                for (String step = to; step != null; step = above.get(step)) {
                    path.addFirst(step);
                }
                return Optional.of(path);
            }
            for (String granted : grantedRoles(role)) {
                if (seen.add(granted)) {
                    above.put(granted, role);
                    open.add(granted);
                }
            }
        }
        return Optional.empty();
    }

    /** The policy with this role, which replaces one of the same name. */
    public AccessPolicy with(Role role) {
        Map<String, Role> changed = new LinkedHashMap<>(roles);
        changed.put(role.name(), role);
        return new AccessPolicy(changed.values(), apis.values());
    }

    /** The policy without the role, which is then granted to no other. */
    public AccessPolicy without(String name) {
        List<Role> rest = new ArrayList<>();
        for (Role role : roles.values()) {
            if (!role.name().equals(name)) {
                rest.add(role.with(role.terms().notGranting(name)));
            }
        }
        return new AccessPolicy(rest, apis.values());
    }

    /** The policy without the API; privileges on it then open nothing. */
    public AccessPolicy withoutApi(String name) {
        Map<String, Api> rest = new LinkedHashMap<>(apis);
        rest.remove(name);
        return new AccessPolicy(roles.values(), rest.values());
    }

    /** The policy with this API, which replaces one of the same name. */
    public AccessPolicy with(Api api) {
        Map<String, Api> changed = new LinkedHashMap<>(apis);
        changed.put(api.name(), api);
        return new AccessPolicy(roles.values(), changed.values());
    }

    private SortedSet<String> grantedRoles(String name) {
        Role role = roles.get(name);
        return role == null ? new TreeSet<>() : role.grantedRoles();
    }

    private Set<String> activeRoleSet(String name) {
        return activeRoleSet(Set.of(name));
    }

    /** The active role set of a caller with these roles: the roles, all roles below them, and {@code public}. */
    public Set<String> activeRoleSet(Collection<String> assigned) {
        Set<String> active = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(assigned);
        open.add(Role.PUBLIC);
        while (!open.isEmpty()) {
            String role = open.remove();
            if (roles.containsKey(role) && active.add(role)) {
                open.addAll(grantedRoles(role));
            }
        }
        return active;
    }

    private EffectivePrivileges compute(String name) {
        SortedMap<Privilege, Set<String>> sources = new TreeMap<>();
        Map<Privilege, Set<String>> denials = new TreeMap<>();
        for (String member : activeRoleSet(name)) {
            Role role = roles.get(member);
            if (role != null) {
                role.allowed().forEach(privilege -> add(sources, privilege, member));
                role.denied().forEach(privilege -> add(denials, privilege, member));
            }
        }
        sources.keySet().removeAll(denials.keySet());
        Set<String> managers = sources.get(ManagementApi.SECURITY_MANAGE);
        if (managers != null) {
            for (ManagementApi.Described described : ManagementApi.PRIVILEGES) {
                managers.forEach(manager -> add(sources, described.privilege(), manager));
                denials.remove(described.privilege());
            }
        }
        return new EffectivePrivileges(sources, denials);
    }

    private static void add(Map<Privilege, Set<String>> to, Privilege privilege, String role) {
        to.computeIfAbsent(privilege, unused -> new TreeSet<>()).add(role);
    }
}
