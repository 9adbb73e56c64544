package dev.latchkey.oauth;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.nio.charset.StandardCharsets;

/** {@code GET /oauth/v2/jwks}: the public keys that check access tokens (RFC 7517 section 5). */
public final class JwksEndpoint implements Handler {
    private final SigningKeys keys;

    public JwksEndpoint(SigningKeys keys) {
        this.keys = keys;
    }

    @Override
    public Response handle(Request request) {
        return Response.of(
                        200,
                        "application/jwk-set+json",
                        keys.published().toString(true).getBytes(StandardCharsets.UTF_8))
                .with("Cache-Control", "public, max-age=300");
    }
}
