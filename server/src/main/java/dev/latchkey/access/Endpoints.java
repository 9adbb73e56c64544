package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.path.DoubtfulRequestException;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.path.PathTrie;
import dev.latchkey.path.RequestMatcher;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The endpoints of one API, and the match of requests to them. Immutable. */
public final class Endpoints {
    private static final Meaning.NoEndpoint NO_ENDPOINT = new Meaning.NoEndpoint();

    private final String basePath;
    private final List<Endpoint> all;
    private final Set<PathCharacter> pathCharacters;

    /** Built on first use: most copies of an API match no request. */
    private volatile @Nullable RequestMatcher<Endpoint> matcher;

    /** @param basePath the prefix of every path, such as {@code /v1}; may be empty */
    public Endpoints(String basePath, Collection<Endpoint> all) {
        this(basePath, all, Set.of());
    }

    /**
     * The endpoints of an API whose paths may contain more characters than usual.
     *
     * @param basePath the prefix of every path, such as {@code /v1}; may be empty
     */
    public Endpoints(String basePath, Collection<Endpoint> all, Set<PathCharacter> pathCharacters) {
        this.basePath = basePath;
        this.pathCharacters = pathCharacters;
        this.all = all.stream().sorted().toList();
    }

    /** All endpoints, by path and method. */
    public List<Endpoint> all() {
        return all;
    }

    /** The characters that a request's path may contain beyond the usual ones. */
    public Set<PathCharacter> pathCharacters() {
        return pathCharacters;
    }

    public int count() {
        return all.size();
    }

    /** The endpoint that a request is for, when none of its fields names another method. */
    public Meaning find(String method, String target) {
        return find(method, target, List.of());
    }

    /**
     * The endpoint that a request is for.
     *
     * @param method as sent
     * @param target the request's target in origin form, as sent
     * @param otherMethods every method that a field of the request names as the one to use instead
     */
    public Meaning find(String method, String target, List<String> otherMethods) {
        try {
            Endpoint endpoint = matcher().find(method, target, otherMethods);
            return endpoint == null ? NO_ENDPOINT : endpoint;
        } catch (DoubtfulRequestException e) {
            return new Meaning.Doubtful(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The endpoint of this template, which is not a request's path: no path holds braces. HEAD is GET where the template has no
     * HEAD of its own, as for requests.
     *
     * @param template as registered, with the base path before it
     */
    public Meaning named(String method, String template) {
        if (!template.startsWith(basePath)) {
            return NO_ENDPOINT;
        }
        String path = template.substring(basePath.length());
        int at = place(method, path);
        if (at < 0 && method.equals("HEAD")) {
            at = place("GET", path);
        }
        return at < 0 ? NO_ENDPOINT : all.get(at);
    }

    /** Its index; negative when there is none. What it needs does not matter to the order. */
    private int place(String method, String path) {
        return Collections.binarySearch(all, new Endpoint(method, path, new Requirement.Nothing(), ""));
    }

    /** The methods that some endpoint takes, in order. */
    public SortedSet<String> methods() {
        SortedSet<String> methods = new TreeSet<>();
        for (Endpoint endpoint : all) {
            methods.add(endpoint.method());
            if (endpoint.method().equals("GET")) {
                methods.add("HEAD");
            }
        }
        return methods;
    }

    private RequestMatcher<Endpoint> matcher() {
        RequestMatcher<Endpoint> built = matcher;
        if (built == null) {
            PathTrie.Builder<Endpoint> trie = PathTrie.builder();
            all.forEach(
                    endpoint -> trie.add(endpoint.method(), PathTemplate.parse(basePath + endpoint.path()), endpoint));
            built = new RequestMatcher<>(
                    trie.build(), pathCharacters, endpoint -> endpoint.method() + " " + basePath + endpoint.path());
            matcher = built;
        }
        return built;
    }
}
