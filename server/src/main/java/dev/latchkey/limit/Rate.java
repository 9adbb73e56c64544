package dev.latchkey.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Calls a second, with a burst: the generic cell rate algorithm. One number holds its whole state, the time at which the next call
 * would be due if all came at the allowed rate. A call may come earlier than that, by as much as the burst allows. Among several
 * nodes, each also needs a part of the shared count for it.
 */
final class Rate implements Count {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** Soon enough for callers that try again: by then the node has got more. */
    private static final long UNTIL_MORE = Duration.ofMillis(200).toNanos();

    /** In nanoseconds, as {@link System#nanoTime} gives them. */
    private final AtomicLong due;

    private final Part part;

    /** As of the last call. */
    private volatile CallLimits limits;

    Rate(CallLimits limits, Now now) {
        this.due = new AtomicLong(now.nanos());
        this.limits = limits;
        // Nothing is known of the others, but that this limit was not used here for a while: an equal share of the
        // burst.
        this.part = new Part(4 * Math.max(limits.atOnce(), now.nodes()));
    }

    /** The time between two calls at the allowed rate, in nanoseconds. */
    static long interval(CallLimits limits) {
        Integer perSecond = limits.perSecond();
        return perSecond == null ? SECOND : SECOND / perSecond;
    }

    @Override
    public long take(CallLimits current, Now now) {
        if (!current.equals(limits)) {
            limits = current;
        }
        if (!now.isShared()) {
            return takeHere(current, now);
        }
        part.ask();
        if (now.isLeased()) {
            if (!part.take(left -> Part.credit(left, now.nodes()))) {
                if (part.known() > 0) {
                    now.wake().run();
                }
                return UNTIL_MORE;
            }
            long wait = takeHere(current, now);
            if (wait > 0) {
                part.giveBack();
            }
            return wait;
        }
        long wait = takeHere(current, now);
        if (wait == 0) {
            part.owe();
        }
        return wait;
    }

    private long takeHere(CallLimits current, Now now) {
        long interval = interval(current) * now.shares();
        long tolerance = atOnce(current, now) * interval;
        while (true) {
            long known = due.get();
            long ahead = Math.max(0, known - now.nanos()) + interval;
            if (ahead > tolerance) {
                return ahead - tolerance;
            }
            if (due.compareAndSet(known, now.nanos() + ahead)) {
                return 0;
            }
        }
    }

    private static long atOnce(CallLimits limits, Now now) {
        return Math.max(1, limits.atOnce() / now.shares());
    }

    @Override
    public void giveBack(CallLimits current, Now then) {
        due.addAndGet(-interval(current) * then.shares());
        if (then.isShared()) {
            part.giveBack();
        }
    }

    @Override
    public Standing standing(Key key, CallLimits current, Now now) {
        long interval = interval(current);
        long ahead = Math.max(0, due.get() - now.nanos());
        long burst = current.atOnce();
        long left = Math.max(0, burst * interval - ahead) / interval;
        return new Standing(
                key.policy(),
                burst,
                Math.max(1, Math.ceilDiv(burst * interval, SECOND)),
                Math.min(burst, left),
                Math.ceilDiv(ahead, SECOND));
    }

    @Override
    public boolean isForgettable(Now now) {
        // For a while already, so no call is about to take one.
        return due.get() - now.nanos() <= -SECOND && part.owed() == 0;
    }

    @Override
    public @Nullable Ask ask(Key key, Now now, boolean last) {
        if (!now.isShared()) {
            return null;
        }
        CallLimits current = limits;
        Part.Need need = last ? part.rest() : part.need(current.atOnce() + SECOND / interval(current), now.isLeased());
        return need.isNothing() ? null : new Ask(key, current, 0, need.owed(), need.wanted());
    }

    @Override
    public void answered(Ask ask, Shared.Answer answer) {
        part.answered(ask.owed(), answer.got(), answer.left());
    }
}
