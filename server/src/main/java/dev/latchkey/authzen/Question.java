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

        static Subject read(Sent sent, @Nullable Sent fallback) {
            return new Subject(text("type", sent, fallback), text("id", sent, fallback));
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

        static Resource read(Sent sent, @Nullable Sent fallback) {
            String type = text("type", sent, fallback);
            String id = text("id", sent, fallback);
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

    /**
     * What holds where a question of several does not say otherwise (section 7.1.1). A mistake in it is a mistake in the whole
     * request, even if no question needs it.
     */
    record Defaults(
            @Nullable Sent subject,
            @Nullable Sent action,
            @Nullable Sent resource,
            @Nullable Sent context) {
        static final Defaults NONE = new Defaults(null, null, null, null);

        static Defaults of(Sent body) {
            return new Defaults(
                    body.objectIfPresent("subject"),
                    body.objectIfPresent("action"),
                    body.objectIfPresent("resource"),
                    body.objectIfPresent("context"));
        }
    }

    /** The question of a whole request, or of the only one in it. */
    static Question read(Sent sent) {
        return read(sent, Defaults.NONE);
    }

    /** One of several questions. */
    static Question read(Sent sent, Defaults defaults) {
        return new Question(
                Subject.read(part("subject", sent, defaults.subject()), defaults.subject()),
                action(part("action", sent, defaults.action()), defaults.action()),
                Resource.read(part("resource", sent, defaults.resource()), defaults.resource()),
                address(sent.objectIfPresent("context"), defaults.context()));
    }

    /** The name of the action. */
    static String action(Sent sent, @Nullable Sent fallback) {
        return text("name", sent, fallback);
    }

    /** The address in the context, if there is one and it says one. */
    static @Nullable String address(@Nullable Sent context, @Nullable Sent fallback) {
        Sent said = context == null ? fallback : context;
        return said == null ? null : said.textIfPresent("address");
    }

    private static Sent part(String name, Sent sent, @Nullable Sent fallback) {
        Sent own = sent.objectIfPresent(name);
        return own != null ? own : fallback != null ? fallback : sent.object(name);
    }

    /** A required text of a part: the default's, where the part itself leaves it out. */
    private static String text(String name, Sent sent, @Nullable Sent fallback) {
        // The properties say nothing to us, but they have to be what the specification says.
        sent.objectIfPresent("properties");
        String own = sent.textIfPresent(name);
        String text = own == null && fallback != null ? fallback.textIfPresent(name) : own;
        return text == null ? sent.text(name) : text;
    }
}
