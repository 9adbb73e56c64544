package dev.latchkey.gate;

import dev.latchkey.account.Sessions;
import dev.latchkey.http.Cookies;
import dev.latchkey.http.Request;
import java.util.Optional;

/**
 * The cookie that carries a session's secret. Over https its name begins with {@code __Host-}, which makes browsers refuse
 * it from any other host or over http; plain http, as on loopback, needs another name.
 */
public final class SessionCookie {
    private static final String SECURE_NAME = "__Host-latchkey";
    private static final String PLAIN_NAME = "latchkey_session";

    private SessionCookie() {}

    public static Optional<String> secret(Request request) {
        return request.cookie(name(request));
    }

    /** The Set-Cookie value that signs the browser in. */
    public static String set(Request request, String secret) {
        return Cookies.set(name(request), secret, Sessions.LIFETIME, request.secure());
    }

    /** The Set-Cookie value that signs the browser out. */
    public static String clear(Request request) {
        return Cookies.clear(name(request), request.secure());
    }

    private static String name(Request request) {
        return request.secure() ? SECURE_NAME : PLAIN_NAME;
    }
}
