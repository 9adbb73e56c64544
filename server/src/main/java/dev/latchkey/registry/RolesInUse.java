package dev.latchkey.registry;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Role;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Change;
import dev.latchkey.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/** Which roles tokens and people use, and what a change of roles means for them. */
final class RolesInUse {
    private static final String TOKEN = "token";
    private static final int NAMED_AT_MOST = 5;

    /** A refusal to delete a role says how many tokens use it, up to this many. */
    private static final long COUNTED_AT_MOST = 10_000;

    private final List<RoleUse> uses;

    RolesInUse(List<RoleUse> uses) {
        this.uses = List.copyOf(uses);
    }

    /** How often each role is used; a role that nothing uses is absent. */
    Map<String, RoleUsage> usage(Handle handle, AccessPolicy policy) {
        Map<String, RoleUsage> usage = new TreeMap<>();
        for (RoleUse use : uses) {
            boolean tokens = isOfTokens(use);
            use.counts(handle)
                    .forEach((assigned, count) -> policy.activeRoleSet(assigned).forEach(role -> {
                        boolean direct = assigned.contains(role);
                        usage.merge(
                                role,
                                tokens ? RoleUsage.ofTokens(count, direct) : RoleUsage.ofUsers(count, direct),
                                RoleUsage::plus);
                    }));
        }
        return usage;
    }

    /** How many active API tokens each role is assigned to. */
    Map<String, Long> tokens(Handle handle) {
        Map<String, Long> tokens = new TreeMap<>();
        uses.stream()
                .filter(RolesInUse::isOfTokens)
                .forEach(use -> use.assigned(handle).forEach((role, number) -> tokens.merge(role, number, Long::sum)));
        return tokens;
    }

    /**
     * Deleting a role must not take anything from a program unnoticed.
     *
     * @throws Problem 409 when active tokens use the role, as their own or through a role that it is granted to
     */
    void requireNoTokens(Handle handle, AccessPolicy policy, String role) {
        for (RoleUse use : uses) {
            if (isOfTokens(use)) {
                requireUnused(handle, use, policy, role);
            }
        }
    }

    /** To how many people the role is assigned, as what its deletion takes from them. */
    List<Change> assignments(Handle handle, String role) {
        List<Change> assignments = new ArrayList<>();
        for (RoleUse use : uses) {
            long count = isOfTokens(use) ? 0 : use.count(handle, Set.of(role), COUNTED_AT_MOST);
            if (count > 0) {
                assignments.add(Change.from("assigned to", count + " " + use.kind() + (count == 1 ? "" : "s"), null));
            }
        }
        return assignments;
    }

    /** Ends the open links of people who gain something, and says how many they were. */
    List<Change> endedLinks(Transaction transaction, AccessPolicy before, AccessPolicy after) {
        SortedSet<String> widened = new TreeSet<>();
        for (Role role : after.roles()) {
            if (!after.effective(role.name())
                    .beyond(before.effective(role.name()))
                    .isEmpty()) {
                widened.add(role.name());
            }
        }
        long ended = uses.stream()
                .mapToLong(use -> use.widened(transaction, widened))
                .sum();
        return ended == 0 ? List.of() : List.of(Change.from("open links", Long.toString(ended), null));
    }

    private static boolean isOfTokens(RoleUse use) {
        return use.kind().equals(TOKEN);
    }

    private static void requireUnused(Handle handle, RoleUse tokens, AccessPolicy policy, String role) {
        long direct = tokens.count(handle, Set.of(role), COUNTED_AT_MOST);
        if (direct > 0) {
            throw Problem.conflict(
                            "role_in_use",
                            used(direct) + " the role " + role + ". Revoke " + (direct == 1 ? "it" : "them")
                                    + " first.")
                    .with("tokens", direct)
                    .with("href", "/tokens?status=active&role=" + role);
        }
        SortedSet<String> above = policy.above(role);
        above.remove(role);
        long through = above.isEmpty() ? 0 : tokens.count(handle, above, COUNTED_AT_MOST);
        if (through > 0) {
            List<String> granted = List.copyOf(policy.grantedTo(role));
            throw Problem.conflict(
                            "role_in_use",
                            used(through) + " the role " + role + " through " + named(granted)
                                    + ". Take it out of " + (granted.size() == 1 ? "that role" : "those roles")
                                    + " first.")
                    .with("tokens", through)
                    .with("grantedTo", granted);
        }
    }

    private static String used(long tokens) {
        String number = tokens > COUNTED_AT_MOST ? "More than " + COUNTED_AT_MOST : Long.toString(tokens);
        return number + (tokens == 1 ? " active token uses" : " active tokens use");
    }

    private static String named(List<String> roles) {
        List<String> first = roles.subList(0, Math.min(NAMED_AT_MOST, roles.size()));
        int more = roles.size() - first.size();
        return more > 0
                ? String.join(", ", first) + " and " + more + " more"
                : roles.size() == 1
                        ? roles.getFirst()
                        : String.join(", ", roles.subList(0, roles.size() - 1)) + " and " + roles.getLast();
    }
}
