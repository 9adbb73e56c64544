package dev.latchkey.gate;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Meaning;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.limit.Standing;
import dev.latchkey.limit.Taken;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.oauth.PresentedAccessToken;
import dev.latchkey.path.RequestPath;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.trace.CurrentRequest;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.LimitedUse;
import dev.latchkey.usage.Outcome;
import dev.latchkey.usage.Uses;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides about requests to registered APIs, as {@link Guard} does about requests to our own. Both use the same policy. A
 * doubtful request is denied.
 */
public final class Gate {
    private final Guard guard;
    private final CurrentPolicy current;
    private final Uses uses;
    private final LimitedUse limits;
    private final Credentials credentials;
    private final ApiKeyCheck keys;
    private final Assertions assertions;
    private final DecisionRecorder recorder;

    public Gate(
            Guard guard,
            Credentials credentials,
            CurrentPolicy current,
            Uses uses,
            LimitedUse limits,
            Assertions assertions,
            DecisionRecorder recorder) {
        this.guard = guard;
        this.recorder = recorder;
        this.assertions = assertions;
        this.credentials = credentials;
        this.keys = new ApiKeyCheck(credentials, current);
        this.current = current;
        this.uses = uses;
        this.limits = limits;
    }

    /** Decides about a request and, when it is allowed, notes that the API token was used. */
    public Decision decide(ForeignRequest request) {
        Decision decision = CurrentRequest.step(
                "decide",
                () -> decided(
                        request, places -> PresentedCredential.in(request, places, credentials.hasForeignKeys())));
        Caller caller = decision.caller();
        if (caller == null) {
            return recorded(counted(decision));
        }
        CurrentRequest.isBy(caller.id());
        Decision within = limited(decision);
        if (!(within instanceof Decision.Allowed allowed)) {
            return recorded(counted(within));
        }
        // Signed first: a call that cannot be answered is not a use, and was not allowed.
        Decision answer = allowed.api().assertion() ? assertions.added(allowed, caller, request) : allowed;
        uses.note(caller);
        return recorded(counted(answer));
    }

    /** Takes a call that is allowed otherwise out of the limits that apply to it. */
    private Decision limited(Decision decision) {
        if (!(decision instanceof Decision.Allowed allowed)) {
            return decision;
        }
        Caller caller = allowed.caller();
        if (caller == null) {
            return decision;
        }
        return switch (limits.call(caller, allowed.api())) {
            case Taken.Within(List<Standing> standings) -> standings.isEmpty() ? allowed : allowed.standing(standings);
            case Taken.Beyond beyond -> new Decision.Limited(allowed.api(), allowed.endpoint(), caller, beyond);
        };
    }

    /** Counts a call whose program is known, or proved which API token it has. */
    private Decision counted(Decision decision) {
        switch (decision) {
            case Decision.Allowed allowed -> {
                Caller caller = allowed.caller();
                if (caller != null) {
                    uses.count(caller, Called.of(allowed.api(), allowed.endpoint()), Outcome.ALLOWED);
                }
            }
            case Decision.Forbidden forbidden ->
                uses.count(
                        forbidden.caller(),
                        Called.of(forbidden.api(), forbidden.endpoint()),
                        Outcome.MISSING_PRIVILEGE);
            case Decision.Limited limited ->
                uses.count(limited.caller(), Called.of(limited.api(), limited.endpoint()), Outcome.LIMITED);
            case Decision.Refused refused -> {
                if (refused.caller() != null && refused.api() != null) {
                    uses.count(refused.caller(), Called.of(refused.api(), null), Outcome.of(refused.code()));
                }
            }
            case Decision.Unauthenticated unauthenticated -> {
                if (unauthenticated.barred() != null) {
                    uses.count(unauthenticated.barred(), Called.of(unauthenticated.api(), unauthenticated.endpoint()));
                }
            }
        }
        return decision;
    }

    /** Records a decision about a gateway's question. */
    Decision recorded(Decision decision) {
        recorder.decided(DecisionRecorder.Asking.GATEWAY, decision);
        return decision;
    }

    /**
     * Decides about a call that an API asks about itself. It notes no last access: the use is not the API's own.
     *
     * @param credential an access token or an API key, without what was around it in the call
     */
    Decision decideRelayed(ForeignRequest request, String credential) {
        Decision decision = limited(CurrentRequest.step(
                "decide",
                () -> decided(
                        request,
                        places -> PresentedCredential.relayed(credential, places, credentials.hasForeignKeys()))));
        recorder.decided(DecisionRecorder.Asking.VERIFY, decision);
        return counted(decision);
    }

    /** @param reading finds the credential, once it is known where the API takes keys */
    private Decision decided(ForeignRequest request, Function<KeyPlaces, PresentedCredential> reading) {
        // 1. Which API?
        AccessPolicy policy = current.get();
        Api api = api(policy, request).orElse(null);
        if (api == null) {
            return new Decision.Refused(null, "no_api", "No API is registered at this host and path.", null);
        }
        // 2. Which of its endpoints?
        Meaning meaning = request.meaning(api);
        PresentedCredential presented = reading.apply(api.keyPlaces());
        if (presented instanceof PresentedCredential.StuckInQuery) {
            // Also at a public endpoint: the gateway would pass the key on.
            return new Decision.Unauthenticated(
                    api,
                    AccessTokenCheck.Challenge.BEARER,
                    "This gateway cannot remove an API key from the address. Send the key in a header.");
        }
        Decision decision = decided(api, meaning, () -> identify(api, request, presented));
        return decision instanceof Decision.Allowed allowed ? allowed.presenting(presented, request) : decision;
    }

    /**
     * Decides, once it is known what the request means. {@link Foresight} asks the same about requests that are not made.
     *
     * @param caller says who calls
     */
    static Decision decided(Api api, Meaning meaning, Supplier<Identification> caller) {
        if (meaning instanceof Endpoint endpoint && endpoint.requirement() instanceof Requirement.Nothing) {
            return new Decision.Allowed(api, endpoint, callerIfKnown(caller.get()));
        }
        // 3. Who is calling? A stranger learns nothing about the API.
        return switch (caller.get()) {
            case Identification.Program program -> decided(api, meaning, program.caller());
            case Identification.Refused refused ->
                new Decision.Unauthenticated(
                        api,
                        refused.challenge(),
                        refused.reason(),
                        meaning instanceof Endpoint endpoint ? endpoint : null,
                        refused.barred());
            case Identification.Anonymous anonymous -> unauthenticated(api);
            case Identification.Person person -> unauthenticated(api);
        };
    }

    /** 4. May they? */
    private static Decision decided(Api api, Meaning meaning, Caller caller) {
        return switch (meaning) {
            case Endpoint endpoint -> {
                if (endpoint.requirement() instanceof Requirement.Holds holds && !holds.isMetBy(caller::has)) {
                    yield new Decision.Forbidden(api, endpoint, holds, caller);
                }
                yield new Decision.Allowed(api, endpoint, caller);
            }
            case Meaning.NoEndpoint none ->
                new Decision.Refused(api, "no_endpoint", "The API has no endpoint for this request.", caller);
            case Meaning.Doubtful doubtful ->
                new Decision.Refused(
                        api, "doubtful_request", "The request is refused because " + doubtful.reason() + ".", caller);
        };
    }

    private static Optional<Api> api(AccessPolicy policy, ForeignRequest request) {
        String host = request.host() == null ? null : Api.plainHost(request.host());
        if (request.api() == null) {
            return host == null ? Optional.empty() : policy.apiAt(host, request.target());
        }
        return policy.api(request.api()).filter(api -> host == null || api.isAt(host));
    }

    /** The caller of a public endpoint; null when the call is anonymous or its credential is invalid. */
    private static @Nullable Caller callerIfKnown(Identification identification) {
        return identification instanceof Identification.Program program ? program.caller() : null;
    }

    private Identification identify(Api api, ForeignRequest request, PresentedCredential presented) {
        return switch (presented) {
            case PresentedCredential.None() -> new Identification.Anonymous();
            case PresentedCredential.ApiKey key -> keys.identify(key.text(), request.origin());
            case PresentedCredential.InAuthorization(String authorization) -> program(api, request, authorization);
            case PresentedCredential.MisplacedKey() ->
                refused("This API does not take API keys in the Authorization field.");
            case PresentedCredential.UntakenKey() -> refused("This API does not take API keys.");
            case PresentedCredential.StuckInQuery() -> throw new IllegalStateException("refused before");
            case PresentedCredential.Several several ->
                refused("The request carries more than one credential. Send one.");
        };
    }

    private static Identification refused(String reason) {
        return new Identification.Refused(AccessTokenCheck.Challenge.BEARER, reason);
    }

    private Identification program(Api api, ForeignRequest request, String authorization) {
        ForeignRequest.Credentials sent = request.credentials();
        return guard.program(
                new PresentedAccessToken(
                        authorization,
                        sent.proofs(),
                        request.method(),
                        sent.proofs().isEmpty() ? List.of() : urls(api, request),
                        sent.certificates(),
                        request.origin()),
                api.audience());
    }

    /**
     * The URLs that a DPoP proof may name: at the called host or, when the gateway does not tell it, at any of the API's
     * hosts. Gateways do not tell whether the caller used TLS, so both schemes are accepted.
     */
    private static List<String> urls(Api api, ForeignRequest request) {
        String path = RequestPath.ofTarget(request.target());
        Stream<String> hosts = request.host() == null ? api.hosts().stream() : Stream.of(request.host());
        return hosts.flatMap(host -> Stream.of("https://" + host + path, "http://" + host + path))
                .toList();
    }

    private static Decision unauthenticated(Api api) {
        return new Decision.Unauthenticated(
                api,
                null,
                "Send an access token for " + api.audience() + " as Authorization: Bearer"
                        + (api.keyPlaces().takesNone()
                                ? "."
                                : ", or an API key (" + api.keyPlaces().text() + ")."));
    }
}
