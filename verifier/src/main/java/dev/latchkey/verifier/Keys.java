package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Latchkey's public keys at one time, and the access tokens that were verified with them. Other keys begin with an empty
 * memory, so a key that is gone takes its access tokens along.
 */
final class Keys {
    /** How much memory verified access tokens may take, in bytes, roughly. */
    private static final long REMEMBERED = 8L * 1024 * 1024;

    private final String source;
    private final Map<String, Key> byId;
    private final RecentAccessTokens verified = new RecentAccessTokens(REMEMBERED);

    private Keys(String source, Map<String, Key> byId) {
        this.source = source;
        this.byId = byId;
    }

    /**
     * Reads a JWK set. Keys that are for something else or not understood are left out (RFC 7517 section 5).
     *
     * @throws LatchkeyException when none is left, or when one key id means two keys
     */
    static Keys parse(String json) {
        Map<String, Key> byId = new HashMap<>();
        try {
            for (Json entry : Json.parse(json).objects("keys")) {
                Key key = key(entry);
                if (key != null && byId.put(entry.text("kid"), key) != null) {
                    throw new LatchkeyException("Two of Latchkey's keys have the same id.");
                }
            }
        } catch (ParseException e) {
            throw new LatchkeyException("Latchkey's keys are not a JWK set.");
        }
        if (byId.isEmpty()) {
            throw new LatchkeyException("Latchkey publishes no key that access tokens can be checked with.");
        }
        return new Keys(json, byId);
    }

    private static @Nullable Key key(Json entry) {
        try {
            JWK jwk = JWK.parse(entry.members());
            return jwk.getKeyID() == null ? null : Key.of(jwk);
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            return null;
        }
    }

    @Nullable Key get(String id) {
        return byId.get(id);
    }

    RecentAccessTokens verified() {
        return verified;
    }

    /** Whether these keys are what the JWK set says. */
    boolean are(String json) {
        return source.equals(json);
    }
}
