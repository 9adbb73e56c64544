package dev.latchkey.oauth;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /.well-known/oauth-authorization-server}: what clients may expect here (RFC 8414 section 2). */
public final class MetadataEndpoint implements Handler {
    private final Map<String, Object> document = new LinkedHashMap<>();

    /** @param issuer Latchkey's own public base URL */
    public MetadataEndpoint(String issuer) {
        document.put("issuer", issuer);
        document.put("token_endpoint", issuer + "/oauth/v2/token");
        document.put("jwks_uri", issuer + "/oauth/v2/jwks");
        document.put("grant_types_supported", List.of("client_credentials"));
        // Required by RFC 8414 even where there is no authorization endpoint: none are supported.
        document.put("response_types_supported", List.of());
        document.put("token_endpoint_auth_methods_supported", List.of("client_secret_basic", "client_secret_post"));
        document.put(
                "scopes_supported",
                ManagementApi.PRIVILEGES.stream()
                        .map(known -> known.privilege().name())
                        .toList());
        document.put("service_documentation", issuer + "/api");
    }

    @Override
    public Response handle(Request request) {
        return Response.json(200, document).with("Cache-Control", "public, max-age=300");
    }
}
