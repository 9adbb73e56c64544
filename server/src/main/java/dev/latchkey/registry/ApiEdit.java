package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.path.PathCharacter;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an API is to become: everything about it that can change.
 *
 * @param pathCharacters the characters that its paths may have beyond the usual ones, by name
 */
public record ApiEdit(
        String description,
        String audience,
        List<String> hosts,
        String basePath,
        Collection<String> pathCharacters,
        SortedMap<String, String> privileges,
        SortedMap<String, String> scopes,
        Collection<Endpoint> endpoints) {

    /** One without scopes of its own, and with the usual paths. */
    public ApiEdit(
            String description,
            String audience,
            List<String> hosts,
            String basePath,
            SortedMap<String, String> privileges,
            Collection<Endpoint> endpoints) {
        this(description, audience, hosts, basePath, List.of(), privileges, new TreeMap<>(), endpoints);
    }

    public static ApiEdit of(Api api) {
        return new ApiEdit(
                api.description(),
                api.audience(),
                api.hosts(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                api.privileges(),
                api.scopes(),
                api.endpoints().all());
    }

    /**
     * With these endpoints instead. A privilege that only endpoints brought in goes with the last of them; one that was
     * declared without an endpoint stays.
     */
    public ApiEdit withEndpoints(Collection<Endpoint> replacement) {
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
        return new ApiEdit(
                description, audience, hosts, basePath, pathCharacters, kept, scopes, List.copyOf(replacement));
    }
}
