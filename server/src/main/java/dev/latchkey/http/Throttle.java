package dev.latchkey.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Slows down whoever keeps failing: after some free failures each further one doubles the wait, up to a minute. It forgets
 * after an hour of peace, and a success forgives at once. Bounded: at most 100,000 keys are remembered.
 */
public final class Throttle {
    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
    private static final Duration MEMORY = Duration.ofHours(1);

    private record Failures(int count, Instant last, Instant blockedUntil) {}

    private final int free;
    private final Duration longestWait;
    private final Clock clock;
    private final Cache<String, Failures> failures =
            Caffeine.newBuilder().maximumSize(100_000).build();

    /** @param free how many failures cost nothing */
    public Throttle(int free, Clock clock) {
        this(free, LONGEST_WAIT, clock);
    }

    /** @param longestWait in the place of the minute */
    public Throttle(int free, Duration longestWait, Clock clock) {
        this.free = free;
        this.longestWait = longestWait;
        this.clock = clock;
    }

    /** How long the key must wait before its next attempt is looked at; zero when it need not. */
    public Duration wait(String key) {
        Failures known = failures.getIfPresent(key);
        if (known == null) {
            return Duration.ZERO;
        }
        Duration wait = Duration.between(clock.instant(), known.blockedUntil());
        return wait.isNegative() ? Duration.ZERO : wait;
    }

    public void failed(String key) {
        Instant now = clock.instant();
        failures.asMap().compute(key, (unused, known) -> oneMore(known, now));
    }

    /**
     * Like {@link #wait}, and when the key need not wait, counts the attempt as failed until {@link #succeeded} or {@link
     * #forgive} says otherwise: attempts that run at once are then as dear as attempts one after the other.
     */
    public Duration attempt(String key) {
        Instant now = clock.instant();
        Duration[] wait = {Duration.ZERO};
        failures.asMap().compute(key, (unused, known) -> {
            if (known != null && known.blockedUntil().isAfter(now)) {
                wait[0] = Duration.between(now, known.blockedUntil());
                return known;
            }
            return oneMore(known, now);
        });
        return wait[0];
    }

    /** Takes one failure back, and the wait that it brought. */
    public void forgive(String key) {
        Instant now = clock.instant();
        failures.asMap()
                .computeIfPresent(
                        key,
                        (unused, known) ->
                                known.count() <= 1 ? null : new Failures(known.count() - 1, known.last(), now));
    }

    private Failures oneMore(@Nullable Failures known, Instant now) {
        int count = isStale(known, now) || known == null ? 1 : known.count() + 1;
        int beyond = count - free;
        Duration wait =
                beyond <= 0 ? Duration.ZERO : beyond > 6 ? LONGEST_WAIT : FIRST_WAIT.multipliedBy(1L << (beyond - 1));
        return new Failures(count, now, now.plus(wait.compareTo(longestWait) > 0 ? longestWait : wait));
    }

    public void succeeded(String key) {
        // Most never fail: looking is cheaper than taking out what is not there.
        if (failures.getIfPresent(key) != null) {
            failures.invalidate(key);
        }
    }

    private static boolean isStale(@Nullable Failures known, Instant now) {
        return known == null || known.last().plus(MEMORY).isBefore(now);
    }

    /** The part of an address that one caller can be taken to own: an IPv4 address, or the first 64 bits of an IPv6 one. */
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
