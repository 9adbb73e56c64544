package dev.latchkey.verifier;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What of a request decides whether it may be made.
 *
 * @param target path and query as they were sent, neither decoded nor normalised
 * @param authorization the value of the {@code Authorization} header
 * @param methodOverrides the values of the headers of {@link #METHOD_OVERRIDE_HEADERS}, and of whatever else could make the
 *     application take the request for one with another method
 */
public record Call(String method, String target, @Nullable String authorization, List<String> methodOverrides) {
    /** The headers that make some frameworks take a request for one with another method. */
    public static final List<String> METHOD_OVERRIDE_HEADERS =
            List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override");

    public Call {
        methodOverrides = List.copyOf(methodOverrides);
    }

    /** Without the access token. */
    @Override
    public String toString() {
        return "Call[" + method + " " + target + "]";
    }
}
