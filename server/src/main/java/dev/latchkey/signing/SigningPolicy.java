package dev.latchkey.signing;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How signing keys follow each other.
 *
 * @param algorithm the algorithm of the next key
 * @param rotationDays how long a key signs; 0 when keys are changed by hand only
 */
public record SigningPolicy(SigningAlgorithm algorithm, int rotationDays, long version) {
    static final int MAX_ROTATION_DAYS = 365;

    /** How long before its turn a key is published when there is no hurry: longer than most caches last. */
    private static final Duration AHEAD = Duration.ofDays(1);

    private static final Duration LEAST_AHEAD = Duration.ofHours(1);

    /** When a key that is created now would sign; empty while none is due. */
    Optional<Instant> nextSignsFrom(List<SigningKey> keys, Instant now) {
        SigningKey last = last(keys);
        if (rotationDays == 0 || last.signsFrom().isAfter(now)) {
            return Optional.empty();
        }
        Duration interval = Duration.ofDays(rotationDays);
        Instant turn = last.signsFrom().plus(interval);
        Duration ahead = AHEAD.compareTo(interval.dividedBy(2)) < 0 ? AHEAD : interval.dividedBy(2);
        if (now.isBefore(turn.minus(ahead))) {
            return Optional.empty();
        }
        Instant soonest = now.plus(LEAST_AHEAD);
        return Optional.of(turn.isBefore(soonest) ? soonest : turn);
    }

    /** The key that signs last according to the current plan. */
    static SigningKey last(List<SigningKey> keys) {
        return keys.stream()
                .filter(key -> key.withdrawal() == null && key.canSign())
                .max(SigningKey.ORDER)
                .orElseThrow(() -> new IllegalStateException("no signing key is left"));
    }
}
