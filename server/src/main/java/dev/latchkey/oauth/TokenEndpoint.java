package dev.latchkey.oauth;

import dev.latchkey.access.CurrentPolicy;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.ApiTokens.Authentication;
import dev.latchkey.apitoken.LastAccess;
import dev.latchkey.event.Origin;
import dev.latchkey.event.RefusedRequests;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Parameters;
import dev.latchkey.http.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@code POST /oauth/v2/token}: trades an API token for an access token (RFC 6749 section 4.4). */
public final class TokenEndpoint implements Handler {
    /** Of these a request may hold one at most (RFC 6749 section 3.2). */
    private static final List<String> SINGLE =
            List.of("grant_type", "client_id", "client_secret", "scope", "resource", "audience");

    private final ApiTokens apiTokens;
    private final AccessTokens accessTokens;
    private final LastAccess lastAccess;
    private final RefusedRequests refused;
    private final CurrentPolicy policy;
    private final String managementAudience;

    /** @param managementAudience the audience of Latchkey's own API, the one that is meant when none is named */
    public TokenEndpoint(
            ApiTokens apiTokens,
            AccessTokens accessTokens,
            LastAccess lastAccess,
            RefusedRequests refused,
            CurrentPolicy policy,
            String managementAudience) {
        this.apiTokens = apiTokens;
        this.accessTokens = accessTokens;
        this.lastAccess = lastAccess;
        this.refused = refused;
        this.policy = policy;
        this.managementAudience = managementAudience;
    }

    @Override
    public Response handle(Request request) {
        try {
            return answer(request);
        } catch (OAuthError error) {
            return error.toResponse();
        }
    }

    private Response answer(Request request) {
        // 1. Parse, once.
        Parameters form = form(request);
        // 2. Who is it? Before anything else is said about the request.
        ClientCredentials credentials = ClientCredentials.of(request, form);
        Origin origin = Origin.of(request);
        ApiToken apiToken = authenticated(credentials, origin);
        // 3. What do they want?
        String grantType = form.text("grant_type")
                .orElseThrow(() -> OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST,
                        "The parameter grant_type is missing. Send client_credentials."));
        if (!grantType.equals("client_credentials")) {
            throw OAuthError.of(
                    OAuthError.Code.UNSUPPORTED_GRANT_TYPE, "The only grant_type here is client_credentials.");
        }
        Resource resource = resource(form);
        // 4. Sign, and remember the use.
        AccessTokens.Minted minted = accessTokens.mint(apiToken, resource.audience(), resource.api(), scope(form));
        lastAccess.note(apiToken.clientId(), origin);
        // 5. Answer (RFC 6749 section 5.1).
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("access_token", minted.compact());
        reply.put("token_type", "Bearer");
        reply.put("expires_in", AccessTokens.LIFETIME.toSeconds());
        reply.put("scope", minted.scope());
        return Response.json(200, reply).with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }

    private static Parameters form(Request request) {
        Parameters form;
        try {
            form = request.form();
        } catch (Problem problem) {
            throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, problem.detail());
        }
        for (String name : SINGLE) {
            if (form.all(name).size() > 1) {
                throw OAuthError.of(OAuthError.Code.INVALID_REQUEST, "The parameter " + name + " occurs twice.");
            }
        }
        return form;
    }

    private ApiToken authenticated(ClientCredentials credentials, Origin origin) {
        return switch (apiTokens.authenticate(credentials.clientId(), credentials.clientSecret(), origin)) {
            case Authentication.Accepted accepted -> accepted.apiToken();
            case Authentication.Refused why -> {
                refused.record("access_token.refuse", "api_token", credentials.clientId(), why.reason(), origin);
                throw OAuthError.invalidClient(credentials.basic());
            }
            case Authentication.SlowDown slowDown -> {
                refused.record(
                        "access_token.refuse", "api_token", credentials.clientId(), "too many wrong secrets", origin);
                throw OAuthError.slowDown(
                        Math.max(1, slowDown.retryAfter().plusMillis(999).toSeconds()));
            }
        };
    }

    /** The API that an access token is to be for. */
    private record Resource(String api, String audience) {}

    /** RFC 8707 section 2: {@code resource} names the API; {@code audience} is what older clients send for the same. */
    private Resource resource(Parameters form) {
        Optional<String> resource = form.text("resource");
        Optional<String> audience = form.text("audience");
        if (resource.isPresent() && audience.isPresent() && !resource.equals(audience)) {
            throw OAuthError.of(OAuthError.Code.INVALID_TARGET, "Send resource or audience, not two different ones.");
        }
        String named = resource.or(() -> audience).orElse(managementAudience);
        if (named.equals(managementAudience)) {
            return new Resource(ManagementApi.NAME, managementAudience);
        }
        return policy.get()
                .apiFor(named)
                .map(api -> new Resource(api.name(), api.audience()))
                .orElseThrow(() -> OAuthError.of(
                        OAuthError.Code.INVALID_TARGET,
                        "There is no API with this audience. Leave it out for Latchkey's own API, " + managementAudience
                                + "."));
    }

    private static Optional<Set<String>> scope(Parameters form) {
        return form.text("scope").map(text -> new TreeSet<>(Arrays.asList(text.split(" +", -1))));
    }
}
