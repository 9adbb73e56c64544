package dev.latchkey.gate;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.crypto.Secret;
import dev.latchkey.http.Parameters;
import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
        QUERY
    }

    /** An API key in the Authorization field of a request to an API that takes none there. */
    record MisplacedKey() implements PresentedCredential {}

    /** An API key in the query of a request whose gateway would pass it on. */
    record StuckInQuery() implements PresentedCredential {}

    /**
     * More than one: the gate would check one of them, and the API might believe the other.
     *
     * @param stuckInQuery whether one is an API key in the query, and the gateway would pass it on
     */
    record Several(boolean stuckInQuery) implements PresentedCredential {}

    /** @param places where the API takes keys */
    static PresentedCredential in(ForeignRequest request, KeyPlaces places) {
        ForeignRequest.Credentials credentials = request.credentials();
        Optional<String> authorization = credentials.authorization();
        List<String> inHeader =
                places.header() == null ? List.of() : credentials.fields().all(places.header());
        List<String> inQuery = places.query() == null ? List.of() : inQuery(request.target(), places.query());
        boolean stuckInQuery = !inQuery.isEmpty() && !credentials.removableFromQuery();
        if (inHeader.size() + inQuery.size() + (authorization.isPresent() ? 1 : 0) > 1) {
            return new Several(stuckInQuery);
        }
        if (!inHeader.isEmpty()) {
            return new ApiKey(inHeader.getFirst(), Place.HEADER);
        }
        if (!inQuery.isEmpty()) {
            return stuckInQuery ? new StuckInQuery() : new ApiKey(inQuery.getFirst(), Place.QUERY);
        }
        return authorization.isEmpty() ? new None() : inAuthorization(authorization.get(), places);
    }

    private static PresentedCredential inAuthorization(String field, KeyPlaces places) {
        String bearer = after("Bearer ", field);
        if (bearer != null && bearer.startsWith(Secret.Form.API_KEY.prefix())) {
            return places.bearer() ? new ApiKey(bearer, Place.AUTHORIZATION) : new MisplacedKey();
        }
        String basic = places.basic() ? after("Basic ", field) : null;
        return basic == null ? new InAuthorization(field) : new ApiKey(inBasic(basic), Place.AUTHORIZATION);
    }

    /** What follows the scheme of an Authorization field; null when it has another. */
    private static @Nullable String after(String scheme, String field) {
        return field.regionMatches(true, 0, scheme, 0, scheme.length())
                ? field.substring(scheme.length()).strip()
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
        return user.startsWith(Secret.Form.API_KEY.prefix()) || password.isEmpty() ? user : password;
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

    private static boolean isParameter(String pair, String name) {
        int equals = pair.indexOf('=');
        return decoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name);
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
