package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.event.Origin;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where revoked API tokens are still used from, and how often: after a revocation this shows which program was forgotten, or
 * where a thief is. Each node knows what it refused since it started. Nothing is written, and the memory is bounded:
 * {@value #TOKENS} tokens, and {@value #ADDRESSES} addresses for each.
 */
public final class UsesAfterRevocation {
    static final int ADDRESSES = 10;
    static final int DAYS = 7;
    private static final int TOKENS = 10_000;

    private final Clock clock;
    private final Instant since;
    private final Cache<String, Refused> tokens =
            Caffeine.newBuilder().maximumSize(TOKENS).executor(Runnable::run).build();

    UsesAfterRevocation(Clock clock) {
        this.clock = clock;
        this.since = clock.instant();
    }

    /**
     * The refused uses from one address.
     *
     * @param userAgent of the last one
     */
    public record Use(String address, String userAgent, long count, Instant firstAt, Instant lastAt) {}

    /**
     * The refused uses of one token, as far as they are known.
     *
     * @param since when this node began to count
     * @param uses the latest first
     * @param elsewhere how many more uses came from further addresses
     */
    public record Known(Instant since, List<Use> uses, long elsewhere) {
        public boolean isEmpty() {
            return uses.isEmpty();
        }
    }

    /** The refused uses of one token. The address that has been silent for longest makes room for a new one. */
    private static final class Refused {
        private final Map<String, Use> byAddress = new LinkedHashMap<>();
        private long elsewhere;
        private Instant lastAt = Instant.MIN;

        synchronized void add(Origin from, Instant now) {
            lastAt = now;
            @Nullable Use known = byAddress.remove(from.address());
            if (known == null && byAddress.size() == ADDRESSES) {
                Use silent = byAddress.remove(byAddress.keySet().iterator().next());
                elsewhere += silent == null ? 0 : silent.count();
            }
            byAddress.put(
                    from.address(),
                    known == null
                            ? new Use(from.address(), from.userAgent(), 1, now, now)
                            : new Use(from.address(), from.userAgent(), known.count() + 1, known.firstAt(), now));
        }

        synchronized boolean isSince(Instant time) {
            return !lastAt.isBefore(time);
        }

        synchronized Known known(Instant since) {
            return new Known(
                    since,
                    byAddress.values().stream()
                            .sorted(Comparator.comparing(Use::lastAt).reversed())
                            .toList(),
                    elsewhere);
        }
    }

    /** A holder of the token used it, and was refused because it is revoked. */
    void note(String clientId, Origin from) {
        tokens.get(clientId, any -> new Refused()).add(from, clock.instant());
    }

    /** The tokens that were refused in the last {@value #DAYS} days, {@value #TOKENS} at most. */
    Set<String> lately() {
        Instant since = clock.instant().minus(Duration.ofDays(DAYS));
        return tokens.asMap().entrySet().stream()
                .filter(entry -> entry.getValue().isSince(since))
                .limit(TOKENS)
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    Known of(String clientId) {
        Refused refused = tokens.getIfPresent(clientId);
        return refused == null ? new Known(since, List.of(), 0) : refused.known(since);
    }
}
