package dev.latchkey.verifier;

import dev.latchkey.jwt.CompactJwt;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the API takes API keys, as its owner set it in Latchkey. A call's credential is found as the gate finds it.
 *
 * @param bearer in {@code Authorization: Bearer}, next to access tokens
 * @param header the name of a header; null for none
 * @param basic as the user name or the password of HTTP Basic
 * @param query the name of a query parameter; null for none
 */
record KeyPlaces(
        boolean bearer,
        @Nullable String header,
        boolean basic,
        @Nullable String query) {
    static final KeyPlaces NONE = new KeyPlaces(false, null, false, null);

    /** What every API key of Latchkey's begins with. */
    private static final String PREFIX = "lkk_";

    /** What a call presents. */
    sealed interface Credential {}

    /** No credential. */
    record Nothing() implements Credential {}

    /** An access token, or anything else in the Authorization header that is not an API key. */
    record InAuthorization(String header) implements Credential {
        @Override
        public String toString() {
            return "InAuthorization";
        }
    }

    /** An API key, where the API takes one. */
    record ApiKey(String text) implements Credential {
        @Override
        public String toString() {
            return "ApiKey";
        }
    }

    /** What cannot be accepted, whatever it is. */
    record Unacceptable(String reason) implements Credential {}

    /** @throws ParseException when a place is not what it must be */
    static KeyPlaces parse(Json places) throws ParseException {
        return new KeyPlaces(
                places.flag("bearer"),
                places.textIfPresent("header"),
                places.flag("basic"),
                places.textIfPresent("query"));
    }

    /** In a few words; empty when there is none. */
    String text() {
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

    /** The credential of a call. With two of them, one would be checked and the other believed. */
    Credential of(Call call) {
        List<String> keys = header == null
                ? new ArrayList<>(0)
                : new ArrayList<>(call.headers().apply(header));
        if (query != null) {
            keys.addAll(inQuery(call.target(), query));
        }
        String authorization = call.authorization();
        if (keys.size() + (authorization == null ? 0 : 1) > 1) {
            return new Unacceptable("The request carries more than one credential. Send one.");
        }
        if (!keys.isEmpty()) {
            return new ApiKey(keys.get(0));
        }
        return authorization == null ? new Nothing() : inAuthorization(authorization);
    }

    private Credential inAuthorization(String authorization) {
        String presented = after("Bearer ", authorization);
        // A key that another system issued can have any form but that of an access token.
        if (presented != null && bearer && !CompactJwt.looksLikeOne(presented)) {
            return new ApiKey(presented);
        }
        if (presented != null && presented.startsWith(PREFIX)) {
            return new Unacceptable("This API does not take API keys in the Authorization field.");
        }
        String pair = basic ? after("Basic ", authorization) : null;
        return pair == null ? new InAuthorization(authorization) : new ApiKey(inBasic(pair));
    }

    private static @Nullable String after(String scheme, String authorization) {
        return authorization.regionMatches(true, 0, scheme, 0, scheme.length())
                ? authorization.substring(scheme.length()).strip()
                : null;
    }

    /** The user name or the password, whichever is a key (RFC 7617). */
    private static String inBasic(String encoded) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
        int colon = pair.indexOf(':');
        String user = colon < 0 ? pair : pair.substring(0, colon);
        String password = colon < 0 ? "" : pair.substring(colon + 1);
        return user.startsWith(PREFIX) || password.isEmpty() ? user : password;
    }

    private static List<String> inQuery(String target, String name) {
        List<String> values = new ArrayList<>(1);
        int start = target.indexOf('?');
        if (start >= 0) {
            for (String pair : target.substring(start + 1).split("&", -1)) {
                int equals = pair.indexOf('=');
                if (decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name)) {
                    values.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
                }
            }
        }
        return values;
    }

    /** What cannot be decoded is not a key, and not the name of its parameter. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
