package dev.latchkey.oauth;

import dev.latchkey.access.Api;
import dev.latchkey.access.EffectivePrivileges;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.Barred;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.registry.CurrentPolicy;
import dev.latchkey.usage.Called;
import dev.latchkey.usage.Uses;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code POST /oauth/v2/introspect} (RFC 7662, RFC 9701): tells an API whether an access token is valid at this moment, and
 * for what. An API token that acts for an API may ask about that API's access tokens, one that may see API tokens about all.
 */
public final class IntrospectionEndpoint implements Handler {
    private static final String JWT = "application/token-introspection+jwt";

    private final ClientAuthenticator clients;
    private final ClientRefusals refusals;
    private final AccessTokenCheck check;
    private final AccessTokens accessTokens;
    private final CurrentPolicy policy;
    private final Uses uses;
    private final PublicUrls urls;
    private final List<String> single;

    public IntrospectionEndpoint(
            ClientAuthenticator clients,
            ClientRefusals refusals,
            AccessTokenCheck check,
            AccessTokens accessTokens,
            CurrentPolicy policy,
            Uses uses,
            PublicUrls urls) {
        this.clients = clients;
        this.refusals = refusals;
        this.check = check;
        this.accessTokens = accessTokens;
        this.policy = policy;
        this.uses = uses;
        this.urls = urls;
        this.single = clients.parametersAnd("token", "token_type_hint");
    }

    /**
     * The API token that asks.
     *
     * @param seesAll whether it may see API tokens, and so all access tokens
     */
    private record Asker(ApiToken apiToken, boolean seesAll) {}

    @Override
    public Response handle(Request request) {
        try {
            OAuthRequest asked = OAuthRequest.read(request, single);
            Asker asker = asker(asked);
            String token = asked.required("token");
            uses.note(asker.apiToken(), asked.origin(), OAuthPaths.INTROSPECTION);
            Map<String, Object> answer = introspected(token, asker, request.remoteAddress());
            return wantsJwt(request) ? signed(answer, asker) : json(answer);
        } catch (OAuthError error) {
            return error.toResponse();
        }
    }

    /** RFC 7662 section 2.1: the caller must authenticate, or anyone could search for valid tokens. */
    private Asker asker(OAuthRequest request) {
        Optional<String> authorization = request.http().header("Authorization");
        if (authorization.isEmpty() || request.basic() != null) {
            ApiToken apiToken = clients.authenticate(request);
            return asker(apiToken, policy.get().effective(apiToken.role()), false);
        }
        PresentedAccessToken presented = PresentedAccessToken.of(request.http(), authorization.get(), urls.bases());
        return switch (check.check(presented, urls.audience())) {
            case AccessTokenCheck.Result.Accepted(AccessToken accessToken, ApiToken apiToken) ->
                asker(apiToken, accessToken.limited(policy.get().effective(apiToken.role())), true);
            case AccessTokenCheck.Result.Refused refused -> {
                refusals.count(refused.barred(), request);
                throw OAuthError.invalidToken(
                        refused.reason(), refused.challenge().atIntrospection());
            }
        };
    }

    private static Asker asker(ApiToken apiToken, EffectivePrivileges privileges, boolean bearer) {
        boolean seesAll = privileges.has(ManagementApi.TOKENS_READ);
        if (!seesAll && apiToken.actsFor() == null) {
            throw OAuthError.insufficientScope(
                    "Introspection needs the privilege tokens:read, or an API token that acts for an API.",
                    ManagementApi.TOKENS_READ.name(),
                    bearer);
        }
        return new Asker(apiToken, seesAll);
    }

    /** Section 2.2: an invalid token, and one that is not the asker's business, is just not active. */
    private Map<String, Object> introspected(String token, Asker asker, String address) {
        Map<String, Object> inactive = Map.of("active", false);
        if (!(accessTokens.verifyAnyAge(token)
                instanceof AccessTokens.Verification.Verified(AccessToken accessToken))) {
            return inactive;
        }
        String api = accessToken.audience().equals(urls.audience())
                ? ManagementApi.NAME
                : policy.get().apiFor(accessToken.audience()).map(Api::name).orElse(null);
        if (api == null || !(asker.seesAll() || api.equals(asker.apiToken().actsFor()))) {
            return inactive;
        }
        Origin presented = Origin.unknown("introspected by " + asker.apiToken().description());
        AccessTokenCheck.Result result = check.active(token, presented);
        if (result instanceof AccessTokenCheck.Result.Refused(var challenge, var reason, Barred barred)
                && barred != null) {
            uses.count(barred, Called.api(api));
        }
        if (!(result instanceof AccessTokenCheck.Result.Accepted(var same, ApiToken apiToken))) {
            return inactive;
        }
        uses.noteIntrospected(apiToken, api, asker.apiToken(), address);
        EffectivePrivileges privileges = accessToken.limited(policy.get().effective(apiToken.role()));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("active", true);
        // What the role allows now, not what it allowed then, because the answer is for a decision.
        String scope = privileges.scope(api).text();
        if (!scope.isEmpty()) {
            answer.put("scope", scope);
        }
        answer.put("client_id", accessToken.clientId());
        answer.put("token_type", accessToken.confirmation() instanceof Confirmation.ProofKey ? "DPoP" : "Bearer");
        answer.put("exp", accessToken.expiresAt().getEpochSecond());
        answer.put("iat", accessToken.issuedAt().getEpochSecond());
        answer.put("sub", accessToken.clientId());
        answer.put("aud", accessToken.audience());
        answer.put("iss", urls.issuer());
        answer.put("jti", accessToken.id());
        answer.put("roles", List.of(apiToken.role()));
        if (apiToken.inAccessTokens().name() instanceof String name) {
            answer.put("name", name);
        }
        answer.put("account", apiToken.account());
        if (accessToken.confirmation() != null) {
            // RFC 8705 section 3.2, RFC 9449 section 6.2: the API checks it, because only the API sees the caller.
            answer.put("cnf", accessToken.confirmation().claim());
        }
        return answer;
    }

    private static Response json(Map<String, Object> answer) {
        return Response.json(200, answer).with("Cache-Control", "no-store");
    }

    private static boolean wantsJwt(Request request) {
        return request.header("Accept").orElse("").contains(JWT);
    }

    /** RFC 9701 section 5: the same answer, signed and for the asker alone. */
    private Response signed(Map<String, Object> answer, Asker asker) {
        String compact = accessTokens.signIntrospection(answer, asker.apiToken().clientId());
        return Response.of(200, JWT, compact.getBytes(StandardCharsets.US_ASCII))
                .with("Cache-Control", "no-store");
    }
}
