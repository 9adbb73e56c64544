package dev.latchkey;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;

/**
 * The time that all parts share. It ticks in milliseconds, as every database keeps it, so that what is answered now is what
 * is read later.
 */
final class SystemClock {
    static final Clock UTC = Clock.tickMillis(ZoneOffset.UTC);

    private SystemClock() {}

    /** Another clock, ticking like this one. */
    static Clock ticking(Clock clock) {
        return Clock.tick(clock, Duration.ofMillis(1));
    }
}
