package dev.latchkey.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.crypto.Vault;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.TargetKind;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The signing keys in memory: signs access tokens and checks them. They follow the log, so a withdrawn key counts for nothing
 * from the moment its withdrawal is answered.
 */
public final class CurrentKeys {
    private static final int SIGNATURES_WAITING = 256;
    private static final Duration SIGNATURE_PATIENCE = Duration.ofSeconds(2);

    private final EventLog log;
    private final Vault vault;
    private final Clock clock;
    private final SigningKeyStore store = new SigningKeyStore();
    private volatile KeyRing ring;

    /** RSA computes for a millisecond or two, and a carrier that does so lets no other request begin. */
    private final Lane slowSignatures = new Lane(
            "signatures",
            Lane.Pace.USUAL,
            new Lane.Bounds(Runtime.getRuntime().availableProcessors(), SIGNATURES_WAITING, SIGNATURE_PATIENCE),
            Problem::busy);

    CurrentKeys(EventLog log, Vault vault, Clock clock) {
        this.log = log;
        this.vault = vault;
        this.clock = clock;
        this.ring = loaded();
        log.follow(
                event -> {
                    if (event.target().kind() == TargetKind.SIGNING_KEY
                            || event.target().kind() == TargetKind.SIGNING_POLICY) {
                        load();
                    }
                },
                this::load);
        // Again: a change between the two would be missed otherwise.
        load();
    }

    private synchronized void load() {
        ring = loaded();
    }

    private KeyRing loaded() {
        return log.read(handle -> new KeyRing(store.all(handle), store.policy(handle), vault));
    }

    KeyRing ring() {
        return ring;
    }

    /** Signs with the key that signs now: a JWT in its compact form (RFC 7519). */
    public String sign(JOSEObjectType type, Map<String, Object> claims) {
        KeyRing.Signing key = ring.signing(clock.instant());
        return key.isSlow() ? slowSignatures.run(() -> key.sign(type, claims)) : key.sign(type, claims);
    }

    /**
     * Whether one of our keys that still counts signed it, with that key's own algorithm. What the JWT says is another
     * matter.
     */
    public boolean signed(SignedJWT jwt) {
        try {
            return ring.signed(clock.instant(), jwt);
        } catch (JOSEException e) {
            return false;
        }
    }

    /** Whether what this key signed still counts. */
    public boolean counts(Instant now, String keyId) {
        return ring.counts(now, keyId);
    }

    /** The public halves, for whoever checks access tokens (RFC 7517 section 5). */
    public JWKSet published() {
        return ring.published(clock.instant());
    }
}
