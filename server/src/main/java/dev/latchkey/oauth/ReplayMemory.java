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
 * What may be used once and was: the ids of assertions or proofs, until they would have expired anyway. It is bounded, and
 * when it is full nothing more is accepted: forgetting early would let what is forgotten be used again. Each API token has a
 * share of it, so that one program that fills its own stands in nobody else's way.
 *
 * <p>It is this node's memory, so that checking a token writes nothing to the database. Two nodes do not know of each other's
 * ids, and a restart forgets; what was issued before the start is therefore refused by its time.
 */
public final class ReplayMemory {
    private static final int MOST = 500_000;

    /** With assertions that live for an hour, five a second; an access token is asked for once in minutes. */
    private static final int ASSERTIONS_OF_ONE = 20_000;

    /** Each request needs another proof, which is remembered for a minute: a thousand a second and more. */
    private static final int PROOFS_OF_ONE = 100_000;

    private final Instant start;
    private final Cache<Digest, Use> used;
    private final ConcurrentMap<String, Integer> shares = new ConcurrentHashMap<>();
    private final int most;
    private final int mostOfOne;

    /** @param mostOfOne how much of it one API token may fill */
    ReplayMemory(Clock clock, int most, int mostOfOne) {
        this.start = clock.instant();
        this.most = most;
        this.mostOfOne = mostOfOne;
        this.used = Caffeine.newBuilder()
                .expireAfter(Expiry.<Digest, Use>creating((id, use) -> {
                    // A second longer than it counts: a pause of this machine must not end the memory first.
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
        return new ReplayMemory(clock, MOST, ASSERTIONS_OF_ONE);
    }

    public static ReplayMemory ofProofs(Clock clock) {
        return new ReplayMemory(clock, MOST, PROOFS_OF_ONE);
    }

    /** @param clientId whose share it takes up */
    private record Use(String clientId, Instant until) {}

    /** When this memory began: what was issued earlier may have been used before. */
    Instant start() {
        return start;
    }

    /**
     * Whether the id is used for the first time; from now on it is known.
     *
     * @param clientId the API token whose share it takes up
     * @param user whose id it is: others may choose the same
     * @param until when it would count no more
     * @throws Problem 503 when nothing more can be remembered, or nothing more of this API token
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
        if (used.estimatedSize() >= most) {
            return false;
        }
        boolean taken = shares.merge(clientId, 1, Integer::sum) <= mostOfOne;
        if (!taken) {
            giveBack(clientId);
        }
        return taken;
    }

    private void giveBack(String clientId) {
        shares.computeIfPresent(clientId, (one, count) -> count == 1 ? null : count - 1);
    }

    /** How many API tokens have something in it now. */
    int users() {
        used.cleanUp();
        return shares.size();
    }
}
