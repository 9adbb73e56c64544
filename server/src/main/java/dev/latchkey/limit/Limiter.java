package dev.latchkey.limit;

import dev.latchkey.limit.Count.Moment;
import dev.latchkey.lane.Seldom;
import dev.latchkey.lane.Timetable;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes calls out of the limits that apply to them: out of all of them, or out of none. It is on the path of every call, so it
 * neither waits nor writes. Where nothing is limited, it does nothing.
 */
public final class Limiter {
    private static final Logger log = LoggerFactory.getLogger(Limiter.class);

    /**
     * More than a node can be asked about before what is whole again is forgotten. Beyond it, calls that would need another count are
     * refused.
     */
    static final int MOST_COUNTS = 250_000;

    private static final Duration TIDIED = Duration.ofSeconds(5);

    /** The longest periods first: what they refuse stays refused for longer. */
    private static final List<Measure> OF_CALLS = List.of(Measure.MONTH, Measure.DAY, Measure.SECOND);

    private static final List<Measure> OF_ACCESS_TOKENS = List.of(Measure.ACCESS_TOKENS);

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Map<Key, Count> counts = new ConcurrentHashMap<>();
    private final Seldom warning = new Seldom();

    private record Key(Whose whose, String id, Measure measure) {}

    /** What was taken so far, to be given back when another limit refuses. */
    private record Held(Limited limited, Measure measure, Count count) {}

    public Limiter(Clock clock) {
        this(clock, System::nanoTime);
    }

    /** @param nanoTime the time of rates, as {@link System#nanoTime} gives it: setting the clock must not open or close them */
    Limiter(Clock clock, LongSupplier nanoTime) {
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Forgets every few seconds what is whole again. */
    public void addTo(Timetable timetable) {
        timetable.every(TIDIED, "limits", this::tidy, "What is counted for limits cannot be tidied");
    }

    /** Takes a call out of everyone's limits. */
    public Taken call(List<Limited> all) {
        return all.isEmpty() ? Taken.UNLIMITED : take(all, OF_CALLS);
    }

    /** Takes an access token that is about to be issued out of everyone's limits. */
    public Taken issue(List<Limited> all) {
        return all.isEmpty() ? Taken.UNLIMITED : take(all, OF_ACCESS_TOKENS);
    }

    private Taken take(List<Limited> all, List<Measure> measures) {
        Moment now = new Moment(nanoTime.getAsLong(), clock.millis());
        List<Held> held = new ArrayList<>(all.size() + 1);
        for (Measure measure : measures) {
            for (Limited limited : all) {
                if (limited.limits().of(measure) == null) {
                    continue;
                }
                Count count = count(limited, measure, now);
                long wait = count == null ? TIDIED.toNanos() : count.take(limited.limits(), now);
                if (wait > 0) {
                    held.forEach(each -> each.count().giveBack(each.limited().limits(), now));
                    return beyond(limited, measure, count, now, wait);
                }
                held.add(new Held(limited, measure, count));
            }
        }
        List<Standing> own = new ArrayList<>(held.size());
        for (Held each : held) {
            if (!each.limited().whose().isShared()) {
                own.add(each.count()
                        .standing(policy(each.limited(), each.measure()), each.limited().limits(), now));
            }
        }
        return own.isEmpty() ? Taken.UNLIMITED : new Taken.Within(own);
    }

    private static Taken.Beyond beyond(Limited limited, Measure measure, @Nullable Count count, Moment now, long wait) {
        long seconds = Math.max(1, Math.ceilDiv(wait, Duration.ofSeconds(1).toNanos()));
        Count shown = count == null ? created(measure, now) : count;
        Standing known = shown.standing(policy(limited, measure), limited.limits(), now);
        // Nothing is left for this call, whatever a fraction of a second gives back.
        Standing none = new Standing(known.policy(), known.quota(), known.window(), 0, seconds);
        return new Taken.Beyond(limited, measure, none, seconds);
    }

    /** The name of a limit for programs, such as {@code token-per-day}. */
    private static String policy(Limited limited, Measure measure) {
        return limited.whose().text() + "-" + measure.text();
    }

    /** Null when there are too many. */
    private @Nullable Count count(Limited limited, Measure measure, Moment now) {
        Key key = new Key(limited.whose(), limited.id(), measure);
        Count known = counts.get(key);
        if (known != null) {
            return known;
        }
        if (counts.size() >= MOST_COUNTS) {
            if (warning.isDue()) {
                log.warn("{} limits are being counted. Calls that would need another one are refused", MOST_COUNTS);
            }
            return null;
        }
        return counts.computeIfAbsent(key, any -> created(measure, now));
    }

    private static Count created(Measure measure, Moment now) {
        return measure.isQuota() ? new Quota(measure, now) : new Rate(now);
    }

    private void tidy() {
        Moment now = new Moment(nanoTime.getAsLong(), clock.millis());
        counts.values().removeIf(count -> count.isWhole(now));
    }

    /** How many limits are being counted, for monitoring. */
    public long counted() {
        return counts.size();
    }
}
