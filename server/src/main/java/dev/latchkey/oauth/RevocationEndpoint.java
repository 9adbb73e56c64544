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
 * {@code POST /oauth/v2/revoke} (RFC 7009): a program ends one of its access tokens, or, when it suspects a leak, itself:
 * it sends its own client id or client secret as the token to revoke.
 */
public final class RevocationEndpoint implements Handler {
    public static final String PATH = "/oauth/v2/revoke";

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
            // The hint only speeds up a search, and there is none (section 2.1).
            revoke(asked.required("token"), apiToken, asked.origin());
            // Section 2.2: what is unknown or expired is answered like what was revoked.
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
            // Section 2.1: only who it was issued to may revoke it, and anybody else is told so.
            if (!accessToken.clientId().equals(holder.clientId())) {
                throw OAuthError.of(
                        OAuthError.Code.INVALID_REQUEST, "This access token was issued to another API token.");
            }
            revoked.revoke(accessToken, holder, origin);
        }
    }
}
