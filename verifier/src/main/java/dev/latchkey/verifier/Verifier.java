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
 * API's policy and of Latchkey's public keys, refreshed in the background. Safe for any number of threads.
 */
public final class Verifier implements AutoCloseable {
    private final String api;
    private final Mirror mirror;
    private final AccessTokens accessTokens;

    private Verifier(Builder settings, Latchkey.Credentials credentials) {
        this.api = settings.api;
        this.mirror = new Mirror(
                new Latchkey(settings.issuer, api, credentials, settings.clock),
                api,
                settings.refreshInterval,
                settings.maximumStaleness,
                settings.clock);
        this.accessTokens = new AccessTokens(settings.issuer, mirror, settings.clock);
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

    /** Whether a call is allowed. Never throws, whatever the call contains. */
    public Decision decide(Call call) {
        Policy policy = mirror.policy();
        if (policy == null) {
            return new Decision.Unavailable(mirror.trouble());
        }
        // A caller must be known before anything is said about the API, except what is public.
        Policy.Meaning meaning = policy.meaning(call);
        Endpoint endpoint = meaning.endpoint();
        Authentication authentication = call.authorization() == null
                ? null
                : accessTokens.authenticate(call.authorization(), policy.audience());
        if (endpoint != null && endpoint.access() == Endpoint.Access.PUBLIC) {
            return new Decision.Allowed(
                    endpoint,
                    authentication instanceof Authentication.Accepted accepted
                            ? accepted.accessToken().client()
                            : null);
        }
        if (authentication instanceof Authentication.Accepted accepted) {
            return endpoint == null
                    ? new Decision.Forbidden(meaning.code(), null, List.of(), meaning.reason())
                    : decide(policy, endpoint, accepted.accessToken());
        }
        return authentication instanceof Authentication.Refused refused
                ? new Decision.Unauthenticated(true, refused.reason())
                : new Decision.Unauthenticated(
                        false, "Send an access token for " + policy.audience() + " as Authorization: Bearer.");
    }

    private static Decision decide(Policy policy, Endpoint endpoint, AccessToken accessToken) {
        Client client = accessToken.client();
        List<String> lacking = lacking(endpoint, privilege -> policy.allows(client.roles(), privilege));
        if (!lacking.isEmpty()) {
            return missing(endpoint, lacking, "which the role " + String.join(", ", client.roles()) + " does not have");
        }
        Set<String> limit = accessToken.limit();
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
        private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");
        private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);
        private static final Duration LONGEST_STALENESS = Duration.ofDays(1);

        private final URI issuer;
        private final String api;
        private Latchkey.@Nullable Credentials credentials;
        private Duration refreshInterval = Duration.ofSeconds(10);
        private Duration maximumStaleness = Duration.ofMinutes(5);
        private Clock clock = Clock.systemUTC();
        private boolean plainHttp;

        private Builder(String issuer, String api) {
            this.issuer = URI.create(issuer.replaceFirst("/$", ""));
            boolean web = "https".equals(this.issuer.getScheme()) || "http".equals(this.issuer.getScheme());
            if (!web
                    || this.issuer.getHost() == null
                    || this.issuer.getRawUserInfo() != null
                    || this.issuer.getRawQuery() != null
                    || this.issuer.getRawFragment() != null) {
                throw new IllegalArgumentException(
                        "The issuer is Latchkey's public base URL, such as https://auth.example.com.");
            }
            if (!API.matcher(api).matches()) {
                throw new IllegalArgumentException("This is not a valid name of an API in Latchkey.");
            }
            this.api = api;
        }

        /** The API token to fetch the policy with; its role needs the privilege {@code apis:read}. */
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
            if ("http".equals(issuer.getScheme()) && !plainHttp && !THIS_MACHINE.contains(issuer.getHost())) {
                throw new IllegalStateException("The issuer " + issuer
                        + " begins with http:. Use https:, or accept the risk with plainHttp().");
            }
            if (refreshInterval.compareTo(SHORTEST_INTERVAL) < 0 || maximumStaleness.compareTo(LONGEST_STALENESS) > 0) {
                throw new IllegalStateException(
                        "The refresh interval must be at least a second, the maximum staleness at most a day.");
            }
            if (maximumStaleness.compareTo(refreshInterval) <= 0) {
                throw new IllegalStateException("The maximum staleness must be longer than the refresh interval.");
            }
            return new Verifier(this, credentials);
        }
    }
}
