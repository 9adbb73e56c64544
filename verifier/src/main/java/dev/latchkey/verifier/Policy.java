package dev.latchkey.verifier;

import dev.latchkey.path.DoubtfulRequestException;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.path.PathTrie;
import dev.latchkey.path.RequestMatcher;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The endpoints of one API, and which role has which of its privileges. */
final class Policy {
    /** A scope-token of RFC 6749 section 3.3: it goes into headers unescaped. */
    private static final Pattern PRIVILEGE = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,200}");

    /** A method is a token (RFC 9110 section 9.1), in capitals. */
    private static final Pattern METHOD = Pattern.compile("[A-Z][A-Z0-9-]{0,30}");

    private static final Meaning NO_ENDPOINT =
            new Meaning(null, "no_endpoint", "The API has no endpoint for this request.");

    private final String audience;
    private final KeyPlaces keyPlaces;
    private final RequestMatcher<Endpoint> endpoints;
    private final Map<String, Set<String>> privileges;
    private final @Nullable String etag;

    private Policy(
            String audience,
            KeyPlaces keyPlaces,
            RequestMatcher<Endpoint> endpoints,
            Map<String, Set<String>> privileges,
            @Nullable String etag) {
        this.audience = audience;
        this.keyPlaces = keyPlaces;
        this.endpoints = endpoints;
        this.privileges = privileges;
        this.etag = etag;
    }

    /**
     * Parses the policy.
     *
     * @throws LatchkeyException when it is not a policy of the API
     * @throws UnusablePolicyException when it is, but contains something that this version does not understand
     */
    static Policy parse(String json, String api, @Nullable String etag) {
        Json document;
        try {
            document = Json.parse(json);
        } catch (ParseException e) {
            throw new LatchkeyException("The policy is not JSON.");
        }
        if (!document.says("api", api)) {
            throw new LatchkeyException("The policy is not one of the API " + api + ".");
        }
        try {
            return new Policy(
                    document.text("audience"), keyPlaces(document), endpoints(document), privileges(document), etag);
        } catch (ParseException | IllegalArgumentException e) {
            throw new UnusablePolicyException(
                    "The policy of " + api + " cannot be used, so everything is refused: " + e.getMessage());
        }
    }

    /** An older Latchkey has no API keys. */
    private static KeyPlaces keyPlaces(Json document) throws ParseException {
        return document.has("apiKeys") ? KeyPlaces.parse(document.object("apiKeys")) : KeyPlaces.NONE;
    }

    private static RequestMatcher<Endpoint> endpoints(Json document) throws ParseException {
        String basePath = document.text("basePath");
        PathTrie.Builder<Endpoint> trie = PathTrie.builder();
        for (Json entry : document.objects("endpoints")) {
            String method = matching(METHOD, entry.text("method"));
            String path = entry.text("path");
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("The path " + path + " must begin with a slash.");
            }
            trie.add(method, PathTemplate.parse(basePath + path), endpoint(method, path, entry));
        }
        return new RequestMatcher<>(
                trie.build(),
                pathCharacters(document),
                endpoint -> endpoint.method() + " " + basePath + endpoint.path());
    }

    /** An older Latchkey sends none, and characters of a newer one that are unknown here stay refused. */
    private static Set<PathCharacter> pathCharacters(Json document) throws ParseException {
        String name = "pathCharacters";
        return document.has(name) ? PathCharacter.allNamed(document.texts(name)) : Set.of();
    }

    private static String matching(Pattern pattern, String text) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException("An endpoint has an invalid method or privilege: " + text);
        }
        return text;
    }

    /** Each kind of access has its own field for what it needs, so that a part cannot be taken for the whole. */
    private static Endpoint endpoint(String method, String path, Json entry) throws ParseException {
        String access = entry.text("access");
        return switch (access) {
            case "privilege" -> by(method, path, Set.of(entry.text("privilege")));
            case "privileges" -> by(method, path, entry.texts("privileges"));
            case "token" -> new Endpoint(method, path, Endpoint.Access.TOKEN, List.of());
            case "public" -> new Endpoint(method, path, Endpoint.Access.PUBLIC, List.of());
            default ->
                throw new IllegalArgumentException(
                        "Access by " + access + " is unknown; a newer verifier may know it.");
        };
    }

    private static Endpoint by(String method, String path, Set<String> privileges) {
        privileges.forEach(privilege -> matching(PRIVILEGE, privilege));
        return new Endpoint(
                method,
                path,
                Endpoint.Access.PRIVILEGE,
                privileges.stream().sorted().toList());
    }

    private static Map<String, Set<String>> privileges(Json document) throws ParseException {
        Map<String, Set<String>> byRole = new HashMap<>();
        for (Json role : document.objects("roles")) {
            String name = role.text("name");
            if (byRole.put(name, role.texts("privileges")) != null) {
                throw new IllegalArgumentException("The role " + name + " occurs twice.");
            }
        }
        return byRole;
    }

    String audience() {
        return audience;
    }

    KeyPlaces keyPlaces() {
        return keyPlaces;
    }

    @Nullable String etag() {
        return etag;
    }

    /**
     * Which endpoint a request means.
     *
     * @param endpoint null when there is none, or the request is ambiguous
     * @param code why there is none, like {@code reason}
     */
    record Meaning(@Nullable Endpoint endpoint, String code, String reason) {
        private static Meaning doubtful(String because) {
            return new Meaning(null, "doubtful_request", "The request is refused because " + because + ".");
        }
    }

    /** The endpoint that a call means, if it can mean only one. */
    Meaning meaning(Call call) {
        try {
            Endpoint endpoint = endpoints.find(call.method(), call.target(), call.methodOverrides());
            return endpoint == null ? NO_ENDPOINT : new Meaning(endpoint, "", "");
        } catch (DoubtfulRequestException e) {
            return Meaning.doubtful(String.valueOf(e.getMessage()));
        }
    }

    /** Whether one of the roles has the privilege; a role that is not in the policy has none. */
    boolean allows(Set<String> roles, String privilege) {
        for (String role : roles) {
            Set<String> held = privileges.get(role);
            if (held != null && held.contains(privilege)) {
                return true;
            }
        }
        return false;
    }
}
