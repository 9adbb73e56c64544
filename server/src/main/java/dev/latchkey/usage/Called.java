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
    /** The path of the token endpoint. */
    public static final String TOKEN_ENDPOINT = "/oauth/v2/token";

    /** Nothing that is known. */
    static final Called UNKNOWN = new Called("", "", "");

    /** What follows its path where a scope was requested; nothing follows it when the scope is very long. */
    public static final String SCOPE = "?scope=";

    private static final String RESOURCE = "?resource=";
    private static final String RESOURCE_SCOPE = "&scope=";

    private static final int LONGEST_SCOPE = 1_000;

    /** An API without saying which of its endpoints. */
    public static Called api(@Nullable String name) {
        return name == null ? UNKNOWN : new Called(name, "", "");
    }

    public static Called of(Api api, @Nullable Endpoint endpoint) {
        return endpoint == null ? api(api.name()) : new Called(api.name(), endpoint.method(), endpoint.path());
    }

    /**
     * The issuing of an access token: a call of Latchkey, with the API that it is for and the scope that was requested. A role
     * without a part of that scope would be refused.
     *
     * @param api the API's name
     * @param scope empty when none was requested
     */
    public static Called issuing(String api, Optional<Set<String>> scope) {
        boolean isOwn = api.equals(ManagementApi.NAME);
        String asked = scope.map(names -> (isOwn ? SCOPE : RESOURCE_SCOPE) + shown(names))
                .orElse("");
        return new Called(ManagementApi.NAME, "POST", TOKEN_ENDPOINT + (isOwn ? "" : RESOURCE + api) + asked);
    }

    /** The same with the API that it is about: where an access token was issued, the one that the access token is for. */
    Called about() {
        String prefix = TOKEN_ENDPOINT + RESOURCE;
        if (!api.equals(ManagementApi.NAME) || !method.equals("POST") || !path.startsWith(prefix)) {
            return this;
        }
        String resource = path.substring(prefix.length());
        int scope = resource.indexOf(RESOURCE_SCOPE);
        return scope < 0
                ? new Called(resource, method, TOKEN_ENDPOINT)
                : new Called(
                        resource.substring(0, scope),
                        method,
                        TOKEN_ENDPOINT + SCOPE + resource.substring(scope + RESOURCE_SCOPE.length()));
    }

    /** Whether an access token was issued, which no API has seen yet; of what {@link #about} returns. */
    public boolean isIssuing() {
        return method.equals("POST") && (path.equals(TOKEN_ENDPOINT) || path.startsWith(TOKEN_ENDPOINT + SCOPE));
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
