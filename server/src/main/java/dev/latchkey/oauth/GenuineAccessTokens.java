package dev.latchkey.oauth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.jwt.CompactJwt;
import dev.latchkey.signing.CurrentKeys;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Access tokens that we made: what is inside, once the signature is checked. They are remembered, in bounded memory. */
final class GenuineAccessTokens {
    static final JOSEObjectType TYPE = new JOSEObjectType("at+jwt");

    /** The claim that says that the scope binds: one that was asked for does. */
    static final String LIMITED = "scope_limited";

    /** How much memory they may take, in bytes, roughly. */
    private static final long MEMORY = 64L * 1024 * 1024;

    private final CurrentKeys keys;
    private final String issuer;

    /**
     * What was verified once, with which signature and by which key; whether it still counts is looked at each time. It is
     * found by all of the JWT but its signature: whoever has one of ECDSA's (r, s) can make the other, (r, n-s), which is
     * right, too, and must not take a second place.
     *
     * <p>The text itself is what is compared, not a digest of it: that costs a tenth, at each call, for half a kilobyte more.
     */
    record Genuine(AccessToken accessToken, byte[] signature, String keyId) {
        boolean isSignedBy(byte[] other) {
            return MessageDigest.isEqual(signature, other);
        }

        /** Its bytes, roughly: objects, and what is of any length in it. */
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

    private final Cache<String, Genuine> verified = Caffeine.newBuilder()
            .maximumWeight(MEMORY)
            .weigher((String signed, Genuine genuine) -> genuine.weight(signed))
            .build();

    GenuineAccessTokens(CurrentKeys keys, String issuer) {
        this.keys = keys;
        this.issuer = issuer;
    }

    /** What the JWT says; null when we did not make it as it is. */
    @Nullable Genuine find(String compact) {
        int dot = compact.lastIndexOf('.');
        if (dot < 0) {
            return null;
        }
        String signed = compact.substring(0, dot);
        byte[] signature = compact.substring(dot + 1).getBytes(StandardCharsets.US_ASCII);
        // What is remembered was spelled exactly, and is the same only as what is spelled so, too.
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
            // A claim of another type than we write.
            return null;
        }
    }

    /** How many are remembered. */
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
        throw new ParseException("a confirmation that nobody here wrote", 0);
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
