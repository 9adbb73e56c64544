package dev.latchkey.limit;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** So many in a period of UTC. Each period begins with zero. */
final class Quota implements Count {
    private final Measure measure;
    private volatile Period period;

    /** What was used in one period. */
    private static final class Period {
        private final long start;
        private final long end;
        private final AtomicLong used = new AtomicLong();

        Period(Measure measure, long millis) {
            Instant begins = measure.start(Instant.ofEpochMilli(millis));
            start = begins.toEpochMilli();
            end = measure.end(begins).toEpochMilli();
        }

        /** A clock that is set back a little does not begin a period again. */
        boolean isOver(long millis) {
            return millis >= end || millis < start - Duration.ofMinutes(1).toMillis();
        }
    }

    Quota(Measure measure, Moment now) {
        this.measure = measure;
        this.period = new Period(measure, now.millis());
    }

    private Period period(Moment now) {
        Period known = period;
        return known.isOver(now.millis()) ? next(now) : known;
    }

    private synchronized Period next(Moment now) {
        if (period.isOver(now.millis())) {
            period = new Period(measure, now.millis());
        }
        return period;
    }

    private long most(CallLimits limits) {
        Long most = limits.of(measure);
        return most == null ? Long.MAX_VALUE : most;
    }

    @Override
    public long take(CallLimits limits, Moment now) {
        Period current = period(now);
        long most = most(limits);
        while (true) {
            long used = current.used.get();
            if (used >= most) {
                return Math.max(1, Duration.ofMillis(current.end - now.millis()).toNanos());
            }
            if (current.used.compareAndSet(used, used + 1)) {
                return 0;
            }
        }
    }

    @Override
    public void giveBack(CallLimits limits, Moment then) {
        Period current = period;
        if (!current.isOver(then.millis())) {
            current.used.decrementAndGet();
        }
    }

    @Override
    public Standing standing(String policy, CallLimits limits, Moment now) {
        Period current = period(now);
        long most = most(limits);
        return new Standing(
                policy,
                most,
                (current.end - current.start) / 1_000,
                Math.max(0, most - current.used.get()),
                Math.max(0, Math.ceilDiv(current.end - now.millis(), 1_000)));
    }

    @Override
    public boolean isWhole(Moment now) {
        return period.isOver(now.millis());
    }
}
