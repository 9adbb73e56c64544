package dev.latchkey.crypto;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.util.concurrent.Semaphore;
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
    private static final Argon2Function ARGON2ID =
            Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, HASH_BYTES, Argon2.ID);

    private final Semaphore running =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));
    private final String nobody = hash("the password of nobody");

    /** The hash with its salt and settings, in the PHC string format. */
    public String hash(String password) {
        running.acquireUninterruptibly();
        try {
            return Password.hash(password).addRandomSalt(16).with(ARGON2ID).getResult();
        } finally {
            running.release();
        }
    }

    /** Whether the password fits. Takes as long when there is no hash to compare with, which never fits. */
    public boolean matches(String password, @Nullable String hash) {
        running.acquireUninterruptibly();
        try {
            boolean fits = Password.check(password, hash == null ? nobody : hash)
                    .with(hash == null ? ARGON2ID : Argon2Function.getInstanceFromHash(hash));
            return fits && hash != null;
        } finally {
            running.release();
        }
    }
}
