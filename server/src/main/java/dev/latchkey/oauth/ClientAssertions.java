package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ClientAuthentication.PrivateKeyJwt;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Programs that sign instead of sending a secret: {@code private_key_jwt} (RFC 7523 sections 2.2 and 3). */
public final class ClientAssertions {
    /** The one kind of client_assertion_type (RFC 7523 section 2.2). */
    static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /** Further ahead is no short-lived assertion any more, and would have to be remembered for long. */
    private static final Duration LONGEST = Duration.ofMinutes(10);

    /** The same for one that does not say when it was made, so that its age is known well enough. */
    private static final Duration LONGEST_UNDATED = Duration.ofMinutes(1);

    private final PublicKeys keys;
    private final ReplayMemory replays;
    private final Set<String> audiences;
    private final Clock clock;

    /** @param bases the public base URLs of this server, its issuer first */
    public ClientAssertions(PublicKeys keys, ReplayMemory replays, List<String> bases, Clock clock) {
        this.keys = keys;
        this.replays = replays;
        // RFC 7523 section 3 number 3: the authorization server, which its token endpoint's address may stand for.
        this.audiences = Stream.concat(
                        Stream.of(bases.getFirst()),
                        bases.stream()
                                .flatMap(base -> Stream.of(
                                        base + TokenEndpoint.PATH,
                                        base + IntrospectionEndpoint.PATH,
                                        base + RevocationEndpoint.PATH)))
                .collect(Collectors.toUnmodifiableSet());
        this.clock = clock;
    }

    /** Why the assertion does not prove that its sender is the API token, in words for the log; null when it does. */
    @Nullable String whyNot(ApiToken apiToken, Assertion assertion) {
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
        if (!assertion.isOnlyFor(audiences)) {
            return "wrong assertion: aud must be this issuer and nothing else";
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
        String unsigned = keys.whyNotSigned(assertion.jwt(), registered.keys(), clientId);
        if (unsigned != null) {
            return "wrong assertion: " + unsigned;
        }
        // 3. Only now: a stranger's assertion must not use up an id.
        return replays.isFirstUse(clientId, id, expiry.plus(Assertion.LEEWAY))
                ? null
                : "wrong assertion: its jti was used before";
    }
}
