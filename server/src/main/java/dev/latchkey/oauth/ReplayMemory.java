package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.latchkey.http.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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
    private final Cache<Id, Instant> used;
    private final int most;

    public ReplayMemory(Clock clock) {
        this(clock, MOST);
    }

    ReplayMemory(Clock clock, int most) {
        this.start = clock.instant();
        this.most = most;
        this.used = Caffeine.newBuilder()
                .expireAfter(Expiry.<Id, Instant>creating((id, until) -> {
                    // A second longer than it counts: a pause of this machine must not end the memory first.
                    Duration left = Duration.between(clock.instant(), until).plusSeconds(1);
                    return left.isNegative() ? Duration.ZERO : left;
                }))
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .build();
    }

    /** 128 bits of a digest: ids are foreign text of any length. */
    private record Id(long high, long low) {}

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
        return used.asMap().putIfAbsent(id(user, id), until) == null;
    }

    private static Id id(String user, String id) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(user.getBytes(StandardCharsets.UTF_8));
            sha256.update((byte) 0);
            ByteBuffer digest = ByteBuffer.wrap(sha256.digest(id.getBytes(StandardCharsets.UTF_8)));
            return new Id(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }
}
