package dev.latchkey.lane;

import java.time.Duration;

/**
 * Which part of the time a lane may work in total: a leaky bucket. Unused time is kept for a while, so occasional
 * callers never wait, and constant ones do.
 */
public final class Share {
    private static final long KEPT_NANOS = Duration.ofSeconds(8).toNanos();

    private final double part;
    private boolean used;
    private long paidUntil;

    /** @param part above 0, at most 1 */
    public Share(double part) {
        if (!(part > 0 && part <= 1)) {
            throw new IllegalArgumentException("a share is above 0 and at most 1, not " + part);
        }
        this.part = part;
    }

    /**
     * How long to rest after work.
     *
     * @param tookNanos how long the work took, divided by the places that share the time
     * @param now when it ended, as {@link System#nanoTime} tells it
     * @return nanoseconds; zero or less when no rest is due
     */
    synchronized long restAfter(long tookNanos, long now) {
        long earliest = now - KEPT_NANOS;
        long from = !used || paidUntil - earliest < 0 ? earliest : paidUntil;
        used = true;
        paidUntil = from + (long) (tookNanos / part);
        return paidUntil - now;
    }
}
