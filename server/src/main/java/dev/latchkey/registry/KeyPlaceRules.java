package dev.latchkey.registry;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.path.MethodOverride;
import dev.latchkey.problem.Problem.FieldError;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where an API may take API keys: in places that mean nothing else, and that every gateway passes on to Latchkey. */
final class KeyPlaceRules {
    /** Gateways drop fields with other characters, because many programs read an underscore as a hyphen. */
    private static final Pattern HEADER = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,59}");

    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,59}");

    /** Fields that HTTP, its proxies or Latchkey give a meaning of their own. */
    private static final Set<String> TAKEN = Set.of(
            "accept",
            "age",
            "authorization",
            "baggage",
            "cache-control",
            "connection",
            "cookie",
            "date",
            "dpop",
            "expect",
            "forwarded",
            "from",
            "host",
            "http2-settings",
            "keep-alive",
            "max-forwards",
            "origin",
            "pragma",
            "priority",
            "range",
            // Logs and traces keep these.
            "referer",
            "te",
            "traceparent",
            "tracestate",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "upgrade-insecure-requests",
            "user-agent",
            "via",
            "x-correlation-id",
            "x-request-id");

    private static final List<String> TAKEN_PREFIXES = List.of(
            "accept-",
            "access-control-",
            "content-",
            "if-",
            "latchkey",
            "mcp-",
            "proxy-",
            "sec-",
            "x-forwarded-",
            "x-original-",
            "x-rewrite-",
            "x-real-",
            "x-envoy-");

    private KeyPlaceRules() {}

    static void check(List<FieldError> errors, KeyPlaces places) {
        if (!isFree(places.header())) {
            errors.add(new FieldError(
                    "apiKeys.header",
                    "Enter the name of a header field that means nothing else, such as X-API-Key: up to 60 letters, digits"
                            + " and hyphens."));
        }
        String query = places.query();
        if (query != null && !PARAMETER.matcher(query).matches()) {
            errors.add(
                    new FieldError(
                            "apiKeys.query",
                            "Enter the name of a query parameter, such as api_key: a letter, then up to 59 letters, digits, _ and -."));
        }
    }

    private static boolean isFree(@Nullable String header) {
        if (header == null) {
            return true;
        }
        String lower = header.toLowerCase(Locale.ROOT);
        return HEADER.matcher(header).matches()
                && !TAKEN.contains(lower)
                && TAKEN_PREFIXES.stream().noneMatch(lower::startsWith)
                && MethodOverride.FIELDS.stream().noneMatch(lower::equalsIgnoreCase);
    }
}
