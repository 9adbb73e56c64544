package dev.latchkey.crypto;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import dev.latchkey.http.Problem;
import java.text.Normalizer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Passwords of people, hashed with Argon2id (RFC 9106) at the second setting of the OWASP password storage guide: 19 MiB,
 * two passes. Few hashes run at once, so that a flood of sign-ins takes neither all memory nor all processors.
 */
public final class PasswordHash {
    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;

    /** Of a password that nobody knows; it makes an unknown person's sign-in take as long as a known one's. */
    static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$2uTpkhpQzFDcXbI3EtuPSg$f36gGUlRZPCJsZ/s58o7XP0c7IXB3fOh7CuJOjKNfl4";

    private static final int MAX_WAITING_SECONDS = 5;

    private final Semaphore running =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()), true);

    /**
     * The hash with its salt and settings, in the PHC string format.
     *
     * @throws Problem 503 when too many others are being computed
     */
    public String hash(String password) {
        return alone(() -> Password.hash(normalized(password))
                .addRandomSalt(SALT_BYTES)
                .with(argon2id())
                .getResult());
    }

    /** Not before somebody signs in: it takes all its memory when it is made, and keeps it. */
    private static Argon2Function argon2id() {
        return Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID);
    }

    /**
     * Whether the password fits. Takes as long when there is no hash to compare with, which never fits.
     *
     * @throws Problem 503 when too many others are being computed
     */
    public boolean matches(String password, @Nullable String hash) {
        String compared = hash == null ? NOBODY : hash;
        boolean fits = alone(() ->
                Password.check(normalized(password), compared).with(Argon2Function.getInstanceFromHash(compared)));
        return fits && hash != null;
    }

    private <T> T alone(Supplier<T> work) {
        try {
            if (!running.tryAcquire(MAX_WAITING_SECONDS, TimeUnit.SECONDS)) {
                throw busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
        try {
            return work.get();
        } finally {
            running.release();
        }
    }

    private static Problem busy() {
        return Problem.unavailable("Too many people are signing in at the moment. Try again in a few seconds.", null);
    }

    /** Keyboards differ in how they write the same character (NIST SP 800-63B section 5.1.1.2). */
    private static String normalized(String password) {
        return Normalizer.normalize(password, Normalizer.Form.NFKC);
    }
}
