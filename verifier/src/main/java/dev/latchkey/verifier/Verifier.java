package dev.latchkey.verifier;

import dev.latchkey.verifier.AccessTokens.Authentication;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides inside an API which calls are allowed, as Latchkey would, without asking it each time: it keeps a copy of the
 * API's policy and of Latchkey's public keys, refreshed in the background. Only API keys make it ask, and the answer about a
 * key is remembered for a moment. Safe for any number of threads.
 */
public final class Verifier implements AutoCloseable {
    private final String api;
    private final Mirror mirror;
    private final AccessTokens accessTokens;
    private final ApiKeys apiKeys;

    private Verifier(Builder settings, Latchkey.Credentials credentials) {
        this.api = settings.api;
        Latchkey latchkey = new Latchkey(settings.issuer, api, credentials, settings.clock);
        this.mirror = new Mirror(
                latchkey, latchkey::policy, api, settings.refreshInterval, settings.maximumStaleness, settings.clock);
        this.accessTokens = new AccessTokens(settings.issuer, mirror, settings.clock);
        this.apiKeys = new ApiKeys(latchkey, settings.keyMemory, settings.clock);
    }

    /**
     * Starts the configuration of a verifier.
     *
     * @param issuer Latchkey's public base URL, such as {@code https://auth.example.com}
     * @param api the name of this API in Latchkey
     * @throws IllegalArgumentException when one of them is invalid; the message says which
     */
    public static Builder of(String issuer, String api) {
        return new Builder(issuer, api);
    }

    /** {@link #decide(Call)} for a call without headers that could change its method. */
    public Decision decide(String method, String target, @Nullable String authorization) {
        return decide(new Call(method, target, authorization, List.of()));
    }

    /**
     * Whether a call is allowed. Never throws, whatever the call contains. A call with an API key may have to wait for Latchkey,
     * usually for milliseconds and at most for a few seconds; all others are decided at once.
     */
    public Decision decide(Call call) {
        Policy policy = mirror.policy();
        if (policy == null) {
            return new Decision.Unavailable(mirror.trouble());
        }
        // A caller must be known before anything is said about the API, except what is public.
        Policy.Meaning meaning = policy.meaning(call);
        Endpoint endpoint = meaning.endpoint();
        Identity identity = identify(policy, endpoint, call);
        if (identity instanceof Identity.Limited limited) {
            return new Decision.Limited(limited.reason(), limited.retryAfter());
        }
        if (endpoint != null && isPublic(endpoint)) {
            return new Decision.Allowed(endpoint, identity instanceof Identity.Known known ? known.client() : null);
        }
        if (identity instanceof Identity.Known known) {
            return endpoint == null
                    ? new Decision.Forbidden(meaning.code(), null, List.of(), meaning.reason())
                    : decide(policy, endpoint, known);
        }
        if (identity instanceof Identity.Unknowable) {
            return new Decision.Unavailable("API keys cannot be checked now. Try again in a moment.");
        }
        return identity instanceof Identity.Refused refused
                ? new Decision.Unauthenticated(true, refused.reason())
                : new Decision.Unauthenticated(
                        false,
                        "Send an access token for " + policy.audience() + " as Authorization: Bearer"
                                + (policy.keyPlaces().equals(KeyPlaces.NONE)
                                        ? "."
                                        : ", or an API key ("
                                                + policy.keyPlaces().text() + ")."));
    }

    private static boolean isPublic(Endpoint endpoint) {
        return endpoint.access() == Endpoint.Access.PUBLIC;
    }

    private Identity identify(Policy policy, @Nullable Endpoint endpoint, Call call) {
        KeyPlaces.Credential credential = policy.keyPlaces().of(call);
        if (credential instanceof KeyPlaces.ApiKey key) {
            return apiKeys.identify(
                    key.text(),
                    call,
                    known -> endpoint != null
                            && (isPublic(endpoint) || decide(policy, endpoint, known) instanceof Decision.Allowed));
        }
        if (credential instanceof KeyPlaces.Unacceptable unacceptable) {
            return new Identity.Refused(unacceptable.reason());
        }
        if (credential instanceof KeyPlaces.InAuthorization authorization) {
            Authentication authentication = accessTokens.authenticate(authorization.header(), policy.audience());
            if (authentication instanceof Authentication.Accepted accepted) {
                return new Identity.Known(
                        accepted.accessToken().client(), accepted.accessToken().limit());
            }
            return new Identity.Refused(((Authentication.Refused) authentication).reason());
        }
        return new Identity.Anonymous();
    }

    private static Decision decide(Policy policy, Endpoint endpoint, Identity.Known known) {
        Client client = known.client();
        List<String> lacking = lacking(endpoint, privilege -> policy.allows(client.roles(), privilege));
        if (!lacking.isEmpty()) {
            return missing(endpoint, lacking, "which the role " + String.join(", ", client.roles()) + " does not have");
        }
        Set<String> limit = known.limit();
        List<String> unasked = limit == null ? List.of() : lacking(endpoint, limit::contains);
        return unasked.isEmpty()
                ? new Decision.Allowed(endpoint, client)
                : missing(
                        endpoint,
                        unasked,
                        "which " + (unasked.size() == 1 ? "is" : "are")
                                + " not in the scope that the access token was limited to");
    }

    /** The endpoint's privileges that are not held; usually none, so no list is created for it. */
    private static List<String> lacking(Endpoint endpoint, Predicate<String> held) {
        List<String> lacking = List.of();
        for (String privilege : endpoint.privileges()) {
            if (!held.test(privilege)) {
                lacking = lacking.isEmpty() ? new ArrayList<>() : lacking;
                lacking.add(privilege);
            }
        }
        return lacking;
    }

    private static Decision missing(Endpoint endpoint, List<String> privileges, String why) {
        return new Decision.Forbidden(
                "missing_privilege",
                endpoint,
                privileges,
                endpoint + " needs the " + (privileges.size() == 1 ? "privilege " : "privileges ")
                        + String.join(" and ", privileges) + ", " + why + ".");
    }

    /** The HTTP response to a refusal. */
    public Answer answer(Decision.Refused refused) {
        return Answer.to(refused, api);
    }

    /** Ends the refreshing; from then on nothing is allowed. */
    @Override
    public void close() {
        mirror.close();
    }

    /** The settings of a verifier. */
    public static final class Builder {
        private static final Pattern API = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
        private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
        private static final Duration LONGEST_STALENESS = Duration.ofDays(1);
        private static final Duration LONGEST_KEY_MEMORY = Duration.ofMinutes(1);

        private final URI issuer;
        private final String api;
        private Latchkey.@Nullable Credentials credentials;
        private Duration refreshInterval = Duration.ofSeconds(10);
        private Duration maximumStaleness = Duration.ofMinutes(5);
        private Duration keyMemory = Duration.ofSeconds(2);
        private Clock clock = Clock.systemUTC();
        private boolean plainHttp;

        private Builder(String issuer, String api) {
            this.issuer = Issuer.parse(issuer);
            if (!API.matcher(api).matches()) {
                throw new IllegalArgumentException("This is not a valid name of an API in Latchkey.");
            }
            this.api = api;
        }

        /**
         * The API token to fetch the policy with; its role needs the privilege {@code apis:read} and, if the API takes API keys,
         * {@code decisions:ask}.
         */
        public Builder credentials(String clientId, String clientSecret) {
            this.credentials = new Latchkey.Credentials(clientId, clientSecret);
            return this;
        }

        /** How late a change in Latchkey may take effect here; ten seconds by default. */
        public Builder refreshInterval(Duration interval) {
            this.refreshInterval = interval;
            return this;
        }

        /**
         * How long Latchkey's answer about a valid API key is used, and so how late the revocation of a key may take effect here;
         * two seconds by default, zero to ask for each call. That a key is not valid is remembered for half a second at most.
         */
        public Builder keyMemory(Duration memory) {
            this.keyMemory = memory;
            return this;
        }

        /**
         * How long to keep deciding while Latchkey cannot be reached; after that nothing is allowed. Five minutes by
         * default.
         */
        public Builder maximumStaleness(Duration staleness) {
            this.maximumStaleness = staleness;
            return this;
        }

        /**
         * Accepts an issuer that begins with {@code http:} on another machine. Anyone who can change that network's
         * traffic can then supply their own keys and read the secret, so use this only in a network that no one else
         * has access to.
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
         * Loads the policy and the keys, and begins to refresh them.
         *
         * @throws LatchkeyException when they cannot be loaded; the message says what to check
         * @throws IllegalStateException when these settings contradict each other
         */
        public Verifier start() {
            if (credentials == null) {
                throw new IllegalStateException(
                        "The credentials are missing. Pass those of an API token that may" + " read the policy.");
            }
            if (!plainHttp) {
                Issuer.requireEncrypted(issuer);
            }
            if (refreshInterval.compareTo(SHORTEST_INTERVAL) < 0 || maximumStaleness.compareTo(LONGEST_STALENESS) > 0) {
                throw new IllegalStateException(
                        "The refresh interval must be at least a second, the maximum staleness at most a day.");
            }
            if (keyMemory.isNegative() || keyMemory.compareTo(LONGEST_KEY_MEMORY) > 0) {
                throw new IllegalStateException("API keys may be remembered for a minute at most.");
            }
            if (maximumStaleness.compareTo(refreshInterval) <= 0) {
                throw new IllegalStateException("The maximum staleness must be longer than the refresh interval.");
            }
            return new Verifier(this, credentials);
        }
    }
}
