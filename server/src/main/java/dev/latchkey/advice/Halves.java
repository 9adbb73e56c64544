package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
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
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Divides the tokens of a role into two groups that need different privileges of it. Tokens that share a privilege that not all of them
 * need are in the same group. What all need, and what nothing is known of, is needed by both groups.
 */
final class Halves {
    private final RoleTerms terms;
    private final SortedMap<String, Set<Privilege>> own = new TreeMap<>();

    /**
     * @param terms of the role without what should go
     * @param needed what the calls of each token needed, by client id
     */
    Halves(RoleTerms terms, Map<String, Set<Privilege>> needed) {
        this.terms = terms;
        SortedSet<Privilege> stays = terms.allowed();
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
    private record Group(Set<String> tokens, SortedSet<Privilege> without) {}

    /**
     * Two smaller roles that would be enough, if there are any. A half says only what its role itself allows, so a role that includes
     * others or denies anything is not divided.
     *
     * @param made all calls
     * @param missed which of them a role with other terms would refuse
     * @param certain of which privileges nothing is doubtful
     */
    List<Half> of(
            Subject subject, List<Made> made, Function<RoleTerms, List<Made>> missed, Predicate<Privilege> certain) {
        Role role = subject.role();
        if (!terms.grantedRoles().isEmpty()
                || !terms.denied().isEmpty()
                || subject.holders().stream().anyMatch(holder -> !holder.role().equals(role.name()))) {
            return List.of();
        }
        List<Half> halves = new ArrayList<>();
        for (Group group : groups()) {
            SortedSet<Privilege> without = new TreeSet<>(group.without());
            without.removeIf(certain.negate());
            RoleTerms smaller = terms.without(without);
            List<Holder> tokens = subject.holders().stream()
                    .filter(holder -> !holder.ended() && group.tokens().contains(holder.clientId()))
                    .toList();
            Predicate<Made> ofGroup = call -> group.tokens().contains(call.clientId());
            if (without.isEmpty()
                    || tokens.isEmpty()
                    || missed.apply(smaller).stream().anyMatch(ofGroup)) {
                return List.of();
            }
            long calls = made.stream().filter(ofGroup).mapToLong(Made::calls).sum();
            halves.add(new Half(tokens, smaller.allowed(), without, calls));
        }
        return halves;
    }

    /** Two groups, that with more tokens first; none if the tokens cannot be divided. */
    private List<Group> groups() {
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
