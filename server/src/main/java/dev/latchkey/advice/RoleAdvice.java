package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import dev.latchkey.access.RoleTerms;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a role allows, what of it was used, and a tighter role.
 *
 * @param version of the role
 * @param from when the window begins
 * @param privileges everything that the role has in effect or allows, by API and name
 * @param doubts why nothing is proposed, whatever was used; empty when something may be
 * @param terms of the proposed role; those of the current one when nothing is proposed
 * @param halves two groups of tokens for each of which a smaller role would do; empty when there are none
 */
public record RoleAdvice(
        String role,
        long version,
        Window window,
        Instant from,
        List<PrivilegeAdvice> privileges,
        List<Doubt> doubts,
        RoleTerms terms,
        Evidence evidence,
        List<Half> halves) {

    /** What the proposed role lacks. */
    public SortedSet<Privilege> removed() {
        SortedSet<Privilege> removed = new TreeSet<>();
        privileges.stream().filter(PrivilegeAdvice::isToGo).forEach(each -> removed.add(each.privilege()));
        return removed;
    }

    /**
     * Names this advice in a condition: what it proposes, for which version of the role and which window, as a number from 1. How
     * often the privileges that stay were used does not matter to it.
     */
    public long tag() {
        return Tag.of(
                role,
                Long.toString(version),
                Integer.toString(window.days()),
                removed().toString());
    }

    public boolean hasProposal() {
        return !removed().isEmpty();
    }

    /** How many of the privileges have this verdict. */
    public long count(Verdict verdict) {
        return privileges.stream().filter(each -> each.verdict() == verdict).count();
    }
}
