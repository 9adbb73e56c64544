package dev.latchkey.gate;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Parameters;
import dev.latchkey.jwt.CompactJwt;
import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The credential that a request to an API carries, if it carries one: an access token or an API key. */
sealed interface PresentedCredential {

    /** No credential. */
    record None() implements PresentedCredential {}

    /**
     * An access token, or anything else in the Authorization field that is not an API key.
     *
     * @param authorization the Authorization field
     */
    record InAuthorization(String authorization) implements PresentedCredential {
        @Override
        public String toString() {
            return "InAuthorization";
        }
    }

    /** An API key, where its API takes keys. */
    record ApiKey(String text, Place place) implements PresentedCredential {
        @Override
        public String toString() {
            return "ApiKey";
        }
    }

    /** Where in a request an API key is. */
    enum Place {
        AUTHORIZATION,
        HEADER,
        QUERY,

        /** Not known: an API asks about a key that it got without a gateway. */
        RELAYED
    }

    /** An API key in the Authorization field of a request to an API that takes none there. */
    record MisplacedKey() implements PresentedCredential {}

    /** An API key for an API that takes none. */
    record UntakenKey() implements PresentedCredential {}

    /** An API key in the query of a request whose gateway would pass it on. */
    record StuckInQuery() implements PresentedCredential {}

    /** More than one: the gate would check one of them, and the API might believe the other. */
    record Several() implements PresentedCredential {}

    /**
     * The credential of a request.
     *
     * @param places where the API takes keys
     * @param foreignKeys whether there are keys that were issued elsewhere, which can have any form
     */
    static PresentedCredential in(ForeignRequest request, KeyPlaces places, boolean foreignKeys) {
        ForeignRequest.Credentials credentials = request.credentials();
        Optional<String> authorization = credentials.authorization();
        List<String> inHeader =
                places.header() == null ? List.of() : credentials.fields().all(places.header());
        List<String> inQuery = places.query() == null ? List.of() : inQuery(request.target(), places.query());
        // First: whatever else the request carries, the gateway would pass it on.
        if (!inQuery.isEmpty() && !credentials.removableFromQuery()) {
            return new StuckInQuery();
        }
        if (inHeader.size() + inQuery.size() + (authorization.isPresent() ? 1 : 0) > 1) {
            return new Several();
        }
        if (!inHeader.isEmpty()) {
            return new ApiKey(inHeader.getFirst(), Place.HEADER);
        }
        if (!inQuery.isEmpty()) {
            return new ApiKey(inQuery.getFirst(), Place.QUERY);
        }
        return authorization.isEmpty() ? new None() : inAuthorization(authorization.get(), places, foreignKeys);
    }

    /**
     * A credential that an API got without a gateway, and passes on without what was around it.
     *
     * @param places where the API takes keys; it found the credential itself, and must only take keys at all
     * @param foreignKeys whether any key was imported, which may have any form
     */
    static PresentedCredential relayed(String credential, KeyPlaces places, boolean foreignKeys) {
        if (!places.takesNone()
                && (beginsLikeKey(credential) || (foreignKeys && !CompactJwt.looksLikeOne(credential)))) {
            return new ApiKey(credential, Place.RELAYED);
        }
        return beginsLikeKey(credential) ? new UntakenKey() : new InAuthorization("Bearer " + credential);
    }

    private static PresentedCredential inAuthorization(String field, KeyPlaces places, boolean foreignKeys) {
        String bearer = after("Bearer", field);
        if (bearer != null && beginsLikeKey(bearer)) {
            return places.bearer() ? new ApiKey(bearer, Place.AUTHORIZATION) : new MisplacedKey();
        }
        if (bearer != null && places.bearer() && foreignKeys && !CompactJwt.looksLikeOne(bearer)) {
            return new ApiKey(bearer, Place.AUTHORIZATION);
        }
        String basic = after("Basic", field);
        if (basic == null) {
            return new InAuthorization(field);
        }
        String key = inBasic(basic);
        if (places.basic()) {
            return new ApiKey(key, Place.AUTHORIZATION);
        }
        return beginsLikeKey(key) ? new MisplacedKey() : new InAuthorization(field);
    }

    private static boolean beginsLikeKey(String text) {
        return text.startsWith(Secret.Form.API_KEY.prefix());
    }

    /** What follows the scheme of an Authorization field and white space; null when it has another scheme. */
    private static @Nullable String after(String scheme, String field) {
        int end = scheme.length();
        return field.regionMatches(true, 0, scheme, 0, end)
                        && field.length() > end
                        && Character.isWhitespace(field.charAt(end))
                ? field.substring(end).strip()
                : null;
    }

    /** The user name or the password, whichever is a key (RFC 7617). Unlike a client's credentials, they are not form-encoded. */
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
        return beginsLikeKey(user) || password.isEmpty() ? user : password;
    }

    /** The target without the parameter, which the API must not get. */
    static String withoutParameter(String target, String name) {
        int start = target.indexOf('?');
        if (start < 0) {
            return target;
        }
        String rest = Arrays.stream(target.substring(start + 1).split("&", -1))
                .filter(pair -> !isParameter(pair, name))
                .collect(Collectors.joining("&"));
        return target.substring(0, start) + (rest.isEmpty() ? "" : "?" + rest);
    }

    /** The parameter's name, and every other way in which the query spells it: a gateway may compare names without decoding them. */
    static List<String> spellings(String target, String name) {
        Stream<String> sent = Arrays.stream(
                        target.substring(target.indexOf('?') + 1).split("&", -1))
                .filter(pair -> isParameter(pair, name))
                .map(PresentedCredential::nameOf);
        return Stream.concat(Stream.of(name), sent).distinct().toList();
    }

    private static boolean isParameter(String pair, String name) {
        return decoded(nameOf(pair)).equals(name);
    }

    private static String nameOf(String pair) {
        int equals = pair.indexOf('=');
        return equals < 0 ? pair : pair.substring(0, equals);
    }

    private static List<String> inQuery(String target, String name) {
        int start = target.indexOf('?');
        if (start < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(1);
        for (String pair : target.substring(start + 1).split("&", -1)) {
            if (isParameter(pair, name)) {
                int equals = pair.indexOf('=');
                values.add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
        return values;
    }

    /** What cannot be decoded is not a key, and not the name of its parameter. */
    private static String decoded(String text) {
        try {
            return Parameters.decoded(text);
        } catch (IllegalArgumentException | Problem e) {
            return text;
        }
    }
}
