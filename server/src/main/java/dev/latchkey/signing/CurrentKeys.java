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
import dev.latchkey.trace.CurrentRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The signing keys in memory, which sign access tokens and check them. They follow the log, so a withdrawn key is refused from the
 * moment its withdrawal is answered.
 */
public final class CurrentKeys {
    private static final int SIGNATURES_WAITING = 256;
    private static final Duration SIGNATURE_PATIENCE = Duration.ofSeconds(2);

    private final EventLog log;
    private final Vault vault;
    private final Clock clock;
    private final SigningKeyStore store = new SigningKeyStore();
    private volatile KeyRing ring;

    /** RSA takes a millisecond or two, during which its carrier thread can start no other request. */
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
                    if (event.mayConcern(TargetKind.SIGNING_KEY) || event.mayConcern(TargetKind.SIGNING_POLICY)) {
                        load();
                    }
                },
                this::load);
        // Again, or a change between the two would be missed.
        load();
    }

    private synchronized void load() {
        ring = loaded();
    }

    private KeyRing loaded() {
        return log.read(handle -> new KeyRing(store.all(handle), store.policy(handle), vault));
    }

    /** The lane in which RSA signs, for monitoring. */
    public Lane.Figures lane() {
        return slowSignatures.figures();
    }

    /** The state of the keys, for monitoring. */
    public KeyFigures figures() {
        return KeyFigures.of(ring.keys(), ring.policy(), clock.instant());
    }

    KeyRing ring() {
        return ring;
    }

    /** A JWT in its compact form (RFC 7519), signed by the current signing key. */
    public String sign(JOSEObjectType type, Map<String, Object> claims) {
        KeyRing.Signing key = ring.signing(clock.instant());
        return CurrentRequest.step(
                "sign", () -> key.isSlow() ? slowSignatures.run(() -> key.sign(type, claims)) : key.sign(type, claims));
    }

    /** Whether one of our trusted keys signed it, with that key's own algorithm. Its claims are not checked. */
    public boolean signed(SignedJWT jwt) {
        try {
            return ring.signed(clock.instant(), jwt);
        } catch (JOSEException e) {
            return false;
        }
    }

    /** Whether signatures of this key are still valid. */
    public boolean isTrusted(Instant now, String keyId) {
        return ring.isTrusted(now, keyId);
    }

    /** The public keys, for APIs that check access tokens (RFC 7517 section 5). */
    public JWKSet published() {
        return ring.published(clock.instant());
    }
}
