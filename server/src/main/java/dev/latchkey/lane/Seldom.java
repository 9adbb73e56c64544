package dev.latchkey.lane;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Lets something that a flood of callers would repeat, such as a line of the log, pass once a minute. */
public final class Seldom {
    private static final long NANOS = Duration.ofMinutes(1).toNanos();

    private final AtomicLong due = new AtomicLong(System.nanoTime());

    /** Whether this caller may pass; true for one caller a minute. */
    public boolean isDue() {
        long now = System.nanoTime();
        long known = due.get();
        return now - known >= 0 && due.compareAndSet(known, now + NANOS);
    }
}
