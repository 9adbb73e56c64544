package dev.latchkey.verifier;

import dev.latchkey.path.MethodOverride;
import dev.latchkey.path.RequestPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a request that decide whether it is allowed. Use it only while the request is being processed.
 *
 * @param target path and query as they were sent, neither decoded nor normalised
 * @param authorization the value of the {@code Authorization} header
 * @param methodOverrides the values of the headers of {@link #METHOD_OVERRIDE_HEADERS}, and of anything else that could
 *     make the application take the request for one with another method
 * @param headers all values of the header with a name, in any letter case; empty when there is none. API keys are looked for
 *     there if the API takes them in a header of their own
 * @param address the IP address that the call came from; null when it is not known. API keys may be limited to addresses
 */
public record Call(
        String method,
        String target,
        @Nullable String authorization,
        List<String> methodOverrides,
        Function<String, List<String>> headers,
        @Nullable String address) {
    /** The headers that make some frameworks take a request for one with another method. */
    public static final List<String> METHOD_OVERRIDE_HEADERS = MethodOverride.FIELDS;

    public Call {
        methodOverrides = List.copyOf(methodOverrides);
    }

    /** A call without other headers, from an address that is not known. */
    public Call(String method, String target, @Nullable String authorization, List<String> methodOverrides) {
        this(method, target, authorization, methodOverrides, name -> List.of(), null);
    }

    /**
     * Reads the relevant parts of a request.
     *
     * @param headers all values of the header with a name, in any letter case; empty when there is none
     */
    public static Call of(String method, String target, Function<String, List<String>> headers) {
        List<String> authorizations = headers.apply("Authorization");
        List<String> overrides = new ArrayList<>(0);
        for (String name : METHOD_OVERRIDE_HEADERS) {
            overrides.addAll(headers.apply(name));
        }
        return new Call(
                method,
                target,
                // Two headers make a value that is not an access token.
                authorizations.isEmpty() ? null : String.join(", ", authorizations),
                overrides,
                headers,
                null);
    }

    /** The same call with another method that the application could take it for. */
    public Call orWithMethod(String other) {
        List<String> overrides = new ArrayList<>(methodOverrides);
        overrides.add(other);
        return new Call(method, target, authorization, overrides, headers, address);
    }

    /**
     * The same call with the address that it came from: the caller's as this program sees it, or as a trusted proxy says, but
     * never what the caller claims.
     */
    public Call from(String caller) {
        return new Call(method, target, authorization, methodOverrides, headers, caller);
    }

    /** Without the credential, which may also be in the query. */
    @Override
    public String toString() {
        return "Call[" + method + " " + RequestPath.ofTarget(target) + "]";
    }
}
