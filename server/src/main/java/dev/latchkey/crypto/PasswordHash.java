package dev.latchkey.crypto;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import dev.latchkey.lane.Lane;
import dev.latchkey.lane.Share;
import dev.latchkey.problem.Problem;
import java.text.Normalizer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passwords of people, hashed with Argon2id (RFC 9106) at the second setting of the OWASP password storage guide: 19
 * MiB, two passes. They have a lane of their own, which takes at most a quarter of the processors, whatever the load.
 */
public final class PasswordHash {
    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    /**
     * The hash of an unknown password, so that the sign-in of an unknown person takes as long as that of a known one.
     */
    static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$2uTpkhpQzFDcXbI3EtuPSg$f36gGUlRZPCJsZ/s58o7XP0c7IXB3fOh7CuJOjKNfl4";

    /** The share of the machine for passwords: with fewer than four processors, part of the time of one. */
    private static final double SHARE = 0.25;

    /** Fewer than the places for people's requests, so that sign-ins do not take them all. */
    private static final int WAITING = 12;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Lane lane = lane("passwords", Runtime.getRuntime().availableProcessors() * SHARE);

    /** However many strangers guess, people at browsers that they have used before do not wait behind them. */
    private final Lane knownDevices = lane("passwords at known devices", 1);

    private static Lane lane(String name, double threads) {
        return new Lane(
                name,
                Lane.Pace.GIVING_WAY,
                new Lane.Bounds(Math.max(1, (int) threads), WAITING, PATIENCE),
                new Share(Math.min(1, threads)),
                PasswordHash::busy);
    }

    /** The lanes in which passwords are hashed, for monitoring. */
    public List<Supplier<Lane.Figures>> lanes() {
        return List.of(lane::figures, knownDevices::figures);
    }

    /**
     * The hash with its salt and settings, in the PHC string format.
     *
     * @throws Problem 429 when too many others are being computed
     */
    public String hash(String password) {
        return lane.run(() -> Password.hash(normalized(password))
                .addRandomSalt(SALT_BYTES)
                .with(argon2id())
                .getResult());
    }

    /** Created only at the first sign-in: it takes all its memory at once and keeps it. */
    private static Argon2Function argon2id() {
        return Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID);
    }

    /**
     * Whether the password has this hash. Without a hash it takes as long and returns false.
     *
     * @throws Problem 429 when too many others are being computed
     */
    public boolean matches(String password, @Nullable String hash) {
        return matches(lane, password, hash);
    }

    /** {@link #matches} for a person with proof of an earlier sign-in in this browser. */
    public boolean matchesAtKnownDevice(String password, @Nullable String hash) {
        return matches(knownDevices, password, hash);
    }

    private static boolean matches(Lane lane, String password, @Nullable String hash) {
        String compared = hash == null ? NOBODY : hash;
        boolean fits = lane.run(() ->
                Password.check(normalized(password), compared).with(Argon2Function.getInstanceFromHash(compared)));
        return fits && hash != null;
    }

    private static Problem busy() {
        return new Problem(
                        429,
                        "too_many_passwords",
                        "Too many people are signing in at the moment. Try again in a few seconds.")
                .withHeader("Retry-After", Long.toString(PATIENCE.toSeconds()));
    }

    /** Keyboards differ in how they write the same character (NIST SP 800-63B section 5.1.1.2). */
    private static String normalized(String password) {
        return Normalizer.normalize(password, Normalizer.Form.NFKC);
    }
}
