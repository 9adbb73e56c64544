package dev.latchkey.access;

import dev.latchkey.path.DoubtfulRequestException;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.path.PathTrie;
import dev.latchkey.path.RequestMatcher;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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
