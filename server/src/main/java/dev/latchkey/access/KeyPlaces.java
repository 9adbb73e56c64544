package dev.latchkey.access;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a request an API takes API keys. It takes none unless its owner says so: anyone who sees a request sees the key in it.
 *
 * @param bearer in {@code Authorization: Bearer}, where access tokens are, too
 * @param header the name of a header field of its own, such as {@code X-API-Key}; null for none
 * @param basic as the user or the password of HTTP Basic
 * @param query the name of a query parameter; null for none. Addresses end up in logs and histories, so this is the last resort
 */
public record KeyPlaces(
        boolean bearer,
        @Nullable String header,
        boolean basic,
        @Nullable String query) {
    /** What an API has that takes no keys. */
    public static final KeyPlaces NONE = new KeyPlaces(false, null, false, null);

    public boolean takesNone() {
        return equals(NONE);
    }

    /** In a few words, for the log; empty when it takes none. */
    public String text() {
        List<String> places = new ArrayList<>();
        if (bearer) {
            places.add("Authorization: Bearer");
        }
        if (header != null) {
            places.add("the header field " + header);
        }
        if (basic) {
            places.add("HTTP Basic");
        }
        if (query != null) {
            places.add("the query parameter " + query);
        }
        return String.join(", ", places);
    }
}
