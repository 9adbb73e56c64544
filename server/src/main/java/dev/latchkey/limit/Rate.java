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

    /** What is owed of a rate is paid with the next calls. */
    private static final int PORTION = 4;

    /** Soon enough for callers that try again: by then the node has got more. */
    private static final long UNTIL_MORE = Duration.ofMillis(200).toNanos();

    /** A part that is got again at once would be a free share of the burst, so it is remembered for at least so long. */
    private static final long IDLE = Duration.ofMinutes(1).toNanos();

    /** In nanoseconds, as {@link System#nanoTime} gives them. */
    private final AtomicLong due;

    private final Part part;

    /** When what is owed now began to be used, and when the current exchange began. Only the thread that exchanges knows them. */
    private long exchanged;

    private long exchanging;

    /** As of the last call. */
    private volatile CallLimits limits;

    /** When it was last asked for, successfully or not, accurate to a second. */
    private volatile long asked;

    Rate(CallLimits limits, Now now) {
        this.due = new AtomicLong(now.nanos());
        this.exchanged = now.nanos();
        this.limits = limits;
        this.asked = now.nanos();
        // Nothing is known of the others, but that this limit was not used here for a while: an equal share of the
        // burst.
        this.part = new Part(PORTION * Math.max(limits.atOnce(), now.nodes()));
    }

    @Override
    public long take(CallLimits current, Now now) {
        if (!current.equals(limits)) {
            change(current, now);
        }
        if (!now.isShared()) {
            return takeHere(current, now);
        }
        if (now.nanos() - asked > SECOND) {
            asked = now.nanos();
        }
        part.ask();
        if (!now.isLeased()) {
            long wait = takeHere(current, now);
            if (wait == 0 && now.isOwed()) {
                part.owe();
            }
            return wait;
        }
        long left = part.take(known -> Part.credit(known, now.nodes(), PORTION));
        if (left == Part.TAKEN) {
            return takeHere(current, now);
        }
        if (left > 0) {
            now.wake().run();
        }
        return UNTIL_MORE;
    }

    /** What was used by other limits must not keep these closed for longer than their own burst. */
    private void change(CallLimits current, Now now) {
        limits = current;
        long furthest = now.nanos() + returning(current);
        due.updateAndGet(known -> known - furthest > 0 ? furthest : known);
    }

    /** In which time the whole burst comes back. */
    private static long returning(CallLimits limits) {
        return limits.atOnce() * limits.interval();
    }

    private long takeHere(CallLimits current, Now now) {
        long interval = current.interval() * now.shares();
        // The part that the node has got is within the limit.
        long tolerance = now.isLeased() ? Long.MAX_VALUE : atOnce(current, now) * interval;
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
        due.addAndGet(-current.interval() * then.shares());
        if (then.isOwed() || then.isLeased()) {
            part.giveBack();
        }
    }

    @Override
    public Standing standing(Key key, CallLimits current, Now now) {
        long interval = current.interval();
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
        if (due.get() - now.nanos() > -SECOND || part.owed() != 0) {
            return false;
        }
        // One that is refused because the nodes have used it up is not whole.
        return !now.isShared() || now.nanos() - asked > Math.max(IDLE, returning(limits));
    }

    @Override
    public @Nullable Ask ask(Key key, Now now, boolean last) {
        if (!now.isShared()) {
            return null;
        }
        CallLimits current = limits;
        Part.Need need = last ? part.rest() : part.need(current.atOnce() + SECOND / current.interval(), now.isLeased());
        exchanging = now.nanos();
        if (need.isNothing()) {
            exchanged = exchanging;
            return null;
        }
        return new Ask(key, current, 0, need.owed(), exchanging - exchanged, need.wanted());
    }

    @Override
    public void answered(Ask ask, Shared.Answer answer) {
        exchanged = exchanging;
        part.answered(ask.owed(), answer.got(), answer.left());
    }
}
