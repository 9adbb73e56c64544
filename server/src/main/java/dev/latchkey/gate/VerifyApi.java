package dev.latchkey.gate;

import static dev.latchkey.access.ManagementApi.DECISIONS_ASK;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.Endpoint;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.event.Origin;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.limit.Taken;
import dev.latchkey.management.Doc;
import dev.latchkey.management.Operation;
import dev.latchkey.management.Tag;
import dev.latchkey.oauth.AccessTokenCheck;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.usage.Uses;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The management API's calls for an API without a gateway: it asks about a call with the credential that a program presented to
 * it, and gets the decision of the {@link Gate}. In place of the gate, it also notes the use.
 */
public final class VerifyApi {
    /** So many calls may be asked about in one request. */
    static final int MOST = 100;

    private static final int MAX_BATCH_BODY = 256 * 1024;

    private final Gate gate;
    private final Credentials credentials;
    private final Uses uses;

    public VerifyApi(Gate gate, Credentials credentials, Uses uses) {
        this.gate = gate;
        this.credentials = credentials;
        this.uses = uses;
    }

    /** A call that reached an API, with the credential that was presented to it. */
    public record VerifyRequest(
            @Doc("The access token or API key, without what is around it in the call")
            String credential,

            @Doc("The API's name") String api,
            @Doc("The call's method") String method,

            @Doc(
                    "The call's path as it was sent, with the API's base path; a query may follow. It must not contain the credential")
            String path,

            @Doc("The program's IP address; required if its API token may be used only from some addresses") @Nullable String address) {
        @Override
        public String toString() {
            // The credential stays out of logs.
            return "VerifyRequest[" + api + "]";
        }
    }

    /** Several calls at once. */
    public record VerifyBatch(@Doc("1 to 100 calls") List<VerifyRequest> requests) {}

    /** The decision about a call. What it says about the program is there whenever the credential is valid. */
    public record VerifyReply(
            boolean allowed,

            @Doc(
                    "Why not, for programs: invalid_token, missing_privilege, rate_limited, no_endpoint, doubtful_request or no_api")
            @Nullable String code,

            @Doc("Why not, in a sentence that may be shown to the program") @Nullable String detail,

            @Doc("The program's API token") @Nullable String clientId,

            @Doc("The key of its account") @Nullable String account,
            @Nullable String role,
            @Nullable String description,

            @Doc(
                    "The privileges of this API that the call may use; absent if they take more than 1,000 characters, as in access"
                            + " tokens")
            @Nullable List<String> privileges,

            @Doc("The endpoint that the call matches, such as GET /invoices/{id}") @Nullable String endpoint,

            @Doc("The limit that was reached, such as token-per-day; only with rate_limited") @Nullable String limit,

            @Doc("In how many seconds there is room for another call; only with rate_limited") @Nullable Long retryAfter) {

        private static VerifyReply refused(String code, String detail) {
            return new VerifyReply(false, code, detail, null, null, null, null, null, null, null, null);
        }

        private static VerifyReply limited(Decision.Limited limited) {
            Taken.Beyond limit = limited.limit();
            VerifyReply reply = of(Taken.CODE, limit.sentence(), limited.api(), limited.caller(), limited.endpoint());
            return new VerifyReply(
                    false,
                    reply.code(),
                    reply.detail(),
                    reply.clientId(),
                    reply.account(),
                    reply.role(),
                    reply.description(),
                    reply.privileges(),
                    reply.endpoint(),
                    limit.standing().policy(),
                    limit.retryAfter());
        }

        private static VerifyReply of(
                @Nullable String code,
                @Nullable String detail,
                @Nullable Api api,
                @Nullable Caller caller,
                @Nullable Endpoint endpoint) {
            String name = endpoint == null ? null : endpoint.name();
            if (api == null || caller == null) {
                return new VerifyReply(code == null, code, detail, null, null, null, null, null, name, null, null);
            }
            Caller.AssignedRole role = caller.roles().getFirst();
            EffectivePrivileges.Scope scope = role.privileges().scope(api.name());
            return new VerifyReply(
                    code == null,
                    code,
                    detail,
                    caller.id(),
                    Answer.account(caller),
                    role.name(),
                    caller.name(),
                    scope.isShort() ? List.copyOf(scope.names()) : null,
                    name,
                    null,
                    null);
        }
    }

    /** The decisions, in the order of the questions. */
    public record VerifyBatchReply(List<VerifyReply> results) {}

    public List<Operation> operations() {
        return List.of(
                Operation.post("/verify")
                        .id("verifyCredential")
                        .tag(Tag.DECISIONS)
                        .needs(DECISIONS_ASK)
                        .summary("Decide about a call with the credential that a program presented")
                        .description(
                                "For APIs without a gateway: the answer is what a gateway would get for the same call, and the call"
                                        + " counts as a use of the program's API token. The API must take API keys, wherever it finds"
                                        + " them. An access token that is bound to a key or a certificate is refused, because only the"
                                        + " API sees the proof. An API token that acts for an API may ask about that API only.")
                        .takes(VerifyRequest.class)
                        .answers(VerifyReply.class)
                        .awaitedByCalls()
                        .by(this::one),
                Operation.post("/verify/batch")
                        .id("verifyCredentials")
                        .tag(Tag.DECISIONS)
                        .needs(DECISIONS_ASK)
                        .summary("Decide about several calls with the credentials that programs presented")
                        .description("Up to 100, in 256 KiB. Each is decided as by POST /verify.")
                        .takes(VerifyBatch.class, MAX_BATCH_BODY)
                        .answers(VerifyBatchReply.class)
                        .awaitedByCalls()
                        .by(this::several));
    }

    private Response one(Caller caller, Request request) {
        VerifyRequest asked = request.json(VerifyRequest.class);
        List<FieldError> errors = new ArrayList<>();
        check(asked, "", errors);
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        Asker asker = Asker.of(caller, credentials);
        asker.requireAbout(asked.api());
        return Response.json(200, verified(asker, asked, request));
    }

    private Response several(Caller caller, Request request) {
        List<VerifyRequest> all = request.json(VerifyBatch.class).requests();
        if (all.isEmpty() || all.size() > MOST) {
            throw Problem.invalid("requests", "Send 1 to " + MOST + " calls.");
        }
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            check(all.get(i), "requests[" + i + "].", errors);
        }
        if (!errors.isEmpty()) {
            throw Problem.invalid(errors);
        }
        Asker asker = Asker.of(caller, credentials);
        all.forEach(asked -> asker.requireAbout(asked.api()));
        return Response.json(
                200,
                new VerifyBatchReply(all.stream()
                        .map(asked -> verified(asker, asked, request))
                        .toList()));
    }

    private static void check(VerifyRequest asked, String prefix, List<FieldError> errors) {
        if (asked.credential().isBlank()) {
            errors.add(new FieldError(prefix + "credential", "Send the access token or the API key."));
        }
        if (asked.address() != null && !AddressRange.isAddress(asked.address())) {
            errors.add(new FieldError(prefix + "address", "Send an IP address, such as 192.0.2.7."));
        }
    }

    private VerifyReply verified(Asker asker, VerifyRequest asked, Request http) {
        String by = "verified by " + asker.caller().name();
        Origin origin = asked.address() == null ? Origin.unknown(by) : new Origin(asked.address(), by);
        ForeignRequest call = ForeignRequest.relayed(asked.api(), asked.method(), asked.path(), origin);
        return switch (gate.decideRelayed(call, asked.credential())) {
            case Decision.Allowed allowed -> {
                Caller program = allowed.caller();
                if (program != null) {
                    uses.noteVerified(
                            program, asker.caller(), asked.address() == null ? http.remoteAddress() : asked.address());
                }
                yield VerifyReply.of(null, null, allowed.api(), program, allowed.endpoint());
            }
            case Decision.Unauthenticated unauthenticated ->
                VerifyReply.refused(AccessTokenCheck.Challenge.BEARER.error(), reason(unauthenticated));
            case Decision.Forbidden forbidden ->
                VerifyReply.of(
                        Answer.MISSING_PRIVILEGE,
                        Answer.sentence(forbidden),
                        forbidden.api(),
                        forbidden.caller(),
                        forbidden.endpoint());
            case Decision.Limited limited -> VerifyReply.limited(limited);
            case Decision.Refused refused ->
                VerifyReply.of(refused.code(), refused.reason(), refused.api(), refused.caller(), null);
        };
    }

    /** The program itself may have sent a proof, which only its API saw. */
    private static String reason(Decision.Unauthenticated unauthenticated) {
        return unauthenticated.challenge() == AccessTokenCheck.Challenge.DPOP
                ? "The access token is bound to a key, and its proof cannot be checked here."
                : unauthenticated.reason();
    }
}
