package dev.latchkey.apitoken;

import dev.latchkey.http.Throttle;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Slows down callers whose proofs are wrong, and no others. Every proof is checked, and a right one always passes: the count of
 * failures decides only how a wrong proof is answered, and that costly checks after failures run one at a time. Attempts at
 * existing API tokens have a line of their own, so that all others cannot hold them up.
 *
 * <p>Failures are counted for a client id and an address together. An address as a whole is slowed down only by guesses at many
 * client ids, so that one program that fails for hours affects only itself.
 */
final class WrongProofs {
    private static final int FREE_PER_TOKEN = 10;
    private static final int FREE_PER_ADDRESS = 100;

    /** As many may wait as there can be requests in progress: a flood delays a right proof, but does not turn it away. */
    private static final Lane.Bounds ONE_BY_ONE = new Lane.Bounds(1, 256, Duration.ofSeconds(2));

    private final Throttle perToken;
    private final Throttle perAddress;
    private final Lane named = new Lane("doubtful proofs", Lane.Pace.USUAL, ONE_BY_ONE, WrongProofs::crowded);
    private final Lane nameless =
            new Lane("nameless doubtful proofs", Lane.Pace.USUAL, ONE_BY_ONE, WrongProofs::crowded);

    WrongProofs(LongSupplier nanoTime) {
        this.perToken = new Throttle(FREE_PER_TOKEN, nanoTime);
        this.perAddress = new Throttle(FREE_PER_ADDRESS, nanoTime);
    }

    /**
     * The source of an attempt.
     *
     * @param clientId null when there is none, or what was sent cannot be one
     */
    record Attempt(@Nullable String clientId, String network) {
        private String key() {
            return clientId == null ? network : clientId + " " + network;
        }
    }

    List<Supplier<Lane.Figures>> lanes() {
        return List.of(named::figures, nameless::figures);
    }

    Map<String, Supplier<Throttle.Figures>> throttles() {
        return Map.of("wrong proofs, token", perToken::figures, "wrong proofs, address", perAddress::figures);
    }

    /** How this attempt runs its costly checks. */
    CostlyChecks costly(Attempt attempt) {
        return new CostlyChecks(() -> isDoubtful(attempt), attempt.clientId() == null ? nameless : named);
    }

    private boolean isDoubtful(Attempt attempt) {
        return perToken.slows(attempt.key()) || perAddress.slows(attempt.network());
    }

    /** The proof was valid, which clears earlier failures. */
    void right(Attempt attempt) {
        perToken.succeeded(attempt.key());
    }

    /**
     * The attempt was refused.
     *
     * @param guess whether its proof was wrong; otherwise it was valid, but the token does not work
     * @return how long to wait before the next attempt; zero when the failure was only counted
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
