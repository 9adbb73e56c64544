package dev.latchkey.oauth;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import java.time.Clock;
import java.time.Duration;

/**
 * The nonces that DPoP proofs at the token endpoint must hold (RFC 9449 section 8), so that none is made in store. Each
 * stands for a span of time and is a keyed hash of it: all nodes know it, and none remembers it.
 */
public final class DpopNonces {
    private static final Duration SPAN = Duration.ofMinutes(2);

    private final KeyedHash hashes;
    private final Clock clock;

    public DpopNonces(MasterKey masterKey, Clock clock) {
        this.hashes = new KeyedHash(masterKey, "dpop nonce");
        this.clock = clock;
    }

    /** The one to use from now on. */
    String current() {
        return of(span());
    }

    /**
     * Whether it is the current one, the one before, which a program may have been told a moment ago, or the next one, which
     * it was told by a node whose clock is ahead.
     */
    boolean isGood(String nonce) {
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
