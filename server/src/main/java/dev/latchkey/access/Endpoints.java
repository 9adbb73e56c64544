package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.path.DoubtfulRequestException;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.path.PathTrie;
import dev.latchkey.path.RequestMatcher;
import dev.latchkey.path.RequestPath;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The endpoints of one API, and the match of requests to them. Immutable. */
public final class Endpoints {
    private static final Meaning.NoEndpoint NO_ENDPOINT = new Meaning.NoEndpoint();

    private static final Meaning.Doubtful NOT_HTTP = new Meaning.Doubtful(
            McpCall.METHOD + " is not a method of HTTP: send POST to the MCP endpoint, as MCP clients do");

    private final String basePath;
    private final List<Endpoint> all;
    private final Set<PathCharacter> pathCharacters;
    private final @Nullable String mcp;

    /** Stands among the endpoints for the MCP endpoint, so that its path obeys the same rules; it is never a meaning. */
    private final @Nullable Endpoint door;

    /** Built on first use: most copies of an API match no request. */
    private volatile @Nullable Matchers matchers;

    /**
     * What requests and calls of MCP are matched against.
     *
     * @param calls the endpoints with the method MCP
     */
    private record Matchers(RequestMatcher<Endpoint> requests, PathTrie<Endpoint> calls) {}

    /** @param basePath the prefix of every path, such as {@code /v1}; may be empty */
    public Endpoints(String basePath, Collection<Endpoint> all) {
        this(basePath, all, Set.of(), null);
    }

    /**
     * The endpoints of an API whose paths may contain more characters than usual, or which is an MCP server.
     *
     * @param basePath the prefix of every path, such as {@code /v1}; may be empty
     * @param mcp the path of its MCP endpoint below the base path; null when it has none
     */
    public Endpoints(
            String basePath, Collection<Endpoint> all, Set<PathCharacter> pathCharacters, @Nullable String mcp) {
        this.basePath = basePath;
        this.pathCharacters = pathCharacters;
        this.mcp = mcp;
        this.door = mcp == null ? null : new Endpoint("POST", mcp, new Requirement.AnyToken(), "");
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

    /** The path of the MCP endpoint, below the base path; null when the API has none. */
    public @Nullable String mcp() {
        return mcp;
    }

    public int count() {
        return all.size();
    }

    /**
     * The endpoint that a request would be for, when none of its fields names another method. What a request to an MCP server
     * asks is in its fields; here it is named by the method MCP and a path such as {@code /tools/call/get_weather}.
     *
     * @param target with the base path
     */
    public Meaning find(String method, String target) {
        try {
            if (method.equals(McpCall.METHOD)) {
                String path = RequestPath.ofTarget(target);
                return mcp != null && path.startsWith(basePath + "/")
                        ? meaning(McpCall.at(path.substring(basePath.length())))
                        : NO_ENDPOINT;
            }
            Endpoint endpoint = matchers().requests().find(method, target, List.of());
            return isDoor(endpoint)
                    ? new Meaning.Doubtful("it does not say what it asks of the MCP server. Ask about the method "
                            + McpCall.METHOD + " and a path such as " + basePath + "/tools/call/NAME")
                    : meaning(endpoint);
        } catch (DoubtfulRequestException e) {
            return doubtful(e);
        }
    }

    /**
     * The endpoint that a request over HTTP is for.
     *
     * @param method as sent
     * @param target the request's target in origin form, as sent
     * @param otherMethods every method that a field of the request names as the one to use instead
     * @param fields what it says to an MCP server; matters only at the MCP endpoint
     */
    public Meaning find(String method, String target, List<String> otherMethods, McpFields fields) {
        if (method.equals(McpCall.METHOD)) {
            return NOT_HTTP;
        }
        try {
            Endpoint endpoint = matchers().requests().find(method, target, otherMethods);
            return isDoor(endpoint) ? meaning(McpCall.of(fields)) : meaning(endpoint);
        } catch (DoubtfulRequestException e) {
            return doubtful(e);
        }
    }

    /** What a request over HTTP asks of the MCP server; empty when it is not for the MCP endpoint or does not say it clearly. */
    public Optional<McpCall> call(String method, String target, McpFields fields) {
        if (mcp == null) {
            return Optional.empty();
        }
        try {
            return isDoor(matchers().requests().find(method, target, List.of()))
                    ? Optional.of(McpCall.of(fields))
                    : Optional.empty();
        } catch (DoubtfulRequestException e) {
            return Optional.empty();
        }
    }

    private boolean isDoor(@Nullable Endpoint endpoint) {
        return door != null && door.equals(endpoint);
    }

    private static Meaning meaning(@Nullable Endpoint endpoint) {
        return endpoint == null ? NO_ENDPOINT : endpoint;
    }

    private static Meaning doubtful(DoubtfulRequestException e) {
        return new Meaning.Doubtful(String.valueOf(e.getMessage()));
    }

    private Meaning meaning(McpCall call) {
        String path = basePath + call.matched();
        PathTrie<Endpoint> calls = matchers().calls();
        Endpoint endpoint = calls.find(McpCall.METHOD, path);
        Endpoint near = endpoint == null ? calls.findLoosely(McpCall.METHOD, path) : null;
        return near == null
                ? meaning(endpoint)
                : new Meaning.Doubtful(
                        "what it asks of the MCP server differs from " + near.name() + " only in letter case");
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

    private Matchers matchers() {
        Matchers built = matchers;
        if (built == null) {
            PathTrie.Builder<Endpoint> requests = PathTrie.builder();
            PathTrie.Builder<Endpoint> calls = PathTrie.builder();
            for (Endpoint endpoint : all) {
                (endpoint.isMcp() ? calls : requests).add(endpoint.method(), endpoint.template(basePath), endpoint);
            }
            if (door != null) {
                requests.add(door.method(), door.template(basePath), door);
            }
            built = new Matchers(
                    new RequestMatcher<>(
                            requests.build(),
                            pathCharacters,
                            endpoint -> endpoint.method() + " " + basePath + endpoint.path()),
                    calls.build());
            matchers = built;
        }
        return built;
    }
}
