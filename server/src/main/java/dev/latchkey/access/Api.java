package dev.latchkey.access;

import dev.latchkey.limit.CallLimits;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A protected resource (RFC 8707): something that is called with access tokens.
 *
 * @param name short, for addresses and headers, such as {@code billing}
 * @param audience what its access tokens are for: an absolute URI, meant to stay the same
 * @param hosts where it is reached, in lower case, with a port if that matters; a request to another host is not for it. When
 *     empty, the gateway must name the API
 * @param basePath the prefix of every endpoint's path, such as {@code /v1}; may be empty
 * @param privileges each with its description, which may be empty
 * @param scopes scopes that are not privileges, each with the privilege that it stands for; empty when it means nothing
 * @param keyPlaces where it takes API keys
 * @param assertion whether its gateway gets a signed assertion with each allowed call
 * @param limits how much of it may be called, by all its callers together
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
        KeyPlaces keyPlaces,
        boolean assertion,
        CallLimits limits,
        Endpoints endpoints,
        Instant createdAt,
        String createdBy,
        long version) {

    /** What there is of an API before it is registered: its name. */
    public static Api unregistered(String name, Instant at, String by) {
        return new Api(
                name,
                "",
                "",
                List.of(),
                "",
                new TreeMap<>(),
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                new Endpoints("", List.of()),
                at,
                by,
                0);
    }

    /**
     * Whether a request to this host may be for this API.
     *
     * @param host {@linkplain #plainHost plain}
     */
    public boolean isAt(String host) {
        return hosts.isEmpty() || hosts.contains(host) || hosts.contains(withoutPort(host));
    }

    /**
     * The privileges that requested scopes mean (RFC 6749 section 3.3): a scope is a privilege, stands for one, or means
     * nothing here. A scope that was not declared is taken for a privilege of its name; that of MCP clients limits nothing.
     */
    public Set<String> meant(Set<String> requested) {
        Set<String> meant = new TreeSet<>();
        for (String scope : requested) {
            String undeclared = endpoints.mcp() != null && scope.equals(McpCall.SCOPE) ? "" : scope;
            String privilege = privileges.containsKey(scope) ? scope : scopes.getOrDefault(scope, undeclared);
            if (!privilege.isEmpty()) {
                meant.add(privilege);
            }
        }
        return meant;
    }

    /**
     * Whether it matches a search.
     *
     * @param search in lower case
     */
    public boolean isAbout(String search) {
        return (name + " " + description + " " + audience)
                .toLowerCase(Locale.ROOT)
                .contains(search);
    }

    /** The endpoints that need the privilege, alone or together with others. */
    public List<Endpoint> needing(String privilege) {
        Privilege needed = new Privilege(name, privilege);
        return endpoints.all().stream()
                .filter(endpoint -> endpoint.requirement() instanceof Endpoint.Requirement.Holds holds
                        && holds.privileges().contains(needed))
                .toList();
    }

    /**
     * The canonical spelling of a host: lower case, without the dot that may end a fully qualified name (RFC 3986 section
     * 3.2.2, RFC 1034 section 3.1).
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
