package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.latchkey.http.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * What may be used once and was: the ids of assertions and proofs, until they would have expired anyway. It is bounded, and
 * when it is full nothing more is accepted: forgetting early would let what is forgotten be used again.
 *
 * <p>It is this node's memory, so that checking a token writes nothing to the database. Two nodes do not know of each other's
 * ids, and a restart forgets; what was issued before the start is therefore refused by its time.
 */
public final class ReplayMemory {
    private static final int MOST = 500_000;

    private final Instant start;
    private final Cache<Digest, Instant> used;
    private final int most;

    public ReplayMemory(Clock clock) {
        this(clock, MOST);
    }

    ReplayMemory(Clock clock, int most) {
        this.start = clock.instant();
        this.most = most;
        this.used = Caffeine.newBuilder()
                .expireAfter(Expiry.<Digest, Instant>creating((id, until) -> {
                    // A second longer than it counts: a pause of this machine must not end the memory first.
                    Duration left = Duration.between(clock.instant(), until).plusSeconds(1);
                    return left.isNegative() ? Duration.ZERO : left;
                }))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    /** When this memory began: what was issued earlier may have been used before. */
    Instant start() {
        return start;
    }

    /**
     * Whether the id is used for the first time; from now on it is known.
     *
     * @param user whose id it is: others may choose the same
     * @param until when it would count no more
     * @throws Problem 503 when nothing more can be remembered
     */
    boolean isFirstUse(String user, String id, Instant until) {
        if (used.estimatedSize() >= most) {
            used.cleanUp();
            if (used.estimatedSize() >= most) {
                throw Problem.busy();
            }
        }
        return used.asMap().putIfAbsent(Digest.of(user, id), until) == null;
    }
}
