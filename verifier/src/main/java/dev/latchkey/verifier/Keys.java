package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWK;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Latchkey's public keys at one time, and the access tokens that were verified with them. A new set of keys begins with
 * an empty memory, so the access tokens of a removed key are forgotten with it.
 */
final class Keys {
    /** The approximate limit on the memory of verified access tokens, in bytes. */
    private static final long REMEMBERED = 8L * 1024 * 1024;

    private final String source;
    private final Map<String, Key> byId;
    private final RecentAccessTokens verified = new RecentAccessTokens(REMEMBERED);

    private Keys(String source, Map<String, Key> byId) {
        this.source = source;
        this.byId = byId;
    }

    /**
     * Reads a JWK set. Keys for other purposes and keys that are not understood are left out (RFC 7517 section 5).
     *
     * @throws LatchkeyException when none is left, or when two keys have the same id
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

    /** Whether these keys were read from this very JWK set. */
    boolean are(String json) {
        return source.equals(json);
    }
}
