package dev.latchkey.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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
    private final Clock clock;
    private final Cache<String, Failures> failures =
            Caffeine.newBuilder().maximumSize(100_000).build();

    /** @param free how many failures cost nothing */
    public Throttle(int free, Clock clock) {
        this.free = free;
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
        failures.asMap().compute(key, (unused, known) -> {
            int count = isStale(known, now) || known == null ? 1 : known.count() + 1;
            int beyond = count - free;
            Duration wait = beyond <= 0
                    ? Duration.ZERO
                    : beyond > 6 ? LONGEST_WAIT : FIRST_WAIT.multipliedBy(1L << (beyond - 1));
            return new Failures(count, now, now.plus(wait));
        });
    }

    public void succeeded(String key) {
        failures.invalidate(key);
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
            byte[] bytes = java.net.InetAddress.ofLiteral(address.replaceFirst("%.*", ""))
                    .getAddress();
            return java.util.HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
        } catch (IllegalArgumentException e) {
            return address;
        }
    }
}
