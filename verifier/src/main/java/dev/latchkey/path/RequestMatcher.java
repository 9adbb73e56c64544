package dev.latchkey.path;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the endpoint that a request means, if it can mean only one: the whole rule, for the server and for the library.
 */
public final class RequestMatcher<T> {
    private final PathTrie<T> endpoints;
    private final Set<PathCharacter> more;
    private final Function<T, String> name;

    /**
     * @param more the characters that paths may contain in addition to the usual ones
     * @param name the name of an endpoint for a reason, such as {@code GET /v1/invoices}
     */
    public RequestMatcher(PathTrie<T> endpoints, Set<PathCharacter> more, Function<T, String> name) {
        this.endpoints = endpoints;
        this.more = more;
        this.name = name;
    }

    /**
     * The endpoint, or null when none matches the request.
     *
     * @param method as sent; methods are case-sensitive (RFC 9110 section 9.1)
     * @param target the request's target in origin form, as sent
     * @param otherMethods the values of {@link MethodOverride#FIELDS}
     * @throws DoubtfulRequestException when programs on the request's way could read it differently
     */
    public @Nullable T find(String method, String target, List<String> otherMethods) {
        if (MethodOverride.contradicts(method, otherMethods)) {
            throw new DoubtfulRequestException("a field names a method other than the request's own");
        }
        if (MethodOverride.contradicts(method, target)) {
            throw new DoubtfulRequestException("its query names a method other than the request's own");
        }
        String path;
        try {
            path = RequestPath.decode(RequestPath.ofTarget(target), more);
        } catch (DoubtfulPathException e) {
            throw new DoubtfulRequestException("its path can be read in more than one way: " + e.getMessage());
        }
        T endpoint = endpoints.find(method, path);
        if (endpoint != null) {
            return endpoint;
        }
        T near = endpoints.findLoosely(method, path);
        if (near != null) {
            throw new DoubtfulRequestException("its path differs from that of " + name.apply(near)
                    + " only in letter case or in a slash at the end");
        }
        return null;
    }
}
