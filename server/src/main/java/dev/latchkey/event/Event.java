package dev.latchkey.event;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the append-only log.
 *
 * @param sequence 1, 2, 3, ... without gaps
 * @param requestId the request that made the change, whose log lines have the same id; null when there was none
 */
public record Event(
        long sequence,
        Instant at,
        Actor actor,
        EventType type,
        Target target,
        List<Change> changes,
        @Nullable String requestId) {}
