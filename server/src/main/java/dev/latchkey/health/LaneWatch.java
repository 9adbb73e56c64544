package dev.latchkey.health;

import dev.latchkey.lane.Lane;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Knows when the lanes of this node refused callers, to the minute: they themselves only count. */
public final class LaneWatch {
    /** After an hour without a refusal, what was refused before is not a reason to do anything. */
    private static final Duration RECENT = Duration.ofHours(1);

    private final Supplier<List<Lane.Figures>> lanes;
    private final Clock clock;
    private final Map<String, Refusals> refusals = new HashMap<>();

    private record Refusals(long number, @Nullable Instant lastSeen) {}

    /**
     * What a lane is doing.
     *
     * @param refusedLately whether it refused someone in the last hour
     */
    public record Watched(Lane.Figures figures, boolean refusedLately) {}

    public LaneWatch(Supplier<List<Lane.Figures>> lanes, Clock clock) {
        this.lanes = lanes;
        this.clock = clock;
    }

    /** Looks at all lanes; called every minute, so that the times of refusals are known to the minute. */
    public synchronized List<Watched> look() {
        Instant now = clock.instant();
        return lanes.get().stream().map(figures -> watched(figures, now)).toList();
    }

    private Watched watched(Lane.Figures figures, Instant now) {
        Refusals before = refusals.getOrDefault(figures.name(), new Refusals(0, null));
        Refusals after = figures.refused() > before.number() ? new Refusals(figures.refused(), now) : before;
        refusals.put(figures.name(), after);
        Instant last = after.lastSeen();
        return new Watched(figures, last != null && last.isAfter(now.minus(RECENT)));
    }
}
