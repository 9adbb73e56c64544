package dev.latchkey.bench.chaos;

import java.util.List;
import java.util.Map;

/**
 * What was found when everything had been healed and had come to rest.
 *
 * @param standing whether each thing counts; what is not there has no entry
 * @param lost what the service itself lists as lost
 * @param verifyStatus the exit status of {@code latchkey audit verify}
 * @param verifyText what it said
 * @param unwell the nodes that do not answer their administrator, and what they say instead
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

    /** A change that the service says it has lost. */
    record LostChange(String operation, String target) {}

    /** The number that is kept of a role's active tokens, and how many the list shows. */
    record Count(String role, long kept, long listed) {}
}
