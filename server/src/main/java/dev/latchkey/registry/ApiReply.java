package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.http.Response;
import dev.latchkey.management.Doc;
import dev.latchkey.management.ETag;
import dev.latchkey.management.LimitsBody;
import dev.latchkey.path.PathCharacter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A registered API. */
public record ApiReply(
        String name,
        String description,

        @Doc("What its access tokens are for (resource, RFC 8707)")
        String audience,

        List<String> hosts,
        String basePath,

        @Doc(ApiReply.PATH_CHARACTERS) List<String> pathCharacters,

        @Doc(ApiReply.MCP) @Nullable String mcp,

        List<ApiPrivilege> privileges,

        @Doc(
                "Scopes that are not privileges: each with the privilege that it stands for, or an empty text when it means nothing")
        Map<String, String> scopes,

        @Doc("The places where it takes API keys; none unless it says so")
        ApiKeysBody apiKeys,

        @Doc(ApiReply.ASSERTION) boolean assertion,

        @Doc(ApiReply.LIMITS) @Nullable LimitsBody limits,

        @Doc("How many endpoints it has") int endpoints,

        @Doc("What happens to a request that matches no endpoint: always deny")
        String unmatched,

        Instant createdAt,
        String createdBy) {
    static final String PATH_CHARACTERS =
            "Characters that its paths may contain beyond the usual ones, of %1F, |, [, ] and ^; a request with another is refused";

    static final String ASSERTION =
            "Whether its gateway gets Latchkey-Assertion with each allowed call: a signed JWT that says who calls what";
    static final String LIMITS = "How much of it may be called, by all API tokens together";

    static final String MCP =
            "For an MCP server: the path of its MCP endpoint below the base path, such as /mcp. Requests to it are decided by"
                    + " endpoints with the method MCP, such as MCP /tools/call/{name}";

    static ApiReply of(Api api) {
        return new ApiReply(
                api.name(),
                api.description(),
                api.audience(),
                api.hosts(),
                api.basePath(),
                PathCharacter.spellings(api.endpoints().pathCharacters()),
                api.endpoints().mcp(),
                api.privileges().entrySet().stream()
                        .map(entry -> new ApiPrivilege(entry.getKey(), entry.getValue()))
                        .toList(),
                api.scopes(),
                ApiKeysBody.of(api.keyPlaces()),
                api.assertion(),
                LimitsBody.of(api.limits()),
                api.endpoints().count(),
                "deny",
                api.createdAt(),
                api.createdBy());
    }

    /** The response with the API and its version. */
    static Response answer(int status, Api api) {
        return ETag.on(Response.json(status, of(api)), api.version());
    }
}
