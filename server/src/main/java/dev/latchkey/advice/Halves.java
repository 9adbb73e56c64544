package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Divides the tokens of a role into two groups that need different privileges of it. Tokens that share a privilege that not all of them
 * need are in the same group. What all need, and what nothing is known of, is needed by both groups.
 */
final class Halves {
    private final SortedMap<String, Set<Privilege>> own = new TreeMap<>();

    /**
     * @param stays what the role itself should allow
     * @param needed what the calls of each token needed, by client id
     */
    Halves(SortedSet<Privilege> stays, Map<String, Set<Privilege>> needed) {
        Set<Privilege> common = new HashSet<>(stays);
        needed.values().forEach(common::retainAll);
        needed.forEach((clientId, privileges) -> {
            Set<Privilege> special = new HashSet<>(privileges);
            special.retainAll(stays);
            special.removeAll(common);
            own.put(clientId, special);
        });
    }

    /** The client ids of a group, and what none of its calls needed while those of the other group did. */
    record Group(Set<String> tokens, SortedSet<Privilege> without) {}

    /** Two groups, that with more tokens first; none if the tokens cannot be divided. */
    List<Group> groups() {
        List<Set<String>> parts = parts();
        if (parts.size() < 2) {
            return List.of();
        }
        Set<String> first = parts.getFirst();
        Set<String> others = new HashSet<>();
        parts.subList(1, parts.size()).forEach(others::addAll);
        return List.of(new Group(first, neededBy(others)), new Group(others, neededBy(first)));
    }

    private SortedSet<Privilege> neededBy(Set<String> tokens) {
        SortedSet<Privilege> needed = new TreeSet<>();
        tokens.forEach(token -> needed.addAll(own.getOrDefault(token, Set.of())));
        return needed;
    }

    /** Tokens that share privileges, directly or through others; the most tokens first. Those that need nothing special are left out. */
    private List<Set<String>> parts() {
        Map<Privilege, Set<String>> byPrivilege = new HashMap<>();
        List<Set<String>> parts = new ArrayList<>();
        own.forEach((token, privileges) -> {
            if (privileges.isEmpty()) {
                return;
            }
            Set<String> part = new TreeSet<>(Set.of(token));
            for (Privilege privilege : privileges) {
                Set<String> known = byPrivilege.get(privilege);
                if (known != null && known != part) {
                    part.addAll(known);
                    parts.removeIf(each -> each == known);
                    byPrivilege.replaceAll((any, tokens) -> tokens == known ? part : tokens);
                }
                byPrivilege.put(privilege, part);
            }
            parts.add(part);
        });
        parts.sort(Comparator.<Set<String>>comparingInt(Set::size)
                .reversed()
                .thenComparing(part -> part.iterator().next()));
        return parts;
    }
}
