package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokens.Authentication;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.event.TargetKind;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Request;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Which API token sends a request to an OAuth endpoint, and whether it proves it (RFC 6749 section 2.3). */
public final class ClientAuthenticator {
    private final ApiTokens apiTokens;
    private final ClientAssertions assertions;
    private final ClientCertificates certificates;
    private final RefusedRequests refused;

    public ClientAuthenticator(
            ApiTokens apiTokens,
            ClientAssertions assertions,
            ClientCertificates certificates,
            RefusedRequests refused) {
        this.apiTokens = apiTokens;
        this.assertions = assertions;
        this.certificates = certificates;
        this.refused = refused;
    }

    /** Whether anything in the request is meant to say who sends it. */
    static boolean isAttempted(Request request, Parameters form) {
        return ClientCredentials.hasBasicSecret(request)
                || form.has("client_secret")
                || form.has("client_assertion")
                || form.has("client_assertion_type");
    }

    /** The client id that a request names without proving it: in the form, or with HTTP Basic and no secret. */
    static Optional<String> namedClientId(Request request, Parameters form) {
        Optional<String> basic = ClientCredentials.bareClientId(request);
        Optional<String> inForm = form.text("client_id");
        if (basic.isPresent() && inForm.isPresent() && !basic.equals(inForm)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST, "The client_id in the form is not the one of HTTP Basic.");
        }
        return basic.isPresent() ? basic : inForm;
    }

    /**
     * The API token that the request proves to come from.
     *
     * @throws OAuthError invalid_request for more than one way at once (section 2.3), otherwise invalid_client
     */
    ApiToken authenticate(Request request, Parameters form) {
        Origin origin = new Origin(request.remoteAddress(), request.userAgent());
        if (form.has("client_assertion") || form.has("client_assertion_type")) {
            if (ClientCredentials.hasBasicSecret(request) || form.has("client_secret")) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST, "Send a client assertion or a client secret, not both.");
            }
            return byAssertion(request, form, origin);
        }
        List<X509Certificate> shown = request.clientCertificates();
        Optional<String> named =
                shown.isEmpty() || isAttempted(request, form) ? Optional.empty() : namedClientId(request, form);
        if (named.isPresent()) {
            String clientId = named.get();
            return accepted(
                    clientId,
                    apiTokens.authenticate(
                            clientId,
                            origin,
                            (apiToken, costly) ->
                                    costly.run(() -> Optional.ofNullable(certificates.whyNot(apiToken, shown)))),
                    false,
                    origin);
        }
        ClientCredentials credentials = ClientCredentials.of(request, form);
        return accepted(
                credentials.clientId(),
                apiTokens.authenticate(credentials.clientId(), credentials.clientSecret(), origin),
                credentials.basic(),
                origin);
    }

    /** RFC 7523 section 2.2; a {@code client_id} beside the assertion must agree (RFC 7521 section 4.2). */
    private ApiToken byAssertion(Request request, Parameters form, Origin origin) {
        if (!form.first("client_assertion_type").orElse("").equals(ClientAssertions.TYPE)) {
            throw OAuthError.of(
                    OAuthError.Code.INVALID_REQUEST,
                    "The client_assertion_type must be " + ClientAssertions.TYPE + ".");
        }
        Assertion assertion = Assertion.parse(form.first("client_assertion").orElse(""))
                .orElseThrow(() -> OAuthError.invalidClient(false));
        String subject = assertion.claims().getSubject();
        String clientId = subject == null ? "" : subject;
        if (!namedClientId(request, form).orElse(clientId).equals(clientId)) {
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The client_id is not the one of the assertion.");
        }
        return accepted(
                clientId,
                apiTokens.authenticate(
                        clientId,
                        origin,
                        (apiToken, costly) -> Optional.ofNullable(assertions.whyNot(apiToken, assertion, costly))),
                false,
                origin);
    }

    /** For the log: an outside token that came without a client id is right, and opens several API tokens. */
    void recordAmbiguous(List<ApiToken> fitting, Origin origin) {
        refused.record(
                EventType.ACCESS_TOKEN_REFUSE,
                TargetKind.API_TOKEN,
                fitting.getFirst().clientId(),
                "the outside token names no client id and fits " + fitting.size()
                        + " API tokens: send client_id, or make the conditions narrower",
                origin,
                true);
    }

    private ApiToken accepted(String clientId, Authentication authentication, boolean basic, Origin origin) {
        return accepted(clientId, authentication, origin, () -> OAuthError.invalidClient(basic));
    }

    /**
     * The API token of a successful authentication; anything else goes into the log, with its reason, and out as an error
     * without one.
     *
     * @param refusal what to answer when the proof is none
     */
    ApiToken accepted(String clientId, Authentication authentication, Origin origin, Supplier<OAuthError> refusal) {
        return switch (authentication) {
            case Authentication.Accepted accepted -> accepted.apiToken();
            case Authentication.Refused why -> {
                record(clientId, why.reason(), origin);
                throw refusal.get();
            }
            case Authentication.SlowDown slowDown -> {
                record(clientId, slowDown.reason(), origin);
                throw OAuthError.slowDown(
                        Math.max(1, slowDown.retryAfter().plusMillis(999).toSeconds()));
            }
        };
    }

    private void record(String clientId, String reason, Origin origin) {
        refused.record(
                EventType.ACCESS_TOKEN_REFUSE,
                TargetKind.API_TOKEN,
                clientId,
                reason,
                origin,
                !reason.equals(ApiTokens.UNKNOWN));
    }
}
