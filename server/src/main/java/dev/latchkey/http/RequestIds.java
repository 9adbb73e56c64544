package dev.latchkey.http;

import dev.latchkey.crypto.Secret;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The id of each request: made here, or taken from a trusted proxy, which has written it into its own log. Anyone else could
 * give many requests the same id, or one that others have.
 *
 * <p>The id of a trace ({@code traceparent}) is not taken: a trace has many requests.
 */
final class RequestIds {
    static final String FIELD = "X-Request-Id";

    private static final int LONGEST = 64;
    private static final int SHORTEST = 8;
    private static final HexFormat HEX = HexFormat.of();

    private RequestIds() {}

    /** A new one, which is also a valid id of a trace. It is unique, and not a secret. */
    static String make() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextLong());
    }

    /** The id that a trusted proxy has given the request, or a new one if it gave none that we can use. */
    static String given(Headers headers) {
        List<String> ids = headers.all(FIELD);
        return ids.size() == 1 && isUsable(ids.getFirst()) ? ids.getFirst() : make();
    }

    /**
     * Proxies pass on what their callers send unless they are told not to. So the id must not be able to look like anything
     * else in a log, and must not be a secret that someone put into the wrong field.
     */
    private static boolean isUsable(String id) {
        if (id.length() < SHORTEST || id.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letterOrDigit && "-_.:+/=#".indexOf(c) < 0) {
                return false;
            }
        }
        return !Secret.isIn(id);
    }
}
