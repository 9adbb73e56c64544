package dev.latchkey.access;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a role allows in the end: everything allowed in its active role set, less everything denied there; and with
 * {@code security:manage} among it, all of Latchkey's own privileges.
 *
 * @param sources each effective privilege with the roles of the active set that give it
 * @param denials each denied privilege with the roles of the active set that deny it
 */
public record EffectivePrivileges(SortedMap<Privilege, Set<String>> sources, Map<Privilege, Set<String>> denials) {
    public static final EffectivePrivileges NONE = new EffectivePrivileges(new TreeMap<>(), Map.of());

    public boolean has(Privilege privilege) {
        return sources.containsKey(privilege);
    }

    public Set<Privilege> all() {
        return sources.keySet();
    }

    /** The privileges here that are not there. */
    public SortedSet<Privilege> beyond(EffectivePrivileges there) {
        SortedSet<Privilege> beyond = new TreeSet<>(all());
        beyond.removeAll(there.all());
        return beyond;
    }
}
