package dev.latchkey.advice;

import dev.latchkey.access.Privilege;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A privilege that a role has, and how it was used by the tokens with the role and with the roles above it.
 *
 * @param own whether the role itself allows it, so that an edit of the role can remove it
 * @param through the roles below it that allow it as well
 * @param calls how many calls in the window needed it
 * @param tokens how many tokens made them
 * @param lastAt the last of all calls that are kept; null for none
 * @param doubts why it is not known whether it was used
 */
public record PrivilegeAdvice(
        Privilege privilege,
        boolean own,
        Set<String> through,
        Verdict verdict,
        long calls,
        int tokens,
        @Nullable Instant lastAt,
        List<Doubt> doubts) {

    /** Whether the proposed role lacks it. */
    public boolean isToGo() {
        return own && verdict == Verdict.NEVER_USED;
    }
}
