package dev.latchkey.lane;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets through once a minute what a flood of callers would repeat, such as a line of the log. */
public final class Seldom {
    private static final long NANOS = Duration.ofMinutes(1).toNanos();

    private final AtomicLong due = new AtomicLong(System.nanoTime());

    /** Whether it is time; true for one caller a minute. */
    public boolean isDue() {
        long now = System.nanoTime();
        long known = due.get();
        return now - known >= 0 && due.compareAndSet(known, now + NANOS);
    }
}
