package dev.latchkey.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down callers who keep failing: after some free failures, which cause no wait, each further one doubles it, up
 * to a minute. Failures are forgotten after an hour without one, and at once after a success. At most 100,000 keys are
 * remembered.
 */
public final class Throttle {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration MEMORY = Duration.ofHours(1);

    /** @param waitNanos how long to wait after the last failure; zero when it was a free one */
    private record Failures(int count, long last, long waitNanos) {
        long leftNanos(long now) {
            return Math.max(0, waitNanos - (now - last));
        }
    }

    private final int free;
    private final Duration longestWait;
    private final LongSupplier nanoTime;
    private final LongAdder slowedDown = new LongAdder();
    private final Cache<String, Failures> failures =
            Caffeine.newBuilder().maximumSize(100_000).build();

    /**
     * @param free how many failures cause no wait
     * @param nanoTime the time, as {@link System#nanoTime} gives it: setting the clock must lock no one out
     */
    public Throttle(int free, LongSupplier nanoTime) {
        this(free, LONGEST_WAIT, nanoTime);
    }

    /** @param longestWait instead of a minute */
    public Throttle(int free, Duration longestWait, LongSupplier nanoTime) {
        this.free = free;
        this.longestWait = longestWait;
        this.nanoTime = nanoTime;
    }

    /** How long the key must wait before its next attempt is considered; zero when it need not. */
    public Duration wait(String key) {
        Duration left = left(key);
        if (left.isPositive()) {
            slowedDown.increment();
        }
        return left;
    }

    /** Whether the key must wait; for those who do not make it wait. */
    public boolean slows(String key) {
        return left(key).isPositive();
    }

    private Duration left(String key) {
        Failures known = failures.getIfPresent(key);
        return known == null ? Duration.ZERO : Duration.ofNanos(known.leftNanos(nanoTime.getAsLong()));
    }

    /**
     * What a throttle knows, and what it did.
     *
     * @param remembered how many keys have failures
     * @param slowedDown how many attempts were told to wait
     */
    public record Figures(long remembered, long slowedDown) {}

    public Figures figures() {
        return new Figures(failures.estimatedSize(), slowedDown.sum());
    }

    /** Counts a failure, and returns how many the key now has. */
    public int failed(String key) {
        return failures.asMap()
                .compute(key, (unused, known) -> oneMore(known, nanoTime.getAsLong()))
                .count();
    }

    /**
     * Like {@link #wait}, and when the key need not wait, counts the attempt as failed until {@link #succeeded} or
     * {@link #forgive} says otherwise, so that simultaneous attempts cost as much as successive ones.
     */
    public Duration attempt(String key) {
        long[] left = {0};
        failures.asMap().compute(key, (unused, known) -> {
            long now = nanoTime.getAsLong();
            left[0] = known == null ? 0 : known.leftNanos(now);
            return known != null && left[0] > 0 ? known : oneMore(known, now);
        });
        if (left[0] > 0) {
            slowedDown.increment();
        }
        return Duration.ofNanos(left[0]);
    }

    /** Takes back one failure and the wait that it caused. */
    public void forgive(String key) {
        failures.asMap()
                .computeIfPresent(
                        key,
                        (unused, known) ->
                                known.count() <= 1 ? null : new Failures(known.count() - 1, known.last(), 0));
    }

    private Failures oneMore(@Nullable Failures known, long now) {
        int count = known == null || now - known.last() > MEMORY.toNanos() ? 1 : known.count() + 1;
        int beyond = count - free;
        Duration wait =
                beyond <= 0 ? Duration.ZERO : beyond > 6 ? LONGEST_WAIT : FIRST_WAIT.multipliedBy(1L << (beyond - 1));
        return new Failures(count, now, (wait.compareTo(longestWait) > 0 ? longestWait : wait).toNanos());
    }

    public void succeeded(String key) {
        // Most keys never fail: looking is cheaper than removing nothing.
        if (failures.getIfPresent(key) != null) {
            failures.invalidate(key);
        }
    }

    /**
     * The part of an address that is assumed to belong to one caller: an IPv4 address, or the first 64 bits of an IPv6
     * one.
     */
    public static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        try {
            int zone = address.indexOf('%');
            byte[] bytes = InetAddress.ofLiteral(zone < 0 ? address : address.substring(0, zone))
                    .getAddress();
            return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
