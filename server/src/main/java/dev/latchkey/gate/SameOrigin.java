package dev.latchkey.gate;

import dev.latchkey.http.Request;
import java.net.URI;
import java.util.Optional;

/**
 * Tells a browser's own request from one that another site made it send: the first half of the defence against
 * cross-site request forgery (the other is the value in every form).
 */
final class SameOrigin {
    private SameOrigin() {}

    /**
     * Whether the request's own fields say that another site made it. Programs send no such fields, and no cookies unasked.
     */
    static boolean isViolatedBy(Request request) {
        Optional<String> site = request.header("Sec-Fetch-Site");
        if (site.isPresent()) {
            return !site.get().equals("same-origin") && !site.get().equals("none");
        }
        Optional<String> origin = request.header("Origin");
        return origin.isPresent()
                && !sameHost(origin.get(), request.header("Host").orElse(""));
    }

    /** Whether the request's own fields say that a page of ours made it. */
    static boolean isShownBy(Request request) {
        Optional<String> site = request.header("Sec-Fetch-Site");
        return site.isPresent()
                ? site.get().equals("same-origin")
                : request.header("Origin")
                        .filter(origin ->
                                sameHost(origin, request.header("Host").orElse("")))
                        .isPresent();
    }

    private static boolean sameHost(String origin, String host) {
        try {
            return host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
