package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.event.Origin;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Authenticates programs that have no credential of their own by the token of an outside issuer. */
public final class OutsideTokens {
    private final ClientAuthenticator clients;
    private final ClientRefusals refusals;
    private final Credentials credentials;
    private final Federation federation;

    public OutsideTokens(
            ClientAuthenticator clients, ClientRefusals refusals, Credentials credentials, Federation federation) {
        this.clients = clients;
        this.refusals = refusals;
        this.credentials = credentials;
        this.federation = federation;
    }

    /** The API token of an authorization grant, with the error of RFC 7523 section 3.1. */
    ApiToken asGrant(OAuthRequest request, String parameter) {
        return opened(request, parameter, true, OAuthError.Code.INVALID_GRANT);
    }

    /** The API token of a subject token; RFC 8693 section 2.2.2 requires invalid_request for one that is not valid. */
    ApiToken asSubject(OAuthRequest request, String parameter) {
        return opened(request, parameter, false, OAuthError.Code.INVALID_REQUEST);
    }

    private ApiToken opened(OAuthRequest request, String parameter, boolean grant, OAuthError.Code code) {
        if (clients.isAttempted(request)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "With this grant the outside token is the proof. Name the API token with client_id, and send"
                            + " neither a secret nor a client assertion.");
        }
        Supplier<OAuthError> refusal = () -> OAuthError.of(
                code,
                "The outside token is not valid for this API token, or the API token is not valid now or from"
                        + " this address. The audit log says why.");
        Assertion assertion = Assertion.parse(request.required(parameter)).orElseThrow(refusal);
        Origin origin = request.origin();
        String clientId = request.namedClientId().orElseGet(() -> onlyMatch(assertion, grant, origin));
        return refusals.accepted(
                clientId,
                credentials.authenticate(
                        clientId,
                        origin,
                        (apiToken, costly) ->
                                Optional.ofNullable(federation.whyNot(apiToken, assertion, grant, costly))),
                request,
                refusal);
    }

    /**
     * The client id of the only API token that an outside token fits, for programs that cannot name it, such as Kafka's with
     * the JWT-bearer grant; empty when it fits none or several.
     */
    private String onlyMatch(Assertion assertion, boolean grant, Origin origin) {
        return credentials.nameless(origin, costly -> {
            List<ApiToken> fitting =
                    costly.run(() -> Federation.issuer(assertion).map(credentials::trusting).orElse(List.of()).stream()
                            .filter(apiToken -> federation.whyMismatched(apiToken, assertion, grant) == null)
                            .toList());
            if (fitting.size() > 1) {
                // Others may trust the same claims signed by another key.
                fitting = federation.signed(fitting, assertion, costly);
            }
            if (fitting.size() > 1) {
                refusals.ambiguous(fitting, origin);
            }
            return fitting.size() == 1 ? fitting.getFirst().clientId() : "";
        });
    }
}
