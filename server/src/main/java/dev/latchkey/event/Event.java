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
        @Nullable String requestId) {
    /**
     * Whether it may concern things of this kind. A newer node may write an event of a kind that this version does not
     * know: such an event may concern anything.
     */
    public boolean mayConcern(TargetKind kind) {
        return target.kind() == kind || isUnknown();
    }

    /** Whether this version does not know what happened, or to what kind of thing. */
    public boolean isUnknown() {
        return type == EventType.OTHER || target.kind() == TargetKind.OTHER;
    }
}
