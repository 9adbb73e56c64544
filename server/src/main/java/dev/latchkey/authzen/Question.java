package dev.latchkey.authzen;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who wants to do what with which resource (AuthZEN section 5).
 *
 * @param action an HTTP method
 * @param address where the subject's program is ({@code context.address}); null when that is not known
 */
record Question(
        Subject subject,
        String action,
        Resource resource,
        @Nullable String address) {

    /** Someone who makes requests, by the kind of thing that it is. */
    record Subject(String type, String id) {
        /** An API token, by its client id. */
        static final String TOKEN = "token";

        /** Any token that has the role, by the role's name. */
        static final String ROLE = "role";

        boolean isKnown() {
            return type.equals(TOKEN) || type.equals(ROLE);
        }

        static Subject read(Sent sent, @Nullable Sent defaults) {
            return new Subject(text("type", sent, defaults), text("id", sent, defaults));
        }

        /** As it is written. */
        Map<String, Object> written() {
            Map<String, Object> written = new LinkedHashMap<>();
            written.put("type", type);
            written.put("id", id);
            return written;
        }
    }

    /**
     * Where an API is called. The id is the API's name, immediately followed by a path that begins with a slash. No name of an
     * API has a slash, so each id has one reading.
     *
     * @param path with the API's base path; a request's own may have a query, and an endpoint's is its template
     */
    record Resource(String type, String api, String path) {
        /** The path of a request, as it is sent. */
        static final String PATH = "path";

        /** An endpoint, by the template that it is registered with. */
        static final String ENDPOINT = "endpoint";

        static Resource read(Sent sent, @Nullable Sent defaults) {
            String type = text("type", sent, defaults);
            String id = text("id", sent, defaults);
            int slash = id.indexOf('/');
            return slash < 0
                    ? new Resource(type, id, "")
                    : new Resource(type, id.substring(0, slash), id.substring(slash));
        }

        boolean isKnown() {
            return type.equals(PATH) || type.equals(ENDPOINT);
        }

        String id() {
            return api + path;
        }
    }

    /** The question of a whole request, or of the only one in it. */
    static Question read(Sent sent) {
        return read(sent, null);
    }

    /**
     * One of several questions.
     *
     * @param defaults what holds where the question does not say otherwise (section 7.1.1); null for nothing
     */
    static Question read(Sent sent, @Nullable Sent defaults) {
        return new Question(
                Subject.read(part("subject", sent, defaults), fallback("subject", defaults)),
                action(part("action", sent, defaults), fallback("action", defaults)),
                Resource.read(part("resource", sent, defaults), fallback("resource", defaults)),
                address(sent.has("context") || defaults == null ? sent : defaults));
    }

    /** The name of the action. */
    static String action(Sent sent, @Nullable Sent defaults) {
        return text("name", sent, defaults);
    }

    /** The address in the context, if it says one. */
    static @Nullable String address(Sent sent) {
        Sent context = sent.objectIfPresent("context");
        return context == null ? null : context.textIfPresent("address");
    }

    private static Sent part(String name, Sent sent, @Nullable Sent defaults) {
        return sent.has(name) || defaults == null || !defaults.has(name) ? sent.object(name) : defaults.object(name);
    }

    private static @Nullable Sent fallback(String name, @Nullable Sent defaults) {
        return defaults == null ? null : defaults.objectIfPresent(name);
    }

    /** A required text of a part: the default's, where the part itself leaves it out. */
    private static String text(String name, Sent sent, @Nullable Sent defaults) {
        // The properties say nothing to us, but they have to be what the specification says.
        sent.objectIfPresent("properties");
        return sent.has(name) || defaults == null || !defaults.has(name) ? sent.text(name) : defaults.text(name);
    }
}
