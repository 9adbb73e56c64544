package dev.latchkey.http;

import java.time.Duration;
import java.util.Optional;

/**
 * Reads the Cookie header and writes Set-Cookie fields (RFC 6265). All our cookies are HttpOnly and SameSite, and are
 * sent to our path only, because other programs may have paths of the same host.
 */
public final class Cookies {
    private Cookies() {}

    public static Optional<String> find(Headers headers, String name) {
        for (String header : headers.all("Cookie")) {
            for (String pair : header.split(";", -1)) {
                int equals = pair.indexOf('=');
                if (equals > 0 && pair.substring(0, equals).strip().equals(name)) {
                    return Optional.of(pair.substring(equals + 1).strip());
                }
            }
        }
        return Optional.empty();
    }

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
