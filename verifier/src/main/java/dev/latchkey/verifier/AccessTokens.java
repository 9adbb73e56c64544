package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.jwt.CompactJwt;
import java.net.URI;
import java.text.ParseException;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks Latchkey's access tokens (RFC 9068 section 4). What a JWT says about itself is trusted only after its
 * signature was checked with one of Latchkey's keys.
 */
final class AccessTokens {
    private static final String BEARER = "Bearer ";
    private static final int MAX_LENGTH = 8 * 1024;

    /** How far this node's clock may be behind Latchkey's. */
    private static final long LEEWAY_MILLIS = 60_000;

    private static final Set<JOSEObjectType> TYPES =
            Set.of(new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"));

    private final String issuer;
    private final Mirror mirror;
    private final Clock clock;

    AccessTokens(URI issuer, Mirror mirror, Clock clock) {
        this.issuer = issuer.toString();
        this.mirror = mirror;
        this.clock = clock;
    }

    /** The outcome of checking a header. */
    sealed interface Authentication {
        record Accepted(AccessToken accessToken) implements Authentication {}

        /** @param reason may be shown to the caller */
        record Refused(String reason) implements Authentication {}
    }

    /** Checks the value of an {@code Authorization} header (RFC 6750 section 2.1). */
    Authentication authenticate(String header, String audience) {
        if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return new Authentication.Refused("Send an access token as Authorization: Bearer.");
        }
        int start = BEARER.length();
        while (start < header.length() && header.charAt(start) == ' ') {
            start++;
        }
        if (header.length() - start > MAX_LENGTH) {
            return new Authentication.Refused("The access token is too long.");
        }
        String compact = header.substring(start);
        AccessToken accessToken = CompactJwt.isExact(compact) ? known(compact) : null;
        if (accessToken == null) {
            return new Authentication.Refused("The access token is not from this issuer, or was altered.");
        }
        if (!accessToken.audience().contains(audience)) {
            return new Authentication.Refused(
                    "The access token is for another API. Get one for this API with resource=" + audience + ".");
        }
        if (accessToken.bound()) {
            // Accepting it as a bearer token would give a thief what the binding is there to prevent (RFC 9449
            // section 7.2).
            return new Authentication.Refused(
                    "The access token is bound to its sender, which this API does not check.");
        }
        long now = clock.millis();
        if (now >= accessToken.expiresAt()) {
            return new Authentication.Refused("The access token has expired.");
        }
        if (now + LEEWAY_MILLIS < accessToken.notBefore()) {
            return new Authentication.Refused("The access token is not valid yet.");
        }
        return new Authentication.Accepted(accessToken);
    }

    private @Nullable AccessToken known(String compact) {
        AccessToken known = mirror.keys().verified().get(compact);
        if (known != null) {
            return known;
        }
        try {
            return verified(CompactJwt.parse(compact), compact);
        } catch (ParseException | JOSEException | RuntimeException e) {
            // Whatever makes a parser fail is not an access token.
            return null;
        }
    }

    private @Nullable AccessToken verified(SignedJWT jwt, String compact) throws ParseException, JOSEException {
        JWSHeader header = jwt.getHeader();
        if (header.getKeyID() == null
                || header.getType() == null
                || !TYPES.contains(header.getType())
                || header.getCriticalParams() != null) {
            return null;
        }
        Keys keys = mirror.keys();
        Key key = keys.get(header.getKeyID());
        if (key == null) {
            keys = mirror.keysAfterRefetch();
            key = keys.get(header.getKeyID());
        }
        if (key == null || !key.signed(jwt)) {
            return null;
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        if (!issuer.equals(claims.getIssuer())) {
            return null;
        }
        AccessToken accessToken = AccessToken.of(claims);
        keys.verified().put(compact, accessToken);
        return accessToken;
    }
}
