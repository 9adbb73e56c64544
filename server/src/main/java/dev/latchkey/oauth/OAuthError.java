package dev.latchkey.oauth;

import dev.latchkey.http.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A refusal in the words of RFC 6749 section 5.2. */
final class OAuthError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What an error_description may not hold (RFC 6749 section 5.2). */
    private static final String OTHER_CHARACTERS = "[^\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]";

    private final Code code;
    private final transient List<Response.Field> headers;

    private OAuthError(Code code, String description, List<Response.Field> headers) {
        // No stack trace: a refusal is an answer, and an attacker must not be able to buy work with it.
        super(description.replace('"', '\'').replaceAll(OTHER_CHARACTERS, "?"), null, false, false);
        this.code = code;
        this.headers = headers;
    }

    enum Code {
        INVALID_REQUEST(400, "invalid_request"),
        INVALID_CLIENT(401, "invalid_client"),
        UNSUPPORTED_GRANT_TYPE(400, "unsupported_grant_type"),
        INVALID_SCOPE(400, "invalid_scope"),
        /** RFC 8707 section 2. */
        INVALID_TARGET(400, "invalid_target"),
        /** RFC 6749 has no word for it; RFC 8628 section 3.5 has this one. */
        SLOW_DOWN(429, "slow_down");

        private final int status;
        private final String text;

        Code(int status, String text) {
            this.status = status;
            this.text = text;
        }
    }

    static OAuthError of(Code code, String description) {
        return new OAuthError(code, description, List.of());
    }

    /**
     * The one answer for an unknown client, a wrong secret, a revoked and an expired token.
     *
     * @param basic whether the client used HTTP Basic, and so is told the scheme (RFC 6749 section 5.2)
     */
    static OAuthError invalidClient(boolean basic) {
        return new OAuthError(
                Code.INVALID_CLIENT,
                "The client id or the client secret is not right, or the API token is revoked or expired.",
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
