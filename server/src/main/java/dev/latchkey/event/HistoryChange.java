package dev.latchkey.event;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One time that the database turned out to have another history than before.
 *
 * @param noticedBy {@code node} for a running node that noticed, {@code restore} for the command that restored a backup
 * @param lastSequence the last event that is known to be in both histories; 0 for none
 * @param lastAt when that event was written
 * @param lost how many events are known to be lost; null when no witness told, so that nobody knows
 * @param confirmedAt when an administrator confirmed to have seen it
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
