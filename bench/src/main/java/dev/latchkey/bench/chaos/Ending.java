package dev.latchkey.bench.chaos;

import java.util.List;
import java.util.Map;

/**
 * The state after everything was repaired and had settled.
 *
 * @param standing whether each thing is valid; a missing one has no entry
 * @param lost the changes that the service itself lists as lost
 * @param verifyStatus the exit status of {@code latchkey audit verify}
 * @param verifyText what it said
 * @param unwell the nodes that do not answer their administrator, and their responses
 */
record Ending(
        Map<Thing, Boolean> standing,
        List<LostChange> lost,
        int verifyStatus,
        String verifyText,
        List<Count> counts,
        List<String> unwell) {
    Ending {
        standing = Map.copyOf(standing);
        lost = List.copyOf(lost);
        counts = List.copyOf(counts);
        unwell = List.copyOf(unwell);
    }

    /** A change that the service reports as lost. */
    record LostChange(String operation, String target) {}

    /** The stored number of a role's active tokens, and the number in the list. */
    record Count(String role, long kept, long listed) {}
}
