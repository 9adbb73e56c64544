package dev.latchkey.advice;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.Privilege;
import dev.latchkey.authzen.AuthzenApi;
import dev.latchkey.oauth.OAuthPaths;
import dev.latchkey.observe.MetricsEndpoint;
import dev.latchkey.usage.Called;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a counted call needs, as the policy is now. */
final class Reading {
    /** A verifier reads it to decide on its own. */
    static final Called POLICY = new Called(ManagementApi.NAME, "GET", "/apis/{api}/policy");

    private static final Set<String> EVALUATIONS = Set.of(AuthzenApi.EVALUATION, AuthzenApi.EVALUATIONS);

    /** Operations of Latchkey's own API that need exactly what they declare. Others may ask their caller for more. */
    private static final Set<String> EXACT = Set.of(POLICY.endpoint(), "GET /me", "POST /verify", "POST /verify/batch");

    private static final Pattern PARAMETER = Pattern.compile("\\{[^}]*}");

    private final AccessPolicy policy;
    private final Api own;

    Reading(AccessPolicy policy, Api own) {
        this.policy = policy;
        this.own = own;
    }

    /** Whether a call may need more than its endpoint says. */
    enum Reach {
        EXACT,
        /** Any of Latchkey's own privileges. */
        OWN,
        /** Any privilege, because it hands something out. */
        EVERYTHING
    }

    /** What a counted call was. */
    sealed interface Call {
        /** A call to an endpoint that the API has. */
        record To(Api api, Endpoint endpoint, Reach reach) implements Call {}

        /**
         * An access token was issued.
         *
         * @param scope what its scope needs, in the form of an endpoint; null when none was requested
         */
        record Issuing(Api api, @Nullable Endpoint scope) implements Call {}

        /**
         * A call to an endpoint that the API no longer has under that name.
         *
         * @param now the endpoint that such calls match now
         */
        record Renamed(Api api, Endpoint now) implements Call {}

        /** A call to an endpoint that the API no longer has: most such calls now match none. */
        record Removed(Api api) implements Call {}

        /** A call to an endpoint that is not known. */
        record Unclear(String api, Reason reason) implements Call {}

        /** A call of which nothing is known. */
        record Coarse() implements Call {}

        /** A call to an API that is no longer registered. */
        record Gone() implements Call {}
    }

    static boolean isEvaluation(Called called) {
        return called.api().equals(ManagementApi.NAME)
                && called.method().equals("POST")
                && EVALUATIONS.contains(called.path());
    }

    Call of(Called called) {
        if (called.api().isEmpty()) {
            return new Call.Coarse();
        }
        boolean isOwn = called.api().equals(own.name());
        Api api = isOwn ? own : policy.api(called.api()).orElse(null);
        if (api == null) {
            return new Call.Gone();
        }
        if (called.method().isEmpty()) {
            return new Call.Unclear(api.name(), Reason.INTROSPECTED);
        }
        if (called.isIssuing()) {
            return issuing(api, called);
        }
        if (api.endpoints().named(called.method(), api.basePath() + called.path()) instanceof Endpoint endpoint) {
            return new Call.To(api, endpoint, isOwn ? reach(called) : Reach.EXACT);
        }
        return isOwn ? otherOwn(called) : former(api, called);
    }

    private static Call former(Api api, Called called) {
        String sample = PARAMETER.matcher(called.path()).replaceAll("x");
        return api.endpoints().find(called.method(), api.basePath() + sample) instanceof Endpoint endpoint
                ? new Call.Renamed(api, endpoint)
                : new Call.Removed(api);
    }

    private static Call issuing(Api api, Called called) {
        int scope = called.path().indexOf(Called.SCOPE);
        if (scope < 0) {
            return api.endpoints().named(called.method(), api.basePath() + called.path()) instanceof Endpoint endpoint
                    ? new Call.To(api, endpoint, Reach.EXACT)
                    : new Call.Issuing(api, null);
        }
        String names = called.path().substring(scope + Called.SCOPE.length());
        if (names.isEmpty()) {
            return new Call.Unclear(api.name(), Reason.UNKNOWN_SCOPE);
        }
        Requirement needs = Requirement.Holds.of(api.name(), Arrays.asList(names.split(" ", -1)));
        return new Call.Issuing(api, new Endpoint(called.method(), called.path(), needs, ""));
    }

    private static Reach reach(Called called) {
        return EXACT.contains(called.endpoint())
                ? Reach.EXACT
                : called.method().equals("GET") ? Reach.OWN : Reach.EVERYTHING;
    }

    /** Latchkey's endpoints that are not operations of the management API. */
    private Call otherOwn(Called called) {
        if (called.path().equals(OAuthPaths.INTROSPECTION)) {
            return needing(called, ManagementApi.TOKENS_READ, Reach.EXACT);
        }
        if (called.path().equals(MetricsEndpoint.PATH)) {
            return needing(called, ManagementApi.METRICS_READ, Reach.EXACT);
        }
        if (isEvaluation(called)) {
            return needing(called, ManagementApi.DECISIONS_ASK, Reach.EXACT);
        }
        Endpoint any = new Endpoint(called.method(), called.path(), new Requirement.AnyToken(), "");
        return new Call.To(own, any, reach(called));
    }

    private Call needing(Called called, Privilege privilege, Reach reach) {
        return new Call.To(
                own, new Endpoint(called.method(), called.path(), new Requirement.Holds(privilege), ""), reach);
    }
}
