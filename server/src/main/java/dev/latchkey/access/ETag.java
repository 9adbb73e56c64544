package dev.latchkey.access;

import dev.latchkey.http.Problem;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import org.jspecify.annotations.Nullable;

/** A resource's version as an entity tag (RFC 9110 section 8.8.3), so that an update overwrites nobody else's. */
public final class ETag {
    private ETag() {}

    public static Response on(Response response, long version) {
        return response.with("ETag", "\"" + version + "\"");
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
