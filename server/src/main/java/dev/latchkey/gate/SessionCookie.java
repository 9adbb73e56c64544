package dev.latchkey.gate;

import dev.latchkey.account.Sessions;
import dev.latchkey.http.Cookies;
import dev.latchkey.http.Request;
import java.util.Optional;

/**
 * The cookie that carries a session's secret. Over https its name has a prefix that binds it to https, and where possible to
 * our host; plain http, as on loopback, needs another name.
 */
public final class SessionCookie {
    private static final String SECURE_NAME = "latchkey";
    private static final String PLAIN_NAME = "latchkey_session";

    private SessionCookie() {}

    public static Optional<String> secret(Request request) {
        return request.cookie(name(request));
    }

    /** The Set-Cookie value that signs the browser in. */
    public static String set(Request request, String secret) {
        return Cookies.set(request, name(request), secret, Sessions.LIFETIME);
    }

    /** The Set-Cookie value that signs the browser out. */
    public static String clear(Request request) {
        return Cookies.clear(request, name(request));
    }

    private static String name(Request request) {
        return request.secure() ? Cookies.secureName(request, SECURE_NAME) : PLAIN_NAME;
    }
}
