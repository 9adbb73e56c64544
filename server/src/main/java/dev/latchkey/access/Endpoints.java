package dev.latchkey.access;

import dev.latchkey.path.DoubtfulPathException;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.path.PathTrie;
import dev.latchkey.path.RequestPath;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The endpoints of one API, and which of them a request means. Immutable. */
public final class Endpoints {
    private static final Meaning.NoEndpoint NO_ENDPOINT = new Meaning.NoEndpoint();

    private final String basePath;
    private final List<Endpoint> all;

    /** Built when it is first asked: most copies of an API are only looked at. */
    private volatile @Nullable PathTrie<Endpoint> trie;

    /** @param basePath what stands before every path: empty, or such as {@code /v1} */
    public Endpoints(String basePath, Collection<Endpoint> all) {
        this.basePath = basePath;
        this.all = all.stream().sorted().toList();
    }

    /** By path and method. */
    public List<Endpoint> all() {
        return all;
    }

    public int count() {
        return all.size();
    }

    /**
     * Which endpoint a request means.
     *
     * @param method as sent; methods are told apart by letter case (RFC 9110 section 9.1)
     * @param target the request's target in origin form, as sent; the query does not matter
     */
    public Meaning find(String method, String target) {
        String path;
        try {
            path = RequestPath.decode(RequestPath.ofTarget(target));
        } catch (DoubtfulPathException e) {
            return new Meaning.Doubtful("its path can be read in more than one way: " + e.getMessage());
        }
        Endpoint endpoint = trie().find(method, path);
        if (endpoint != null) {
            return endpoint;
        }
        Endpoint near = trie().findLoosely(method, path);
        return near == null
                ? NO_ENDPOINT
                : new Meaning.Doubtful("its path differs from that of " + near.method() + " " + basePath + near.path()
                        + " only in letter case or in a slash at the end");
    }

    private PathTrie<Endpoint> trie() {
        PathTrie<Endpoint> built = trie;
        if (built == null) {
            PathTrie.Builder<Endpoint> builder = PathTrie.builder();
            all.forEach(endpoint -> builder.add(endpoint.method(), template(endpoint), endpoint));
            built = builder.build();
            trie = built;
        }
        return built;
    }

    /**
     * Makes sure that the endpoints make sense together.
     *
     * @throws IllegalArgumentException for a broken template, or two that match the same requests
     */
    void validate() {
        trie();
    }

    private PathTemplate template(Endpoint endpoint) {
        PathTemplate.parse(endpoint.path());
        return PathTemplate.parse(basePath + endpoint.path());
    }
}
