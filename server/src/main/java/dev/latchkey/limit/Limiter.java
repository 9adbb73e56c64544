package dev.latchkey.limit;

import dev.latchkey.database.Database;
import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
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

    /** The longest periods first: what they refuse stays refused for longer. */
    private static final List<Measure> OF_CALLS = List.of(Measure.MONTH, Measure.DAY, Measure.SECOND);

    private static final List<Measure> OF_ACCESS_TOKENS = List.of(Measure.ACCESS_TOKENS);

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** When the database has failed to answer for this long, this node continues alone. */
    private static final long CUT_OFF = SECOND;

    /** And when it has not answered for this long: a busy machine is late, and is not cut off. */
    private static final long SILENT = 3 * SECOND;

    /** A caller beyond the bound tries again then. */
    private static final long UNTIL_TIDIED = Duration.ofSeconds(5).toNanos();

    private final Clock clock;
    private final LongSupplier nanoTime;
    private final Known before;
    private final boolean shared;
    private final Map<Key, Count> counts = new ConcurrentHashMap<>();
    private final Seldom warning = new Seldom();
    private volatile Others others;
    private volatile Runnable wake = () -> {};

    /**
     * What is known of the other nodes.
     *
     * @param nodes how many share the limits, this one included
     * @param at when the database last answered, as {@link System#nanoTime} gives it
     * @param failed whether it failed to answer since
     */
    private record Others(int nodes, long at, boolean failed) {
        boolean areCutOff(long nanos) {
            return nanos - at > (failed ? CUT_OFF : SILENT);
        }
    }

    /** Knows what all nodes have got of a quota. */
    @FunctionalInterface
    interface Known {
        long of(Key key, long period);
    }

    /** What was taken so far, to be given back when another limit refuses. */
    private record Held(Limited limited, Key key, Count count) {}

    public Limiter(Database database, Clock clock) {
        this(
                clock,
                System::nanoTime,
                (key, period) -> database.lookUp(LimitStore.COUNT, LimitStore.texts(key))
                        .filter(count -> count.period() == period)
                        .map(Shared::taken)
                        .orElse(0L),
                database.dialect().isShared());
    }

    /**
     * @param nanoTime the time of rates, as {@link System#nanoTime} gives it: setting the clock must not open or close them
     * @param before what all nodes have got of a quota that this node begins to count
     * @param shared whether there may be other nodes
     */
    Limiter(Clock clock, LongSupplier nanoTime, Known before, boolean shared) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.before = before;
        this.shared = shared;
        this.others = new Others(1, nanoTime.getAsLong(), false);
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
        Now now = now();
        List<Held> held = new ArrayList<>(all.size() + 1);
        for (Measure measure : measures) {
            for (Limited limited : all) {
                if (limited.limits().of(measure) == null) {
                    continue;
                }
                Key key = Key.of(limited, measure);
                Count count = count(key, limited.limits(), now);
                long wait = count == null ? UNTIL_TIDIED : count.take(limited.limits(), now);
                if (count == null || wait > 0) {
                    held.forEach(each -> each.count().giveBack(each.limited().limits(), now));
                    return beyond(limited, key, count, now, wait);
                }
                held.add(new Held(limited, key, count));
            }
        }
        List<Standing> own = new ArrayList<>(held.size());
        for (Held each : held) {
            if (!each.key().whose().isShared()) {
                own.add(each.count().standing(each.key(), each.limited().limits(), now));
            }
        }
        return own.isEmpty() ? Taken.UNLIMITED : new Taken.Within(own);
    }

    private static Taken.Beyond beyond(Limited limited, Key key, @Nullable Count count, Now now, long wait) {
        long seconds = Math.max(1, Math.ceilDiv(wait, SECOND));
        Count shown = count == null ? created(key, limited.limits(), 0, now) : count;
        Standing known = shown.standing(key, limited.limits(), now);
        // Nothing is left for this call, whatever a fraction of a second gives back.
        Standing none = new Standing(known.policy(), known.quota(), known.window(), 0, seconds);
        return new Taken.Beyond(limited, key.measure(), none, seconds);
    }

    /** Where everyone stands with all their limits. Nothing is taken. */
    public List<Use> uses(List<Limited> all) {
        Now now = now();
        List<Use> uses = new ArrayList<>();
        for (Limited limited : all) {
            for (Measure measure : Measure.values()) {
                if (limited.limits().of(measure) != null) {
                    Key key = Key.of(limited, measure);
                    Count known = counts.get(key);
                    Count count = known == null ? created(key, limited.limits(), taken(key, now), now) : known;
                    uses.add(new Use(limited, measure, count.standing(key, limited.limits(), now)));
                }
            }
        }
        return uses;
    }

    private Now now() {
        long nanos = nanoTime.getAsLong();
        Others known = others;
        Now.Sharing sharing = !shared
                ? Now.Sharing.NONE
                : known.nodes() == 1
                        ? Now.Sharing.ONE
                        : known.areCutOff(nanos) ? Now.Sharing.CUT_OFF : Now.Sharing.SEVERAL;
        return new Now(nanos, clock.millis(), sharing, known.nodes(), wake);
    }

    /** Null when there are too many. */
    private @Nullable Count count(Key key, CallLimits limits, Now now) {
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
        long taken = taken(key, now);
        return counts.computeIfAbsent(key, any -> created(key, limits, taken, now));
    }

    /** What all nodes have got of a quota. If the database does not answer, nothing is known of it. */
    private long taken(Key key, Now now) {
        if (!key.measure().isQuota()) {
            return 0;
        }
        try {
            return before.of(key, key.measure().start(now.millis()));
        } catch (Problem e) {
            return 0;
        }
    }

    private static Count created(Key key, CallLimits limits, long taken, Now now) {
        return key.measure().isQuota() ? new Quota(key.measure(), limits, taken, now) : new Rate(limits, now);
    }

    /** Calls this when more of a shared limit is needed soon. */
    void onNeed(Runnable need) {
        wake = need;
    }

    /**
     * What this node tells the database and wants of it.
     *
     * @param last whether it stops, and gives back what it has
     */
    List<Ask> asks(boolean last) {
        Now now = now();
        List<Ask> asks = new ArrayList<>();
        counts.forEach((key, count) -> {
            Ask ask = count.ask(key, now, last);
            if (ask != null) {
                asks.add(ask);
            }
        });
        return asks;
    }

    /** What the database answered. */
    void answered(Ask ask, Shared.Answer answer) {
        Count count = counts.get(ask.key());
        if (count != null) {
            count.answered(ask, answer);
        }
    }

    /** The database answers, and so many nodes share the limits, this one included. */
    void sharedBy(int nodes) {
        others = new Others(Math.max(1, nodes), nanoTime.getAsLong(), false);
    }

    /** The database does not answer. Only the thread that exchanges says so. */
    void unanswered() {
        Others known = others;
        others = new Others(known.nodes(), known.at(), true);
    }

    /** Forgets what is whole again. */
    void tidy() {
        Now now = now();
        counts.values().removeIf(count -> count.isForgettable(now));
    }

    /** How many limits are being counted, for monitoring. */
    public long counted() {
        return counts.size();
    }
}
