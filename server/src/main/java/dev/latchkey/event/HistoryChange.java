package dev.latchkey.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A discovery that the database's history was replaced by another.
 *
 * @param noticedBy {@code node} for a running node, {@code restore} for the command that restored a backup
 * @param lastSequence the last event known to be in both histories; 0 for none
 * @param lastAt when that event was written
 * @param lost how many events are known to be lost; null when there was no witness to tell
 * @param confirmedAt when an administrator confirmed having seen it
 */
public record HistoryChange(
        String id,
        Instant noticedAt,
        String noticedBy,
        long lastSequence,
        @Nullable Instant lastAt,
        @Nullable Long lost,
        @Nullable Instant confirmedAt,
        @Nullable String confirmedBy) {

    /** Whether a witness told what was lost. */
    public boolean isKnown() {
        return lost != null;
    }
}
