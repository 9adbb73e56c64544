package dev.latchkey.usage;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * What was called.
 *
 * @param api the API's name; empty where it is not known
 * @param method empty, like the path, where the call met no endpoint
 * @param path the endpoint's template, such as {@code /invoices/{id}}
 */
public record Called(String api, String method, String path) {
    /** Nothing that is known. */
    static final Called UNKNOWN = new Called("", "", "");

    /** An API without saying which of its endpoints. */
    public static Called api(@Nullable String name) {
        return name == null ? UNKNOWN : new Called(name, "", "");
    }

    public static Called of(Api api, @Nullable Endpoint endpoint) {
        return endpoint == null ? api(api.name()) : new Called(api.name(), endpoint.method(), endpoint.path());
    }

    /** The endpoint, such as {@code GET /invoices/{id}}; empty where the call met none. */
    public String endpoint() {
        return method.isEmpty() ? "" : method + " " + path;
    }
}
