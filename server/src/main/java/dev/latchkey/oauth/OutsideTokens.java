package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.event.Origin;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Which API token the token of an outside issuer opens, for programs that have no proof of their own. */
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

    /** As an authorization grant: RFC 7523 section 3.1 has its error. */
    ApiToken asGrant(OAuthRequest request, String parameter) {
        return opened(request, parameter, true, OAuthError.Code.INVALID_GRANT);
    }

    /** As a subject token: RFC 8693 section 2.2.2 wants invalid_request for one that does not count. */
    ApiToken asSubject(OAuthRequest request, String parameter) {
        return opened(request, parameter, false, OAuthError.Code.INVALID_REQUEST);
    }

    private ApiToken opened(OAuthRequest request, String parameter, boolean grant, OAuthError.Code code) {
        if (clients.isAttempted(request)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "With this grant the outside token is the proof. Name the API token with client_id, and send no"
                            + " secret or assertion of the client.");
        }
        Supplier<OAuthError> refusal = () -> OAuthError.of(
                code,
                "The outside token does not open this API token, or the API token does not count now or not from here."
                        + " The audit log says why.");
        Assertion assertion = Assertion.parse(request.required(parameter)).orElseThrow(refusal);
        Origin origin = request.origin();
        String clientId = request.namedClientId().orElseGet(() -> meant(assertion, grant, origin));
        return refusals.accepted(
                clientId,
                credentials.authenticate(
                        clientId,
                        origin,
                        (apiToken, costly) ->
                                Optional.ofNullable(federation.whyNot(apiToken, assertion, grant, costly))),
                origin,
                refusal);
    }

    /**
     * The one API token that can be meant by an outside token of a program that has no way to name it, such as the JWT-bearer
     * grant of Kafka; no client id when there is none, or more than one.
     */
    private String meant(Assertion assertion, boolean grant, Origin origin) {
        return credentials.nameless(origin, costly -> {
            List<ApiToken> fitting =
                    costly.run(() -> Federation.issuer(assertion).map(credentials::trusting).orElse(List.of()).stream()
                            .filter(apiToken -> federation.whyNotMeant(apiToken, assertion, grant) == null)
                            .toList());
            if (fitting.size() > 1) {
                // Others may trust the same words by another key.
                fitting = federation.signed(fitting, assertion, costly);
            }
            if (fitting.size() > 1) {
                refusals.ambiguous(fitting, origin);
            }
            return fitting.size() == 1 ? fitting.getFirst().clientId() : "";
        });
    }
}
