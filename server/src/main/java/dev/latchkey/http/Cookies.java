package dev.latchkey.http;

import java.time.Duration;
import java.util.Optional;

/** Reads the Cookie header and writes Set-Cookie fields (RFC 6265). All our cookies are HttpOnly and SameSite. */
public final class Cookies {
    private Cookies() {}

    static Optional<String> find(Headers headers, String name) {
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

    /** A Set-Cookie value; {@code secure} follows the caller's own connection, so that plain-http installs work. */
    public static String set(String name, String value, Duration lifetime, boolean secure) {
        return name + "=" + value + "; Path=/; Max-Age=" + lifetime.toSeconds() + "; HttpOnly; SameSite=Lax"
                + (secure ? "; Secure" : "");
    }

    public static String clear(String name, boolean secure) {
        return set(name, "", Duration.ZERO, secure);
    }
}
