package dev.latchkey.access;

import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a role allows in effect: everything allowed in its active role set except what is denied there; and, with
 * {@code security:manage} among it, all of Latchkey's own privileges. Immutable.
 */
public final class EffectivePrivileges {
    public static final EffectivePrivileges NONE = new EffectivePrivileges(new TreeMap<>(), Map.of());

    private final SortedMap<Privilege, Set<String>> sources;
    private final Map<Privilege, Set<String>> denials;
    /** The keys of the sources; read on every call. */
    private final Set<Privilege> held;

    private final @Nullable Set<String> scope;

    /** Created on first use, one for each API on which the role holds privileges. */
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();

    /**
     * The names of privileges of one API.
     *
     * @param text the names in order, joined as in a scope (RFC 6749 section 3.3)
     */
    public record Scope(SortedSet<String> names, String text) {
        /** A role may hold thousands of privileges, and header fields have limits. */
        private static final int LONGEST_IN_FIELDS = 1_000;

        static Scope of(SortedSet<String> names) {
            return new Scope(Collections.unmodifiableSortedSet(names), String.join(" ", names));
        }

        /** Whether it is short enough to be sent with each call without being asked for. */
        public boolean isShort() {
            return text.length() <= LONGEST_IN_FIELDS;
        }
    }

    /**
     * @param sources each effective privilege with the roles of the active role set that allow it
     * @param denials each denied privilege with the roles of the active role set that deny it
     */
    public EffectivePrivileges(SortedMap<Privilege, Set<String>> sources, Map<Privilege, Set<String>> denials) {
        this(sources, denials, new HashSet<>(sources.keySet()), null);
    }

    private EffectivePrivileges(
            SortedMap<Privilege, Set<String>> sources,
            Map<Privilege, Set<String>> denials,
            Set<Privilege> held,
            @Nullable Set<String> scope) {
        this.sources = Collections.unmodifiableSortedMap(sources);
        this.denials = denials;
        this.held = held;
        this.scope = scope;
    }

    /** Only the privileges that the scope names as well (RFC 6749 section 3.3). */
    public EffectivePrivileges limitedTo(Set<String> scope) {
        return new EffectivePrivileges(sources, denials, held, scope);
    }

    public boolean has(Privilege privilege) {
        return held.contains(privilege) && (scope == null || scope.contains(privilege.name()));
    }

    /** Whether the role has the privilege and the scope does not. */
    boolean withholds(Privilege privilege) {
        return held.contains(privilege) && scope != null && !scope.contains(privilege.name());
    }

    /** The privileges held on one API, as a scope. */
    public Scope scope(String api) {
        Scope known = scopes.get(api);
        return known != null ? known : scopes.computeIfAbsent(api, this::scopeOf);
    }

    private Scope scopeOf(String api) {
        SortedSet<String> names = new TreeSet<>();
        if (scope != null) {
            // A limited access token's, which is new for each call.
            for (String name : scope) {
                if (held.contains(new Privilege(api, name))) {
                    names.add(name);
                }
            }
            return Scope.of(names);
        }
        for (Privilege privilege : all()) {
            if (privilege.api().equals(api)) {
                names.add(privilege.name());
            }
        }
        return Scope.of(names);
    }

    /** All of them, in order. */
    public Set<Privilege> all() {
        return sources().keySet();
    }

    /** Each effective privilege with the roles of the active role set that allow it. */
    public SortedMap<Privilege, Set<String>> sources() {
        if (scope == null) {
            return sources;
        }
        SortedMap<Privilege, Set<String>> limited = new TreeMap<>(sources);
        limited.keySet().removeIf(privilege -> !has(privilege));
        return limited;
    }

    /** Each denied privilege with the roles of the active role set that deny it. */
    public Map<Privilege, Set<String>> denials() {
        return denials;
    }

    /** The privileges here that the others lack. */
    public SortedSet<Privilege> beyond(EffectivePrivileges others) {
        SortedSet<Privilege> beyond = new TreeSet<>(all());
        beyond.removeAll(others.all());
        return beyond;
    }
}
