package dev.latchkey.console;

/**
 * A role that may call endpoints of an API, on the page of the API.
 *
 * @param endpoints how many of them, as "3 of 24 endpoints"
 * @param tokens how many active tokens the role is assigned to
 */
public record ApiHolder(String role, String endpoints, long tokens) {
    /** So many are shown. */
    public static final int MOST_SHOWN = 10;
}
