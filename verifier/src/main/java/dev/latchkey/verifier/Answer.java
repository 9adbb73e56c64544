package dev.latchkey.verifier;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP response to a refusal: a problem document (RFC 9457) and, where a credential would help, a challenge (RFC
 * 6750 section 3).
 *
 * @param headers the response's headers, including {@code Content-Type}
 * @param body JSON
 */
public record Answer(int status, Map<String, String> headers, String body) {
    private static final String CHALLENGE = "Bearer realm=\"latchkey\"";

    static Answer to(Decision.Refused refused, String api) {
        if (refused instanceof Decision.Unauthenticated unauthenticated) {
            // A caller that sent no credential gets no error code.
            return unauthenticated.credentialSent()
                    ? of(
                            401,
                            "Unauthorized",
                            "invalid_token",
                            refused,
                            api,
                            CHALLENGE + ", error=\"invalid_token\", error_description=\"" + quotable(refused.reason())
                                    + "\"")
                    : of(401, "Unauthorized", "unauthenticated", refused, api, CHALLENGE);
        }
        if (refused instanceof Decision.Forbidden forbidden) {
            Endpoint endpoint = forbidden.endpoint();
            return of(
                    403,
                    "Forbidden",
                    forbidden.code(),
                    refused,
                    api,
                    endpoint == null || forbidden.missing().isEmpty()
                            ? null
                            // Everything the endpoint needs: a program requests a new access token with this scope.
                            : CHALLENGE + ", error=\"insufficient_scope\", scope=\""
                                    + String.join(" ", endpoint.privileges()) + "\"");
        }
        if (refused instanceof Decision.Limited) {
            return of(429, "Too Many Requests", "rate_limited", refused, api, null);
        }
        return of(503, "Service Unavailable", "unavailable", refused, api, null);
    }

    /** The text with only the characters that an error_description may contain (RFC 6750 section 3). */
    private static String quotable(String text) {
        return text.replaceAll("[^ !#-\\[\\]-~]", "'");
    }

    private static Answer of(
            int status, String title, String code, Decision.Refused refused, String api, @Nullable String challenge) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", title);
        problem.put("status", status);
        problem.put("code", code);
        problem.put("detail", refused.reason());
        problem.put("api", api);
        if (refused instanceof Decision.Forbidden forbidden) {
            if (forbidden.endpoint() != null) {
                problem.put("endpoint", forbidden.endpoint().toString());
            }
            List<String> missing = forbidden.missing();
            if (missing.size() == 1) {
                problem.put("privilege", missing.get(0));
            } else if (!missing.isEmpty()) {
                problem.put("privileges", missing);
            }
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/problem+json");
        headers.put("Cache-Control", "no-store");
        if (challenge != null) {
            headers.put("WWW-Authenticate", challenge);
        }
        if (refused instanceof Decision.Limited limited) {
            headers.put("Retry-After", Long.toString(limited.retryAfter()));
        }
        if (status == 503) {
            headers.put("Retry-After", "5");
        }
        return new Answer(status, Map.copyOf(headers), JSONObjectUtils.toJSONString(problem) + "\n");
    }
}
