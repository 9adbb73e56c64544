package dev.latchkey.limit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls a second, with a burst: the generic cell rate algorithm. One number holds its whole state, the time at which the next call
 * would be due if all came at the allowed rate. A call may come earlier than that, by as much as the burst allows.
 */
final class Rate implements Count {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** In nanoseconds, as {@link System#nanoTime} gives them. */
    private final AtomicLong due;

    Rate(Moment now) {
        due = new AtomicLong(now.nanos());
    }

    /** The time between two calls at the allowed rate, in nanoseconds. */
    static long interval(CallLimits limits) {
        Integer perSecond = limits.perSecond();
        return perSecond == null ? 0 : SECOND / perSecond;
    }

    @Override
    public long take(CallLimits limits, Moment now) {
        long interval = interval(limits);
        long tolerance = limits.atOnce() * interval;
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

    @Override
    public void giveBack(CallLimits limits, Moment then) {
        due.addAndGet(-interval(limits));
    }

    @Override
    public Standing standing(String policy, CallLimits limits, Moment now) {
        long interval = interval(limits);
        long ahead = Math.max(0, due.get() - now.nanos());
        long burst = limits.atOnce();
        long left = Math.max(0, burst * interval - ahead) / Math.max(1, interval);
        return new Standing(
                policy,
                burst,
                Math.max(1, Math.ceilDiv(burst * interval, SECOND)),
                Math.min(burst, left),
                Math.ceilDiv(ahead, SECOND));
    }

    @Override
    public boolean isWhole(Moment now) {
        // For a while already, so no call is about to take one.
        return due.get() - now.nanos() <= -SECOND;
    }
}
