package dev.latchkey.access;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * A protected resource (RFC 8707): something that is called with access tokens.
 *
 * @param name short, for addresses and headers, such as {@code billing}
 * @param audience what its access tokens are for: an absolute URI that never changes by accident
 * @param hosts where it is reached, lower case, with a port if that matters; a request to another host is not for it. When
 *     empty, the gateway has to name the API
 * @param basePath what stands before every endpoint's path: empty, or such as {@code /v1}
 * @param privileges each with its description, which may be empty
 * @param scopes what scopes mean that are no privileges: the privilege that each stands for, or nothing when that is empty
 * @param version counts its changes, from 1
 */
public record Api(
        String name,
        String description,
        String audience,
        List<String> hosts,
        String basePath,
        SortedMap<String, String> privileges,
        SortedMap<String, String> scopes,
        Endpoints endpoints,
        Instant createdAt,
        String createdBy,
        long version) {

    /**
     * Whether a request to this host may be one to this API.
     *
     * @param host {@linkplain #plainHost plain}
     */
    public boolean isAt(String host) {
        return hosts.isEmpty() || hosts.contains(host) || hosts.contains(withoutPort(host));
    }

    /**
     * The privileges that asked-for scopes are: some stand for another, some mean nothing here (RFC 6749 section 3.3). Those
     * that nobody declared stay what they are.
     */
    public Set<String> meant(Set<String> asked) {
        Set<String> meant = new TreeSet<>();
        for (String scope : asked) {
            String privilege = privileges.containsKey(scope) ? scope : scopes.getOrDefault(scope, scope);
            if (!privilege.isEmpty()) {
                meant.add(privilege);
            }
        }
        return meant;
    }

    /** The endpoints that need a privilege, some of them others as well. */
    public List<Endpoint> needing(String privilege) {
        Privilege needed = new Privilege(name, privilege);
        return endpoints.all().stream()
                .filter(endpoint -> endpoint.requirement() instanceof Endpoint.Requirement.Holds holds
                        && holds.privileges().contains(needed))
                .toList();
    }

    /**
     * A host in the spelling that all its spellings share: lower case, without the dot that may end a whole name (RFC 3986
     * section 3.2.2, RFC 1034 section 3.1).
     */
    public static String plainHost(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        String name = withoutPort(lower);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) + lower.substring(name.length()) : lower;
    }

    static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
