package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Remembers the ids of used assertions or proofs, which may be used once, until they expire. It is bounded, and when it is
 * full nothing is accepted: an id that was forgotten early could be used again. Each API token has a share of it, so that a
 * program that fills its own does not affect others.
 *
 * <p>It is in this node's memory, so that checking a token does not write to the database. Nodes do not know each other's
 * ids, and a restart forgets them, so anything issued before the start is refused.
 */
public final class ReplayMemory {
    private static final int MAX = 500_000;

    /** With assertions that are valid for an hour, five a second; a program needs an access token every few minutes. */
    private static final int MAX_ASSERTIONS_OF_ONE = 20_000;

    /** Each request needs a new proof, which is remembered for a minute: more than a thousand a second. */
    private static final int MAX_PROOFS_OF_ONE = 100_000;

    private final Instant start;
    private final Cache<Digest, Use> used;
    private final ConcurrentMap<String, Integer> shares = new ConcurrentHashMap<>();
    private final int max;
    private final int maxOfOne;

    /** @param maxOfOne how many ids one API token may have in it */
    ReplayMemory(Clock clock, int max, int maxOfOne) {
        this.start = clock.instant();
        this.max = max;
        this.maxOfOne = maxOfOne;
        this.used = Caffeine.newBuilder()
                .expireAfter(Expiry.<Digest, Use>creating((id, use) -> {
                    // A second longer than it is valid, so that a pause of this machine cannot end the memory first.
                    Duration left =
                            Duration.between(clock.instant(), use.until()).plusSeconds(1);
                    return left.isNegative() ? Duration.ZERO : left;
                }))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .evictionListener((id, use, cause) -> {
                    if (use != null) {
                        giveBack(use.clientId());
                    }
                })
                .build();
    }

    public static ReplayMemory ofAssertions(Clock clock) {
        return new ReplayMemory(clock, MAX, MAX_ASSERTIONS_OF_ONE);
    }

    public static ReplayMemory ofProofs(Clock clock) {
        return new ReplayMemory(clock, MAX, MAX_PROOFS_OF_ONE);
    }

    /** @param clientId the API token whose share it uses */
    private record Use(String clientId, Instant until) {}

    /** When this memory began: anything issued earlier may have been used before. */
    Instant start() {
        return start;
    }

    /**
     * Remembers the id, and returns whether it was new.
     *
     * @param clientId the API token whose share it uses
     * @param user the program or key that chose the id: others may choose the same
     * @param until when it expires
     * @throws Problem 503 when the memory, or this API token's share of it, is full
     */
    boolean isFirstUse(String clientId, String user, String id, Instant until) {
        Digest digest = Digest.of(user, id);
        if (used.getIfPresent(digest) != null) {
            return false;
        }
        if (!take(clientId)) {
            used.cleanUp();
            if (!take(clientId)) {
                throw Problem.busy();
            }
        }
        boolean first = used.asMap().putIfAbsent(digest, new Use(clientId, until)) == null;
        if (!first) {
            giveBack(clientId);
        }
        return first;
    }

    private boolean take(String clientId) {
        if (used.estimatedSize() >= max) {
            return false;
        }
        boolean taken = shares.merge(clientId, 1, Integer::sum) <= maxOfOne;
        if (!taken) {
            giveBack(clientId);
        }
        return taken;
    }

    private void giveBack(String clientId) {
        shares.computeIfPresent(clientId, (one, count) -> count == 1 ? null : count - 1);
    }

    /** Approximately how many ids it holds. */
    public long size() {
        return used.estimatedSize();
    }

    /** How many API tokens have an id in it. */
    int users() {
        used.cleanUp();
        return shares.size();
    }
}
