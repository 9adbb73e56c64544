package dev.latchkey.apitoken;

import dev.latchkey.http.Throttle;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down who proves nothing, and nobody else. A proof is always looked at, and a right one always gets through: what is
 * counted decides only how a wrong one is answered, and that the costly checks of those who fail go one after the other.
 * Those who name an API token that is there have a line of their own: whoever names none cannot stand in their way.
 *
 * <p>Failures count for the client id at its address. An address on the whole is slowed only by guesses at many client ids,
 * so that one program that fails for hours is a matter of its own.
 */
final class WrongProofs {
    private static final int FREE_PER_TOKEN = 10;
    private static final int FREE_PER_ADDRESS = 100;

    /** As many may wait as requests can be at work: a flood makes a right proof wait, and does not turn it away. */
    private static final Lane.Bounds ONE_BY_ONE = new Lane.Bounds(1, 256, Duration.ofSeconds(2));

    private final Throttle perToken;
    private final Throttle perAddress;
    private final Lane named = new Lane("doubtful proofs", Lane.Pace.USUAL, ONE_BY_ONE, WrongProofs::crowded);
    private final Lane nameless =
            new Lane("doubtful proofs of nobody", Lane.Pace.USUAL, ONE_BY_ONE, WrongProofs::crowded);

    WrongProofs(LongSupplier nanoTime) {
        this.perToken = new Throttle(FREE_PER_TOKEN, nanoTime);
        this.perAddress = new Throttle(FREE_PER_ADDRESS, nanoTime);
    }

    /**
     * Who tries.
     *
     * @param clientId null for none, and for what cannot be one
     */
    record Attempt(@Nullable String clientId, String network) {
        private String key() {
            return clientId == null ? network : clientId + " " + network;
        }
    }

    /** For an attempt at an API token that is there, or at none. */
    CostlyChecks costly(Attempt attempt) {
        return new CostlyChecks(() -> isDoubtful(attempt), attempt.clientId() == null ? nameless : named);
    }

    private boolean isDoubtful(Attempt attempt) {
        return perToken.wait(attempt.key()).isPositive()
                || perAddress.wait(attempt.network()).isPositive();
    }

    /** The proof was right, which makes up for what was wrong before. */
    void right(Attempt attempt) {
        perToken.succeeded(attempt.key());
    }

    /**
     * The attempt is refused.
     *
     * @param guess whether it proved nothing; otherwise the proof was right, of a token that does not count
     * @return how long it must wait; zero when it was let off with counting it
     */
    Duration refused(Attempt attempt, boolean guess) {
        Duration wait = perToken.wait(attempt.key());
        Duration addressWait = guess ? perAddress.wait(attempt.network()) : Duration.ZERO;
        if (wait.isPositive() || addressWait.isPositive()) {
            return wait.compareTo(addressWait) < 0 ? addressWait : wait;
        }
        if (perToken.failed(attempt.key()) <= FREE_PER_TOKEN && guess) {
            perAddress.failed(attempt.network());
        }
        return Duration.ZERO;
    }

    private static Problem crowded() {
        return new Problem(429, "slow_down", "Too many wrong attempts are being checked. Try again in a moment.")
                .withHeader("Retry-After", "1");
    }
}
