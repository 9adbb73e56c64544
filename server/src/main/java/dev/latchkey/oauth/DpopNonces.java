package dev.latchkey.oauth;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import java.time.Clock;
import java.time.Duration;

/**
 * The nonces that DPoP proofs at the token endpoint must contain (RFC 9449 section 8), so that proofs cannot be made in
 * advance. Each is a keyed hash of a span of time, so that all nodes know it without storing it.
 */
public final class DpopNonces {
    private static final Duration SPAN = Duration.ofMinutes(2);

    private final KeyedHash hashes;
    private final Clock clock;

    public DpopNonces(MasterKey masterKey, Clock clock) {
        this.hashes = new KeyedHash(masterKey, "dpop nonce");
        this.clock = clock;
    }

    /** The nonce of the current span. */
    String current() {
        return of(span());
    }

    /**
     * Whether it is the current nonce, the one before, which a program may have received a moment ago, or the next one,
     * which it may have from a node whose clock is ahead.
     */
    boolean isValid(String nonce) {
        long span = span();
        return KeyedHash.same(nonce, of(span))
                | KeyedHash.same(nonce, of(span - 1))
                | KeyedHash.same(nonce, of(span + 1));
    }

    private String of(long span) {
        return hashes.of(Long.toString(span));
    }

    private long span() {
        return clock.instant().getEpochSecond() / SPAN.toSeconds();
    }
}
