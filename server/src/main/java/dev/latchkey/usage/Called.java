package dev.latchkey.usage;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.ManagementApi;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What was called.
 *
 * @param api the API's name; empty where it is not known
 * @param method empty, like the path, where the call met no endpoint
 * @param path the endpoint's template, such as {@code /invoices/{id}}
 */
public record Called(String api, String method, String path) {
    /** The path of the token endpoint, which is counted for the API that an access token is for. */
    public static final String TOKEN_ENDPOINT = "/oauth/v2/token";

    /** Nothing that is known. */
    static final Called UNKNOWN = new Called("", "", "");

    /** What follows the path of the token endpoint where a scope was requested; nothing follows it when the scope is very long. */
    public static final String SCOPE = "?scope=";

    private static final int LONGEST_SCOPE = 1_000;

    /** An API without saying which of its endpoints. */
    public static Called api(@Nullable String name) {
        return name == null ? UNKNOWN : new Called(name, "", "");
    }

    public static Called of(Api api, @Nullable Endpoint endpoint) {
        return endpoint == null ? api(api.name()) : new Called(api.name(), endpoint.method(), endpoint.path());
    }

    /**
     * The issuing of an access token, which is counted for the API that it is for, with the scope that was requested: a role
     * without a part of that scope would be refused.
     *
     * @param api the API's name
     * @param scope empty when none was requested
     */
    public static Called issuing(String api, Optional<Set<String>> scope) {
        return new Called(
                api,
                "POST",
                TOKEN_ENDPOINT + scope.map(names -> SCOPE + shown(names)).orElse(""));
    }

    /** Whether an access token was issued, which no API has seen yet. */
    public boolean isIssuing() {
        return method.equals("POST") && (path.equals(TOKEN_ENDPOINT) || path.startsWith(TOKEN_ENDPOINT + SCOPE));
    }

    /** Whether Latchkey itself was called. */
    boolean isToLatchkey() {
        return api.equals(ManagementApi.NAME) || isIssuing();
    }

    private static String shown(Set<String> scope) {
        String text = String.join(" ", new TreeSet<>(scope));
        return text.length() > LONGEST_SCOPE ? "" : text;
    }

    /** As it is written in a row. */
    static Called read(String api, String endpoint) {
        int space = endpoint.indexOf(' ');
        return space < 0
                ? new Called(api, "", "")
                : new Called(api, endpoint.substring(0, space), endpoint.substring(space + 1));
    }

    /** The endpoint, such as {@code GET /invoices/{id}}; empty where the call met none. */
    public String endpoint() {
        return method.isEmpty() ? "" : method + " " + path;
    }
}
