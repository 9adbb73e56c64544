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
 * What a role allows in the end: everything allowed in its active role set, less everything denied there; and with
 * {@code security:manage} among it, all of Latchkey's own privileges. Immutable.
 */
public final class EffectivePrivileges {
    public static final EffectivePrivileges NONE = new EffectivePrivileges(new TreeMap<>(), Map.of());

    private final SortedMap<Privilege, Set<String>> sources;
    private final Map<Privilege, Set<String>> denials;
    /** The same as the keys of the sources; asked at every call. */
    private final Set<Privilege> held;

    private final @Nullable Set<String> scope;

    /** Made when first asked for: one for each API of which the role holds anything. */
    private final Map<String, Scope> scopes = new ConcurrentHashMap<>();

    /**
     * The names of privileges of one API.
     *
     * @param text all of them in order, as a scope spells them (RFC 6749 section 3.3)
     */
    public record Scope(SortedSet<String> names, String text) {
        static Scope of(SortedSet<String> names) {
            return new Scope(Collections.unmodifiableSortedSet(names), String.join(" ", names));
        }
    }

    /**
     * @param sources each effective privilege with the roles of the active set that give it
     * @param denials each denied privilege with the roles of the active set that deny it
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

    /** Of these only what the scope names too (RFC 6749 section 3.3). */
    public EffectivePrivileges limitedTo(Set<String> scope) {
        return new EffectivePrivileges(sources, denials, held, scope);
    }

    public boolean has(Privilege privilege) {
        return held.contains(privilege) && (scope == null || scope.contains(privilege.name()));
    }

    /** What is held of one API, as a scope. */
    public Scope scope(String api) {
        Scope known = scopes.get(api);
        return known != null ? known : scopes.computeIfAbsent(api, this::scopeOf);
    }

    private Scope scopeOf(String api) {
        SortedSet<String> names = new TreeSet<>();
        for (Privilege privilege : all()) {
            if (privilege.api().equals(api)) {
                names.add(privilege.name());
            }
        }
        return Scope.of(names);
    }

    /** In order. */
    public Set<Privilege> all() {
        return sources().keySet();
    }

    /** Each effective privilege with the roles of the active set that give it. */
    public SortedMap<Privilege, Set<String>> sources() {
        if (scope == null) {
            return sources;
        }
        SortedMap<Privilege, Set<String>> limited = new TreeMap<>(sources);
        limited.keySet().removeIf(privilege -> !has(privilege));
        return limited;
    }

    /** Each denied privilege with the roles of the active set that deny it. */
    public Map<Privilege, Set<String>> denials() {
        return denials;
    }

    /** The privileges here that are not there. */
    public SortedSet<Privilege> beyond(EffectivePrivileges there) {
        SortedSet<Privilege> beyond = new TreeSet<>(all());
        beyond.removeAll(there.all());
        return beyond;
    }
}
