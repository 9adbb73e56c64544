package dev.latchkey.apitoken;

import dev.latchkey.http.Problem;
import dev.latchkey.http.Throttle;
import dev.latchkey.lane.Lane;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down who proves nothing, and nobody else. A proof is always looked at, and a right one always gets through: what is
 * counted decides only how a wrong one is answered, and that the costly checks of those who fail go one after the other.
 *
 * <p>Failures count for the client id at its address. An address on the whole is slowed only by guesses at many client ids,
 * so that one program that fails for hours is a matter of its own.
 */
final class WrongProofs {
    private static final int FREE_PER_TOKEN = 10;
    private static final int FREE_PER_ADDRESS = 100;
    private static final Lane.Bounds ONE_BY_ONE = new Lane.Bounds(1, 64, Duration.ofSeconds(2));

    private final Throttle perToken;
    private final Throttle perAddress;
    private final Lane doubtful = new Lane("doubtful proofs", Lane.Pace.USUAL, ONE_BY_ONE, WrongProofs::crowded);

    WrongProofs(LongSupplier nanoTime) {
        this.perToken = new Throttle(FREE_PER_TOKEN, nanoTime);
        this.perAddress = new Throttle(FREE_PER_ADDRESS, nanoTime);
    }

    /**
     * Who tries.
     *
     * @param clientId null for what cannot be one
     */
    record Attempt(@Nullable String clientId, String network) {
        private String key() {
            return clientId == null ? network : clientId + " " + network;
        }
    }

    /** Does a check that costs more than a hash: at once, or in line with others when the attempt must wait. */
    <T> T costly(Attempt attempt, Supplier<T> check) {
        return perToken.wait(attempt.key()).isPositive()
                        || perAddress.wait(attempt.network()).isPositive()
                ? doubtful.run(check)
                : check.get();
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
