package dev.latchkey.registry;

import dev.latchkey.access.KeyPlaces;
import dev.latchkey.management.Doc;
import dev.latchkey.management.LimitsBody;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A new API. */
public record CreateApi(
        @Doc("1 to 40 of a-z, 0-9 and -") String name,
        @Nullable String description,

        @Doc("An absolute URI, such as https://billing.example")
        String audience,

        @Doc("Hosts where it is reached; when empty, the gateway must name the API") @Nullable List<String> hosts,

        @Doc("The prefix of every path, such as /v1") @Nullable String basePath,

        @Doc(ApiReply.PATH_CHARACTERS) @Nullable List<String> pathCharacters,

        @Doc(ApiReply.MCP) @Nullable String mcp,

        @Doc("Privileges that endpoints need do not have to be listed") @Nullable List<ApiPrivilege> privileges,

        @Doc(
                "Scopes that programs ask for and that are not privileges: each with the privilege that it stands for, or an"
                        + " empty text when it means nothing")
        @Nullable Map<String, String> scopes,

        @Doc("The places where it takes API keys; none when absent") @Nullable ApiKeysBody apiKeys,

        @Doc(ApiReply.ASSERTION + "; false when absent") @Nullable Boolean assertion,

        @Doc(ApiReply.LIMITS) @Nullable LimitsBody limits,

        @Nullable List<EndpointBody> endpoints) {

    /** The terms that were sent. */
    public ApiTerms terms() {
        return new ApiTerms(
                description == null ? "" : description,
                audience,
                hosts == null ? List.of() : hosts,
                basePath == null ? "" : basePath,
                pathCharacters == null ? List.of() : pathCharacters,
                mcp,
                ApiPrivilege.byName(privileges),
                scopes == null ? new TreeMap<>() : new TreeMap<>(scopes),
                apiKeys == null ? KeyPlaces.NONE : apiKeys.places(),
                Boolean.TRUE.equals(assertion),
                LimitsBody.limits(limits),
                endpoints == null ? List.of() : EndpointBody.toEndpoints(endpoints, name));
    }
}
