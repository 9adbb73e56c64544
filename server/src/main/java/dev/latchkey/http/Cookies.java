package dev.latchkey.http;

import java.time.Duration;

/**
 * Writes Set-Cookie fields (RFC 6265). All our cookies are HttpOnly and SameSite, and are
 * sent to our path only, because other programs may have paths of the same host.
 */
public final class Cookies {
    private Cookies() {}

    /**
     * The name, over https, of a cookie that carries a secret. Its prefix makes browsers refuse it over http.
     * {@code __Host-} makes them refuse it from any other host as well, but is only for cookies of the whole host:
     * below a path, another host of the domain could set the cookie.
     */
    public static String secureName(Request request, String name) {
        return (request.base().isRoot() ? "__Host-" : "__Secure-") + name;
    }

    /** A Set-Cookie value; Secure follows the caller's own connection, so that installations without https work. */
    public static String set(Request request, String name, String value, Duration lifetime) {
        String path = request.base().isRoot() ? "/" : request.base().path();
        return name + "=" + value + "; Path=" + path + "; Max-Age=" + lifetime.toSeconds() + "; HttpOnly; SameSite=Lax"
                + (request.secure() ? "; Secure" : "");
    }

    public static String clear(Request request, String name) {
        return set(request, name, "", Duration.ZERO);
    }
}
