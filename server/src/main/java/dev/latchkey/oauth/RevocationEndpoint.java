package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.ApiTokens;
import dev.latchkey.apitoken.Credentials;
import dev.latchkey.event.Origin;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.List;

/**
 * {@code POST /oauth/v2/revoke} (RFC 7009): a program revokes one of its access tokens or, when it suspects a leak, its own
 * API token, by sending its client id or client secret as the token.
 */
public final class RevocationEndpoint implements Handler {
    private final ClientAuthenticator clients;
    private final ApiTokens apiTokens;
    private final Credentials credentials;
    private final AccessTokens accessTokens;
    private final RevokedAccessTokens revoked;
    private final List<String> single;

    public RevocationEndpoint(
            ClientAuthenticator clients,
            ApiTokens apiTokens,
            Credentials credentials,
            AccessTokens accessTokens,
            RevokedAccessTokens revoked) {
        this.clients = clients;
        this.apiTokens = apiTokens;
        this.credentials = credentials;
        this.accessTokens = accessTokens;
        this.revoked = revoked;
        this.single = clients.parametersAnd("token", "token_type_hint");
    }

    @Override
    public Response handle(Request request) {
        try {
            OAuthRequest asked = OAuthRequest.read(request, single);
            ApiToken apiToken = clients.authenticate(asked);
            // The hint is meant to speed up a search, which is not needed here (section 2.1).
            revoke(asked.required("token"), apiToken, asked.origin());
            // Section 2.2: the answer for an unknown or expired token is the same as for a revoked one.
            return new Response(200, List.of(), new byte[0]).with("Cache-Control", "no-store");
        } catch (OAuthError error) {
            return error.toResponse();
        }
    }

    private void revoke(String token, ApiToken holder, Origin origin) {
        if (token.equals(holder.clientId()) || credentials.isSecretOf(holder, token)) {
            apiTokens.revokeItself(holder, origin);
        } else if (accessTokens.verifyToEnd(token)
                instanceof AccessTokens.Verification.Verified(AccessToken accessToken)) {
            // Section 2.1: only the program that it was issued to may revoke it, and any other is told so.
            if (!accessToken.clientId().equals(holder.clientId())) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST, "This access token was issued to another API token.");
            }
            revoked.revoke(accessToken, holder, origin);
        }
    }
}
