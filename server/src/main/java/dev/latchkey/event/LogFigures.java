package dev.latchkey.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a node has read the log, and whether it can be trusted.
 *
 * @param sequence the last event that was passed on to the followers
 * @param age how long ago everything had been read
 * @param behind how many followers have yet to see events that others have seen
 * @param current whether the log is {@linkplain EventLog#isCurrent current}
 * @param historyChanges how often this node found another history in the database
 * @param witnessed the last event of the witness; null when there is no witness
 * @param witnessFailures how often the witness could not be written
 */
public record LogFigures(
        long sequence,
        Duration age,
        long behind,
        boolean current,
        long historyChanges,
        @Nullable Long witnessed,
        long witnessFailures) {}
