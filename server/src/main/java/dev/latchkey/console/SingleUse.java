package dev.latchkey.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.time.Duration;

/** Makes forms single-use whose answer shows a secret: reloading it must neither show the secret again nor create another. */
final class SingleUse {
    private static final int LENGTH = 26;

    private final SecureRandom random = new SecureRandom();
    private final Cache<String, Boolean> used = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofHours(24))
            .build();

    /** A new value for the field {@code nonce} of a form. */
    String next() {
        return RandomKey.generate(random, LENGTH);
    }

    /**
     * The nonce of a form that was not used yet.
     *
     * @throws Problem 409 when it was
     */
    String unused(Visit visit) {
        String nonce = visit.person().session().id() + " " + visit.field("nonce");
        if (visit.field("nonce").isEmpty() || used.getIfPresent(nonce) != null) {
            throw new Problem(
                    409,
                    "already_shown",
                    "The secret of this token has already been shown and is not shown again. If you did not save it,"
                            + " generate a new token.");
        }
        return nonce;
    }

    void use(String nonce) {
        used.put(nonce, true);
    }
}
