package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.path.PathCharacter;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything about an API that people choose and can change, before the rules have checked it. An {@link Api} has passed
 * them.
 *
 * @param pathCharacters the characters that its paths may contain beyond the usual ones, by name
 * @param assertion whether its gateway gets a signed assertion with each allowed call
 * @param limits how much of it may be called, by all its callers together
 * @param mcp the path of its MCP endpoint below the base path; null when it has none
 */
public record ApiTerms(
        String description,
        String audience,
        List<String> hosts,
        String basePath,
        Collection<String> pathCharacters,
        @Nullable String mcp,
        SortedMap<String, String> privileges,
        SortedMap<String, String> scopes,
        KeyPlaces keyPlaces,
        boolean assertion,
        CallLimits limits,
        Collection<Endpoint> endpoints) {

    /**
     * The terms of an API without scopes of its own, with the usual characters in its paths, which takes no API keys, asks for no
     * assertion and limits no calls.
     */
    public ApiTerms(
            String description,
            String audience,
            List<String> hosts,
            String basePath,
            SortedMap<String, String> privileges,
            Collection<Endpoint> endpoints) {
        this(
                description,
                audience,
                hosts,
                basePath,
                List.of(),
                null,
                privileges,
                new TreeMap<>(),
                KeyPlaces.NONE,
                false,
                CallLimits.NONE,
                endpoints);
    }

    public static ApiTerms of(Api api) {
        return new ApiTerms(
                api.description(),
                api.audience(),
                api.hosts(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                api.endpoints().mcp(),
                api.privileges(),
                api.scopes(),
                api.keyPlaces(),
                api.assertion(),
                api.limits(),
                api.endpoints().all());
    }

    /** With these scopes instead. */
    public ApiTerms withScopes(SortedMap<String, String> replacement) {
        return new ApiTerms(
                description,
                audience,
                hosts,
                basePath,
                pathCharacters,
                mcp,
                privileges,
                replacement,
                keyPlaces,
                assertion,
                limits,
                endpoints);
    }

    /** With these privileges instead. */
    public ApiTerms withPrivileges(SortedMap<String, String> replacement) {
        return new ApiTerms(
                description,
                audience,
                hosts,
                basePath,
                pathCharacters,
                mcp,
                replacement,
                scopes,
                keyPlaces,
                assertion,
                limits,
                endpoints);
    }

    /**
     * With these endpoints instead. A privilege that the old endpoints need and the new ones do not goes with them; one that
     * was declared without an endpoint stays.
     */
    public ApiTerms withEndpoints(Collection<Endpoint> replacement) {
        SortedMap<String, String> kept = new TreeMap<>(privileges);
        endpoints.forEach(endpoint -> {
            if (endpoint.requirement() instanceof Endpoint.Requirement.Holds holds) {
                holds.names().forEach(kept::remove);
            }
        });
        replacement.forEach(endpoint -> {
            if (endpoint.requirement() instanceof Endpoint.Requirement.Holds holds) {
                holds.names().forEach(name -> kept.put(name, privileges.getOrDefault(name, "")));
            }
        });
        return new ApiTerms(
                description,
                audience,
                hosts,
                basePath,
                pathCharacters,
                mcp,
                kept,
                scopes,
                keyPlaces,
                assertion,
                limits,
                List.copyOf(replacement));
    }
}
