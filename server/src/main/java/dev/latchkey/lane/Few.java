package dev.latchkey.lane;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Lets a few occurrences a minute pass of something that a flood of callers would repeat, and counts the others. */
public final class Few {
    private static final long NANOS = Duration.ofMinutes(1).toNanos();

    private final int most;
    private final LongSupplier nanoTime;
    private long began;
    private int passed;
    private long keptBack;

    /** @param most how many pass in a minute */
    public Few(int most) {
        this(most, System::nanoTime);
    }

    Few(int most, LongSupplier nanoTime) {
        this.most = most;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
    }

    /** How many were held back since the last one that passed; empty when this one is held back, too. */
    public synchronized OptionalLong next() {
        long now = nanoTime.getAsLong();
        if (now - began >= NANOS) {
            began = now;
            passed = 0;
        }
        if (passed == most) {
            keptBack++;
            return OptionalLong.empty();
        }
        passed++;
        long before = keptBack;
        keptBack = 0;
        return OptionalLong.of(before);
    }
}
