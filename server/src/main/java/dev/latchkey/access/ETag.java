package dev.latchkey.access;

import dev.latchkey.http.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A resource's version as an entity tag (RFC 9110 section 8.8.3), so that an update overwrites nobody else's. */
public final class ETag {
    private ETag() {}

    public static Response on(Response response, long version) {
        return response.with("ETag", "\"" + version + "\"");
    }

    /** The response under a tag made of its body, or 304 when the request says that it knows it (If-None-Match). */
    public static Response unlessKnown(Request request, Response response) {
        String tag = "\"" + HexFormat.of().formatHex(sha256(response.body()), 0, 16) + "\"";
        boolean known = request.header("If-None-Match").filter(tag::equals).isPresent();
        return known
                ? new Response(304, List.of(new Response.Field("ETag", tag)), new byte[0])
                : response.with("ETag", tag);
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    /**
     * Makes sure, inside the transaction that changes something, that nobody else changed it first.
     *
     * @param expected the version that the change was made from; null when any will do
     * @param what what changes, as the subject of a sentence
     * @throws Problem 412 when it is another one by now
     */
    public static void require(@Nullable Long expected, long version, String what) {
        if (expected != null && expected != version) {
            throw new Problem(412, "precondition_failed", what + " was changed meanwhile. Read it again.");
        }
    }

    /**
     * The version that the request's If-Match names; null when any will do.
     *
     * @throws Problem 412 when it is no tag of ours, and so cannot match
     */
    public static @Nullable Long ifMatch(Request request) {
        String header = request.header("If-Match").map(String::strip).orElse("*");
        if (header.equals("*")) {
            return null;
        }
        try {
            if (header.length() > 2 && header.startsWith("\"") && header.endsWith("\"")) {
                return Long.valueOf(header.substring(1, header.length() - 1));
            }
        } catch (NumberFormatException e) {
            // answered below, like a tag of another form
        }
        throw new Problem(412, "precondition_failed", "If-Match names no version of this. Read it again.");
    }
}
