package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import dev.latchkey.apitoken.CostlyChecks;
import dev.latchkey.apitoken.Credentials;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Programs that send a signed JWT instead of a secret: {@code private_key_jwt} (RFC 7523 sections 2.2 and 3). */
public final class ClientAssertions implements ClientProof {
    /** The only client_assertion_type (RFC 7523 section 2.2). */
    private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final String ASSERTION = "client_assertion";
    private static final String ASSERTION_TYPE = "client_assertion_type";

    /**
     * Some libraries make them valid for an hour. One that lives longer is not short-lived, and would have to be remembered
     * for long.
     */
    private static final Duration MAX_LIFETIME = Duration.ofMinutes(61);

    /** The limit for one that does not say when it was made, so that its age is known well enough. */
    private static final Duration MAX_UNDATED_LIFETIME = Duration.ofMinutes(1);

    private final Credentials credentials;
    private final PublicKeys keys;
    private final ReplayMemory replays;
    private final String issuer;
    private final Set<String> tokenEndpoints;
    private final Clock clock;

    public ClientAssertions(
            Credentials credentials, PublicKeys keys, ReplayMemory replays, PublicUrls urls, Clock clock) {
        this.credentials = credentials;
        this.keys = keys;
        this.replays = replays;
        this.issuer = urls.issuer();
        this.tokenEndpoints = Set.copyOf(urls.tokenEndpoints());
        this.clock = clock;
    }

    @Override
    public List<String> methods() {
        return List.of("private_key_jwt");
    }

    @Override
    public String noun() {
        return "a client assertion";
    }

    @Override
    public List<String> parameters() {
        return List.of(ASSERTION, ASSERTION_TYPE);
    }

    @Override
    public Presence presence(OAuthRequest request) {
        return request.form().has(ASSERTION) || request.form().has(ASSERTION_TYPE) ? Presence.SENT : Presence.NONE;
    }

    /** A {@code client_id} sent with the assertion must agree with it (RFC 7521 section 4.2). */
    @Override
    public Checked check(OAuthRequest request) {
        if (!request.form().first(ASSERTION_TYPE).orElse("").equals(TYPE)) {
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The client_assertion_type must be " + TYPE + ".");
        }
        Assertion assertion = Assertion.parse(request.form().first(ASSERTION).orElse(""))
                .orElseThrow(() -> OAuthError.invalidClient(false));
        String subject = assertion.claims().getSubject();
        String clientId = subject == null ? "" : subject;
        if (!request.namedClientId().orElse(clientId).equals(clientId)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The client_id differs from the sub of the assertion.");
        }
        return new Checked(
                clientId,
                credentials.authenticate(
                        clientId,
                        request.origin(),
                        (apiToken, costly) -> Optional.ofNullable(whyNot(apiToken, assertion, costly))),
                false);
    }

    /** Why the assertion does not authenticate the API token, in words for the log; null when it does. */
    private @Nullable String whyNot(ApiToken apiToken, Assertion assertion, CostlyChecks costly) {
        if (!(apiToken.authentication() instanceof PrivateKeyJwt registered)) {
            return "authenticates by " + apiToken.authentication().method() + ", not by private_key_jwt";
        }
        // 1. Its claims, which are cheap to check.
        Instant now = clock.instant();
        String clientId = apiToken.clientId();
        if (!clientId.equals(assertion.claims().getIssuer())
                || !clientId.equals(assertion.claims().getSubject())) {
            return "wrong assertion: iss and sub must both be the client id";
        }
        String wrongAudience = whyWrongAudience(assertion, registered.forTokenEndpoint());
        if (wrongAudience != null) {
            return "wrong assertion: " + wrongAudience;
        }
        String wrongTime = assertion.whyUntimely(now);
        if (wrongTime != null) {
            return "wrong assertion: " + wrongTime;
        }
        Instant expiry = assertion.expiry();
        Instant made = assertion.notUsedBefore();
        Duration maxLifetime = made == null ? MAX_UNDATED_LIFETIME : MAX_LIFETIME;
        if (expiry == null || expiry.isAfter(now.plus(maxLifetime).plus(Assertion.LEEWAY))) {
            return "wrong assertion: exp is more than " + maxLifetime.toSeconds() + " seconds ahead"
                    + (made == null ? ", the most without an iat" : "");
        }
        String id = assertion.id().orElse(null);
        if (id == null) {
            return "wrong assertion: it needs a jti of at most 256 characters";
        }
        Instant earliestUse = made == null ? expiry.minus(MAX_UNDATED_LIFETIME) : made;
        if (earliestUse.plus(Duration.ofSeconds(1)).isBefore(replays.start())) {
            return "wrong assertion: it was made before this server started, so it may have been used already";
        }
        // 2. Who signed it.
        String wrongSignature = keys.whyNotSigned(assertion.jwt(), registered.keys(), clientId, costly);
        if (wrongSignature != null) {
            return "wrong assertion: " + wrongSignature;
        }
        // 3. Last, because a stranger's assertion must not use up an id.
        return replays.isFirstUse(clientId, clientId, id, expiry.plus(Assertion.LEEWAY))
                ? null
                : "wrong assertion: its jti was used before";
    }

    /**
     * RFC 10070 section 4: the issuer, and nothing else. Otherwise an attacker who passes off another server's token
     * endpoint as ours would get an assertion that is valid there.
     */
    private @Nullable String whyWrongAudience(Assertion assertion, boolean forTokenEndpoint) {
        if (assertion.isOnlyFor(Set.of(issuer))
                && assertion.claims().getAudience().size() == 1) {
            return null;
        }
        boolean tokenEndpoint = assertion.isOnlyFor(tokenEndpoints)
                && assertion.claims().getAudience().size() == 1;
        if (!tokenEndpoint) {
            return "aud must be the issuer, " + issuer + ", and nothing else";
        }
        return forTokenEndpoint
                ? null
                : "aud is the token endpoint but must be the issuer, " + issuer + ". Set the audience in the program's"
                        + " library, or edit this API token to accept the token endpoint";
    }
}
