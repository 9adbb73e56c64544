package dev.latchkey.access;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a role allows in the end: everything allowed in its active role set, less everything denied there; and with
 * {@code security:manage} among it, all of Latchkey's own privileges.
 *
 * @param sources each effective privilege with the roles of the active set that it comes from, by name
 */
public record EffectivePrivileges(SortedMap<Privilege, Set<String>> sources) {
    public static final EffectivePrivileges NONE = new EffectivePrivileges(new TreeMap<>(Map.of()));

    public boolean has(Privilege privilege) {
        return sources.containsKey(privilege);
    }

    public Set<Privilege> all() {
        return sources.keySet();
    }

    public boolean covers(EffectivePrivileges other) {
        return sources.keySet().containsAll(other.all());
    }
}
