package dev.latchkey.registry;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes to an API; an absent field stays as it is. */
public record UpdateApi(
        @Nullable String description,
        @Nullable String audience,
        @Nullable List<String> hosts,
        @Nullable String basePath,
        @Nullable List<String> pathCharacters,

        @Doc(value = ApiReply.MCP + "; null for none", clearable = true) @Nullable String mcp,

        @Nullable List<ApiPrivilege> privileges,
        @Nullable Map<String, String> scopes,

        @Doc(value = "The places where it takes API keys, in full; null for none", clearable = true) @Nullable ApiKeysBody apiKeys,

        @Doc(ApiReply.ASSERTION) @Nullable Boolean assertion,

        @Doc(value = ApiReply.LIMITS + ", in full; null for none", clearable = true) @Nullable LimitsBody limits,

        @Doc("All its endpoints, which replace those that it has") @Nullable List<EndpointBody> endpoints) {

    /**
     * The old terms with these changes.
     *
     * @param api the name of the API
     * @param given the names that were sent, including those whose value is null
     */
    public ApiTerms applied(String api, ApiTerms now, Set<String> given) {
        ApiTerms old = endpoints == null ? now : now.withEndpoints(EndpointBody.toEndpoints(endpoints, api));
        return new ApiTerms(
                description == null ? old.description() : description,
                audience == null ? old.audience() : audience,
                hosts == null ? old.hosts() : hosts,
                basePath == null ? old.basePath() : basePath,
                pathCharacters == null ? old.pathCharacters() : pathCharacters,
                given.contains("mcp") ? mcp : old.mcp(),
                privileges == null ? old.privileges() : ApiPrivilege.byName(privileges),
                scopes == null ? old.scopes() : new TreeMap<>(scopes),
                !given.contains("apiKeys") ? old.keyPlaces() : apiKeys == null ? KeyPlaces.NONE : apiKeys.places(),
                assertion == null ? old.assertion() : assertion,
                given.contains("limits") ? LimitsBody.limits(limits) : old.limits(),
                old.endpoints());
    }
}
