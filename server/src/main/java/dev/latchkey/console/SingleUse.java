package dev.latchkey.console;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.crypto.RandomKey;
import dev.latchkey.problem.Problem;
import java.security.SecureRandom;
import java.time.Duration;

/** Forms that show a secret once: reloading the page with the secret must neither show it again nor make another. */
final class SingleUse {
    private static final int LENGTH = 26;

    private final SecureRandom random = new SecureRandom();
    private final Cache<String, Boolean> used = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofHours(24))
            .build();

    /** A fresh value for the form's field {@code nonce}. */
    String next() {
        return RandomKey.generate(random, LENGTH);
    }

    /**
     * What makes the form count once.
     *
     * @throws Problem 409 when it has counted already
     */
    String unused(Visit visit) {
        String nonce = visit.person().session().id() + " " + visit.field("nonce");
        if (visit.field("nonce").isEmpty() || used.getIfPresent(nonce) != null) {
            throw new Problem(
                    409,
                    "already_shown",
                    "The secret of this token was shown already, and is never shown again. If you did not save it,"
                            + " generate a new token.");
        }
        return nonce;
    }

    void use(String nonce) {
        used.put(nonce, true);
    }
}
