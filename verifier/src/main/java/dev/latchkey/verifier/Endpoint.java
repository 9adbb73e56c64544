package dev.latchkey.verifier;

import org.jspecify.annotations.Nullable;

/**
 * A method and a path of an API, and who may call it.
 *
 * @param path a template such as {@code /invoices/{id}}, below the API's base path
 * @param privilege what a role needs; null unless the access is by privilege
 */
public record Endpoint(
        String method, String path, Access access, @Nullable String privilege) {

    /** Who may call an endpoint. */
    public enum Access {
        /** Whoever has a role with the endpoint's privilege. */
        PRIVILEGE,
        /** Whoever has an access token for the API. */
        TOKEN,
        /** Everybody. */
        PUBLIC
    }

    /** The method and the template, as Latchkey writes endpoints. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
