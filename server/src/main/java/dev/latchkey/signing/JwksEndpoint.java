package dev.latchkey.signing;

import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.management.ETag;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * {@code GET /oauth/v2/jwks}: the public keys that check access tokens (RFC 7517 section 5), including the next one, so that APIs
 * know each key before its first signature.
 */
public final class JwksEndpoint implements Handler {
    /** How long a cache may hold the keys (RFC 9111 section 5.2.2.1). */
    static final Duration MAX_AGE = Duration.ofMinutes(5);

    private final CurrentKeys keys;

    public JwksEndpoint(CurrentKeys keys) {
        this.keys = keys;
    }

    @Override
    public Response handle(Request request) {
        Response response = Response.json(
                200, "application/jwk-set+json", keys.published().toString(true).getBytes(StandardCharsets.UTF_8));
        return ETag.unlessKnown(request, response).with("Cache-Control", "public, max-age=" + MAX_AGE.toSeconds());
    }
}
