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

/** Programs that sign instead of sending a secret: {@code private_key_jwt} (RFC 7523 sections 2.2 and 3). */
public final class ClientAssertions implements ClientProof {
    /** The one kind of client_assertion_type (RFC 7523 section 2.2). */
    private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final String ASSERTION = "client_assertion";
    private static final String ASSERTION_TYPE = "client_assertion_type";

    /** Some libraries make them for an hour. Further ahead is no short-lived one any more, and must be remembered for long. */
    private static final Duration LONGEST = Duration.ofMinutes(61);

    /** The same for one that does not say when it was made, so that its age is known well enough. */
    private static final Duration LONGEST_UNDATED = Duration.ofMinutes(1);

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
    public String words() {
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

    /** A {@code client_id} beside the assertion must agree (RFC 7521 section 4.2). */
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
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The client_id is not the one of the assertion.");
        }
        return new Checked(
                clientId,
                credentials.authenticate(
                        clientId,
                        request.origin(),
                        (apiToken, costly) -> Optional.ofNullable(whyNot(apiToken, assertion, costly))),
                false);
    }

    /** Why the assertion does not prove that its sender is the API token, in words for the log; null when it does. */
    private @Nullable String whyNot(ApiToken apiToken, Assertion assertion, CostlyChecks costly) {
        if (!(apiToken.authentication() instanceof PrivateKeyJwt registered)) {
            return "authenticates by " + apiToken.authentication().method() + ", not by private_key_jwt";
        }
        // 1. What it says: cheap, so it comes first.
        Instant now = clock.instant();
        String clientId = apiToken.clientId();
        if (!clientId.equals(assertion.claims().getIssuer())
                || !clientId.equals(assertion.claims().getSubject())) {
            return "wrong assertion: iss and sub must both be the client id";
        }
        String misled = whyNotForUs(assertion, registered.forTokenEndpoint());
        if (misled != null) {
            return "wrong assertion: " + misled;
        }
        String untimely = assertion.whyNotNow(now);
        if (untimely != null) {
            return "wrong assertion: " + untimely;
        }
        Instant expiry = assertion.expiry();
        Instant made = assertion.notUsedBefore();
        Duration longest = made == null ? LONGEST_UNDATED : LONGEST;
        if (expiry == null || expiry.isAfter(now.plus(longest).plus(Assertion.LEEWAY))) {
            return "wrong assertion: exp is more than " + longest.toSeconds() + " seconds ahead"
                    + (made == null ? ", the most without an iat" : "");
        }
        String id = assertion.id().orElse(null);
        if (id == null) {
            return "wrong assertion: it needs a jti of at most 256 characters";
        }
        Instant earliestUse = made == null ? expiry.minus(LONGEST_UNDATED) : made;
        if (earliestUse.plus(Duration.ofSeconds(1)).isBefore(replays.start())) {
            return "wrong assertion: it was made before this server started, which cannot know whether it was used";
        }
        // 2. Who signed it.
        String unsigned = keys.whyNotSigned(assertion.jwt(), registered.keys(), clientId, costly);
        if (unsigned != null) {
            return "wrong assertion: " + unsigned;
        }
        // 3. Only now: a stranger's assertion must not use up an id.
        return replays.isFirstUse(clientId, clientId, id, expiry.plus(Assertion.LEEWAY))
                ? null
                : "wrong assertion: its jti was used before";
    }

    /**
     * RFC 10070 section 4: the issuer, and nothing else. Whoever makes a program believe that another server's token endpoint
     * is ours would otherwise get an assertion that counts there.
     */
    private @Nullable String whyNotForUs(Assertion assertion, boolean forTokenEndpoint) {
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
                : "aud is the token endpoint, it must be the issuer, " + issuer + ". Set the audience in the program's"
                        + " library, or edit this API token so that it takes the token endpoint";
    }
}
