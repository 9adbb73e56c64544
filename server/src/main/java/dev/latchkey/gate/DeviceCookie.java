package dev.latchkey.gate;

import dev.latchkey.account.Devices;
import dev.latchkey.http.Cookies;
import dev.latchkey.http.Request;
import java.util.Optional;

/** The cookie that proves an earlier sign-in with this browser; it outlives the session, and signing out. */
public final class DeviceCookie {
    private static final String SECURE_NAME = "latchkey-device";
    private static final String PLAIN_NAME = "latchkey_device";

    private DeviceCookie() {}

    public static Optional<String> proof(Request request) {
        return request.cookie(name(request));
    }

    /** The Set-Cookie value that keeps the proof in the browser. */
    public static String set(Request request, String proof) {
        return Cookies.set(request, name(request), proof, Devices.LIFETIME);
    }

    private static String name(Request request) {
        return request.secure() ? Cookies.secureName(request, SECURE_NAME) : PLAIN_NAME;
    }
}
