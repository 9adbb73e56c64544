package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.jwt.CompactJwt;
import dev.latchkey.signing.CurrentKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies that we signed an access token and reads its claims. Results are remembered, in bounded memory. */
final class GenuineAccessTokens {
    static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");

    /** The claim that says that the scope is a limit, as a requested one is. */
    static final String LIMITED = "scope_limited";

    /** How much memory they may take, in bytes, approximately. */
    private static final long MEMORY = 64L * 1024 * 1024;

    private final CurrentKeys keys;
    private final String issuer;

    /**
     * A verified access token, its signature and the key that signed it; whether it is still valid is checked each time. It
     * is found by the JWT without its signature: from ECDSA's (r, s) anyone can make (r, n-s), which is valid too and must
     * not take a second place.
     *
     * <p>The key is the text itself and not a digest of it: for half a kilobyte more, each call costs a tenth.
     */
    record Genuine(AccessToken accessToken, byte[] signature, String keyId) {
        boolean isSignedBy(byte[] other) {
            return MessageDigest.isEqual(signature, other);
        }

        /** Its approximate size in bytes: the objects, and everything of variable length. */
        int weight(String signed) {
            int weight = 500
                    + signed.length()
                    + signature.length
                    + accessToken.audience().length();
            for (String one : accessToken.scope().orElse(Set.of())) {
                weight += 80 + one.length();
            }
            return weight;
        }
    }

    private final StatsCounter counter = new ConcurrentStatsCounter();

    private final Cache<String, Genuine> verified = Caffeine.newBuilder()
            .maximumWeight(MEMORY)
            .weigher((String signed, Genuine genuine) -> genuine.weight(signed))
            .recordStats(() -> counter)
            .build();

    GenuineAccessTokens(CurrentKeys keys, String issuer) {
        this.keys = keys;
        this.issuer = issuer;
    }

    /** The verified access token; null when we did not sign it as it is. */
    @Nullable Genuine find(String compact) {
        int dot = compact.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        String signed = compact.substring(0, dot);
        byte[] signature = compact.substring(dot + 1).getBytes(StandardCharsets.US_ASCII);
        // A remembered token was encoded exactly, so another encoding of it does not match.
        Genuine known = verified.getIfPresent(signed);
        if (known != null && known.isSignedBy(signature)) {
            return known;
        }
        try {
            Genuine checked = parsed(compact, signature);
            if (checked != null) {
                verified.put(signed, checked);
            }
            return checked;
        } catch (ParseException | RuntimeException e) {
            // A claim has a type that ours never have.
            return null;
        }
    }

    CacheFigures figures() {
        return CacheFigures.of(verified, counter);
    }

    /** How many access tokens are remembered. */
    long remembered() {
        verified.cleanUp();
        return verified.estimatedSize();
    }

    private static @Nullable Confirmation confirmation(JWTClaimsSet claims) throws ParseException {
        Map<String, Object> confirmation = claims.getJSONObjectClaim("cnf");
        if (confirmation == null) {
            return null;
        }
        if (confirmation.get(Confirmation.ProofKey.MEMBER) instanceof String key) {
            return new Confirmation.ProofKey(key);
        }
        if (confirmation.get(Confirmation.Certificate.MEMBER) instanceof String certificate) {
            return new Confirmation.Certificate(certificate);
        }
        throw new ParseException("not a confirmation of ours", 0);
    }

    private @Nullable Genuine parsed(String compact, byte[] signature) throws ParseException {
        SignedJWT jwt = CompactJwt.parse(compact);
        if (!TYPE.equals(jwt.getHeader().getType()) || !keys.signed(jwt)) {
            return null;
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        if (!issuer.equals(claims.getIssuer())
                || claims.getAudience().size() != 1
                || claims.getExpirationTime() == null
                || claims.getIssueTime() == null
                || claims.getJWTID() == null
                || claims.getStringClaim("client_id") == null) {
            return null;
        }
        boolean limited = Boolean.TRUE.equals(claims.getBooleanClaim(LIMITED));
        AccessToken accessToken = new AccessToken(
                claims.getJWTID(),
                claims.getStringClaim("client_id"),
                claims.getAudience().getFirst(),
                claims.getIssueTime().toInstant(),
                claims.getExpirationTime().toInstant(),
                limited ? Optional.of(Set.of(claims.getStringClaim("scope").split(" ", -1))) : Optional.empty(),
                confirmation(claims));
        return new Genuine(accessToken, signature, jwt.getHeader().getKeyID());
    }
}
