package dev.latchkey;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock that goes only when told to. */
public final class TestClock extends Clock {
    private volatile Instant now;
    private volatile long nanos;

    public TestClock() {
        this(Instant.parse("2026-03-01T12:00:00Z"));
    }

    public TestClock(Instant now) {
        this.now = now;
    }

    public void advance(Duration duration) {
        now = now.plus(duration);
        nanos += duration.toNanos();
    }

    /** Sets the clock, as an administrator or NTP does; no time passes. */
    public void set(Instant other) {
        now = other;
    }

    /** The time that only passes, instead of {@link System#nanoTime}. */
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
