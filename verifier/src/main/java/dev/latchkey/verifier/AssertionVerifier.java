package dev.latchkey.verifier;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.jwt.CompactJwt;
import dev.latchkey.path.RequestPath;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Checks inside an API that a call came through its gateway: the gateway passes on {@value #HEADER}, which Latchkey signed for
 * this very call. It needs no API token, only Latchkey's public keys, which it keeps fresh in the background. Safe for any
 * number of threads.
 */
public final class AssertionVerifier implements AutoCloseable {
    /** The header that a gateway passes on. */
    public static final String HEADER = "Latchkey-Assertion";

    private static final JOSEObjectType TYPE = new JOSEObjectType("latchkey-assertion+jwt");
    private static final int MAX_LENGTH = 8 * 1024;

    /** How far this node's clock may be behind Latchkey's. */
    private static final long LEEWAY_MILLIS = 60_000;

    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(10);
    private static final Duration MAXIMUM_STALENESS = Duration.ofMinutes(5);

    private final String issuer;
    private final String audience;
    private final Clock clock;
    private final Mirror mirror;

    private AssertionVerifier(URI issuer, String audience, Clock clock) {
        this.issuer = issuer.toString();
        this.audience = audience;
        this.clock = clock;
        this.mirror = new Mirror(
                new Latchkey(issuer, "", null, clock),
                Mirror.Policies.NONE,
                "assertions",
                REFRESH_INTERVAL,
                MAXIMUM_STALENESS,
                clock);
    }

    /**
     * Starts the configuration.
     *
     * @param issuer Latchkey's public base URL, such as {@code https://auth.example.com}
     * @param audience the audience of this API in Latchkey, such as {@code https://billing.example}
     * @throws IllegalArgumentException when the issuer is not a base URL
     */
    public static Builder of(String issuer, String audience) {
        return new Builder(Issuer.parse(issuer), audience);
    }

    /** What an assertion is worth. */
    public sealed interface Result {

        /**
         * The call came through the gateway, which Latchkey told to let it pass.
         *
         * @param credential what the program proved its identity with: {@code access_token} or {@code api_key}
         */
        record Genuine(Client client, String credential) implements Result {}

        /**
         * It did not, or this cannot be known.
         *
         * @param reason for the API's own log or its caller
         */
        record Refused(String reason) implements Result {}
    }

    /**
     * Checks the assertion of a call. Never throws, whatever it contains.
     *
     * @param assertion the value of {@value #HEADER}; null when the call has none, as an anonymous call of a public endpoint
     * @param target path and query as they were sent
     */
    public Result check(@Nullable String assertion, String method, String target) {
        if (assertion == null || assertion.isEmpty()) {
            return new Result.Refused("The call has no " + HEADER
                    + ". It did not come through the gateway, or its caller is" + " not known.");
        }
        if (!mirror.isUsable()) {
            return new Result.Refused("Latchkey's keys are too old to check an assertion with.");
        }
        if (assertion.length() > MAX_LENGTH) {
            return refused();
        }
        try {
            return checked(CompactJwt.parse(assertion), method, RequestPath.ofTarget(target));
        } catch (ParseException | JOSEException | RuntimeException e) {
            // Whatever makes a parser fail is not an assertion.
            return refused();
        }
    }

    private Result checked(SignedJWT jwt, String method, String path) throws ParseException, JOSEException {
        JWSHeader header = jwt.getHeader();
        if (header.getKeyID() == null || !TYPE.equals(header.getType()) || header.getCriticalParams() != null) {
            return refused();
        }
        Key key = mirror.keys().get(header.getKeyID());
        if (key == null) {
            key = mirror.keysAfterRefetch().get(header.getKeyID());
        }
        if (key == null || !key.signed(jwt)) {
            return refused();
        }
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        if (!issuer.equals(claims.getIssuer())) {
            return refused();
        }
        if (!List.of(audience).equals(claims.getAudience())) {
            return new Result.Refused("The assertion is for another API.");
        }
        long now = clock.millis();
        Date expiresAt = claims.getExpirationTime();
        Date issuedAt = claims.getIssueTime();
        if (expiresAt == null || issuedAt == null || now >= expiresAt.getTime()) {
            return new Result.Refused("The assertion has expired.");
        }
        if (now + LEEWAY_MILLIS < issuedAt.getTime()) {
            return new Result.Refused("The assertion is not valid yet.");
        }
        if (!method.equals(claims.getStringClaim("htm")) || !isFor(claims, path)) {
            return new Result.Refused("The assertion is for another call.");
        }
        String credential = claims.getStringClaim("credential");
        return new Result.Genuine(AccessToken.of(claims).client(), credential == null ? "" : credential);
    }

    /** A long path is named by its digest. */
    private static boolean isFor(JWTClaimsSet claims, String path) throws ParseException {
        String whole = claims.getStringClaim("htu");
        return whole != null ? whole.equals(path) : digest(path).equals(claims.getStringClaim("htu#S256"));
    }

    private static String digest(String path) {
        byte[] sha256 = Sha256.begin().digest(path.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256);
    }

    private static Result refused() {
        return new Result.Refused("The assertion is not from this issuer, or was altered.");
    }

    /** Ends the refreshing; from then on every assertion is refused. */
    @Override
    public void close() {
        mirror.close();
    }

    /** The settings. */
    public static final class Builder {
        private final URI issuer;
        private final String audience;
        private Clock clock = Clock.systemUTC();
        private boolean plainHttp;

        private Builder(URI issuer, String audience) {
            this.issuer = issuer;
            this.audience = audience;
        }

        /**
         * Accepts an issuer that begins with {@code http:} on another machine. Anyone who can change that network's traffic
         * can then supply their own keys.
         */
        public Builder plainHttp() {
            this.plainHttp = true;
            return this;
        }

        /** A clock to use instead of the system's, for tests. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        /**
         * Loads Latchkey's keys, and begins to refresh them.
         *
         * @throws LatchkeyException when they cannot be loaded; the message says what to check
         * @throws IllegalStateException when the issuer begins with {@code http:} and that was not accepted
         */
        public AssertionVerifier start() {
            if (!plainHttp) {
                Issuer.requireEncrypted(issuer);
            }
            return new AssertionVerifier(issuer, audience, clock);
        }
    }
}
