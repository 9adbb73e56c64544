package dev.latchkey.verifier;

import com.nimbusds.jwt.JWTClaimsSet;
import java.text.ParseException;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A verified access token.
 *
 * @param notBefore in milliseconds, like {@code expiresAt}
 * @param bound whether it is bound to its sender (RFC 7800 {@code cnf}), which this library cannot check
 * @param limit the privileges to which the program asked to limit it; null when it did not ask
 */
record AccessToken(
        Client client,
        List<String> audience,
        long notBefore,
        long expiresAt,
        boolean bound,
        @Nullable Set<String> limit) {

    /**
     * Reads the relevant claims (RFC 9068 section 2.2).
     *
     * @throws ParseException when a claim is missing or of the wrong type
     */
    static AccessToken of(JWTClaimsSet claims) throws ParseException {
        String clientId = required(claims, "client_id");
        required(claims, "sub");
        required(claims, "jti");
        Date expiresAt = claims.getExpirationTime();
        Date issuedAt = claims.getIssueTime();
        if (expiresAt == null || issuedAt == null) {
            throw new ParseException("A time is missing.", 0);
        }
        Date notBefore = claims.getNotBeforeTime();
        List<String> roles = claims.getStringListClaim("roles");
        Set<String> scopes = words(claims.getStringClaim("scope"));
        return new AccessToken(
                new Client(
                        clientId,
                        roles == null ? Set.of() : Set.copyOf(roles),
                        claims.getStringClaim("account"),
                        scopes),
                List.copyOf(claims.getAudience()),
                Math.max(issuedAt.getTime(), notBefore == null ? issuedAt.getTime() : notBefore.getTime()),
                expiresAt.getTime(),
                claims.getClaim("cnf") != null,
                Boolean.TRUE.equals(claims.getBooleanClaim("scope_limited")) ? scopes : null);
    }

    private static String required(JWTClaimsSet claims, String name) throws ParseException {
        String text = claims.getStringClaim(name);
        if (text == null || text.isEmpty()) {
            throw new ParseException("The claim " + name + " is missing.", 0);
        }
        return text;
    }

    private static Set<String> words(@Nullable String text) {
        return text == null || text.isBlank()
                ? Set.of()
                : Set.copyOf(List.of(text.strip().split(" +")));
    }
}
