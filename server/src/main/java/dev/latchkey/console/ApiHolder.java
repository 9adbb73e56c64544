package dev.latchkey.console;

/**
 * A role that may call endpoints of an API, as the page of the API lists it.
 *
 * @param endpoints how many of them, as "3 of 24 endpoints"
 * @param tokens how many active tokens the role is assigned to
 */
public record ApiHolder(String role, String endpoints, long tokens) {
    /** The page shows at most so many. */
    public static final int MOST_SHOWN = 10;
}
