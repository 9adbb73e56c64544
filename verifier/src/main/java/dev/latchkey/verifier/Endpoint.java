package dev.latchkey.verifier;

import java.util.List;

/**
 * A method and a path of an API, and who may call it.
 *
 * @param path a template such as {@code /invoices/{id}}, below the API's base path
 * @param privileges what a role needs, all of them; empty unless the access is by privilege
 */
public record Endpoint(String method, String path, Access access, List<String> privileges) {
    public Endpoint {
        privileges = List.copyOf(privileges);
        if (privileges.isEmpty() == (access == Access.PRIVILEGE)) {
            throw new IllegalArgumentException("An endpoint has privileges if and only if its access is by privilege.");
        }
    }

    /** Who may call an endpoint. */
    public enum Access {
        /** Callers whose role has all of the endpoint's privileges. */
        PRIVILEGE,
        /** Callers with an access token for the API. */
        TOKEN,
        /** Everyone. */
        PUBLIC
    }

    /** The method and the template, as Latchkey writes endpoints. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
