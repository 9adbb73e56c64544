package dev.latchkey.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpURI;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a request's path, and refuses every spelling that another program on the way might read as a different path:
 * dot segments, empty segments, encoded slashes, backslashes, path parameters, control characters, bytes that are not
 * UTF-8. Nothing is normalised: what was decided and what is done must be the same.
 */
public final class RequestPath {
    private RequestPath() {}

    /** The decoded path of a request's target. */
    static String decode(HttpURI target) {
        @Nullable String path = target.getPath();
        if (path == null || target.getFragment() != null || target.getUser() != null) {
            throw refused();
        }
        return decode(path);
    }

    /**
     * The decoded path.
     *
     * @throws Problem 400 when the path has two readings
     */
    public static String decode(String raw) {
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            throw refused();
        }
        boolean encoded = false;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '\\' || c == ';' || (c == '/' && i > 0 && raw.charAt(i - 1) == '/')) {
                throw refused();
            }
            encoded |= c == '%';
        }
        String path = encoded ? percentDecoded(raw) : raw;
        int start = 1;
        while (start <= path.length()) {
            int end = path.indexOf('/', start);
            if (end < 0) {
                end = path.length();
            }
            int length = end - start;
            // Two characters of which the first and the last are dots, or one.
            if (length > 0 && length <= 2 && path.charAt(start) == '.' && path.charAt(end - 1) == '.') {
                throw refused();
            }
            start = end + 1;
        }
        return path;
    }

    private static String percentDecoded(String raw) {
        byte[] bytes = new byte[raw.length()];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '%') {
                bytes[length++] = (byte) c;
                continue;
            }
            if (i + 2 >= raw.length()) {
                throw refused();
            }
            int high = Character.digit(raw.charAt(i + 1), 16);
            int low = Character.digit(raw.charAt(i + 2), 16);
            int value = high * 16 + low;
            if (high < 0
                    || low < 0
                    || value < 0x20
                    || value == 0x7f
                    || value == '/'
                    || value == '\\'
                    || value == ';'
                    || value == '%') {
                throw refused();
            }
            bytes[length++] = (byte) value;
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused();
        }
    }

    private static Problem refused() {
        return Problem.badRequest("The path can be read in more than one way. Send it in its plain form.");
    }
}
