package dev.latchkey.oauth;

import dev.latchkey.http.Response;
import dev.latchkey.limit.Taken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** An error response as RFC 6749 section 5.2 defines it. */
final class OAuthError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Characters that an error_description must not contain (RFC 6749 section 5.2). */
    private static final Pattern OTHER_CHARACTERS = Pattern.compile("[^\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]");

    private final Code code;
    private final transient List<Response.Field> headers;

    private OAuthError(Code code, String description, List<Response.Field> headers) {
        // No stack trace: a refusal is an ordinary answer, and an attacker must not be able to make it costly.
        super(OTHER_CHARACTERS.matcher(description.replace('"', '\'')).replaceAll("?"), null, false, false);
        this.code = code;
        this.headers = headers;
    }

    enum Code {
        INVALID_REQUEST(400, "invalid_request"),
        INVALID_CLIENT(401, "invalid_client"),
        /** RFC 6750 section 3.1, for a caller that authenticates with an access token. */
        INVALID_TOKEN(401, "invalid_token"),
        /** RFC 6750 section 3.1. */
        INSUFFICIENT_SCOPE(403, "insufficient_scope"),
        /** RFC 7523 section 3.1: an outside token that is not valid. */
        INVALID_GRANT(400, "invalid_grant"),
        /** RFC 6749 section 4.1.2.1. */
        UNSUPPORTED_RESPONSE_TYPE(400, "unsupported_response_type"),
        UNSUPPORTED_GRANT_TYPE(400, "unsupported_grant_type"),
        INVALID_SCOPE(400, "invalid_scope"),
        /** RFC 8707 section 2. */
        INVALID_TARGET(400, "invalid_target"),
        /** RFC 9449 section 5. */
        INVALID_DPOP_PROOF(400, "invalid_dpop_proof"),
        /** RFC 9449 section 8. */
        USE_DPOP_NONCE(400, "use_dpop_nonce"),
        /** RFC 6749 has no such code; this one is from RFC 8628 section 3.5. */
        SLOW_DOWN(429, "slow_down");

        private final int status;
        private final String text;

        Code(int status, String text) {
            this.status = status;
            this.text = text;
        }
    }

    /** Whether only the nonce of the next attempt is missing, which is a step of the protocol. */
    boolean isForNonce() {
        return code == Code.USE_DPOP_NONCE;
    }

    static OAuthError of(Code code, String description) {
        return new OAuthError(code, description, List.of());
    }

    /**
     * The same answer for an unknown client, a wrong secret or other proof, and a revoked or expired API token.
     *
     * @param basic whether to challenge with HTTP Basic, because the client used it (RFC 6749 section 5.2)
     */
    static OAuthError invalidClient(boolean basic) {
        return new OAuthError(
                Code.INVALID_CLIENT,
                "The client id or its proof is wrong, or the API token is not valid now or from this address.",
                basic
                        ? List.of(new Response.Field("WWW-Authenticate", "Basic realm=\"latchkey\", charset=\"UTF-8\""))
                        : List.of());
    }

    static OAuthError slowDown(long seconds) {
        return new OAuthError(
                Code.SLOW_DOWN,
                "Too many wrong secrets. Wait " + seconds + (seconds == 1 ? " second." : " seconds."),
                List.of(new Response.Field("Retry-After", Long.toString(seconds))));
    }

    /** A limit of issued access tokens was reached. */
    static OAuthError beyond(Taken.Beyond limit) {
        return new OAuthError(
                Code.SLOW_DOWN,
                limit.detail(),
                limit.problem().headers().stream()
                        .map(header -> new Response.Field(header.name(), header.value()))
                        .toList());
    }

    /**
     * The caller's own access token is not valid (RFC 6750 section 3).
     *
     * @param challenge how to try again
     */
    static OAuthError invalidToken(String reason, String challenge) {
        return new OAuthError(Code.INVALID_TOKEN, reason, List.of(new Response.Field("WWW-Authenticate", challenge)));
    }

    /** @param bearer whether to challenge with Bearer, because the caller used an access token (RFC 6750 section 3) */
    static OAuthError insufficientScope(String description, String scope, boolean bearer) {
        return new OAuthError(
                Code.INSUFFICIENT_SCOPE,
                description,
                bearer
                        ? List.of(new Response.Field(
                                "WWW-Authenticate",
                                "Bearer realm=\"latchkey\", error=\"insufficient_scope\", scope=\"" + scope + "\""))
                        : List.of());
    }

    /** The proof must contain this nonce (RFC 9449 section 8). */
    static OAuthError useNonce(String nonce) {
        return new OAuthError(
                Code.USE_DPOP_NONCE,
                "The DPoP proof must contain the nonce in the DPoP-Nonce field.",
                List.of(new Response.Field("DPoP-Nonce", nonce)));
    }

    /** The code as RFC 6749 spells it. */
    String code() {
        return code.text;
    }

    Response toResponse() {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", code.text);
        body.put("error_description", String.valueOf(getMessage()));
        Response response = Response.json(code.status, body)
                .with("Cache-Control", "no-store")
                .with("Pragma", "no-cache");
        for (Response.Field header : headers) {
            response = response.with(header.name(), header.value());
        }
        return response;
    }
}
