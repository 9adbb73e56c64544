package dev.latchkey.oauth;

import dev.latchkey.access.Api;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.access.McpCall;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.CurrentPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What programs may know about a protected API before they have an access token for it (RFC 9728): where to get one, and
 * which scopes there are. That of the management API is at the well-known path of its address. A registered API is
 * elsewhere, so its 401 points here ({@code resource_metadata}), or its gateway passes the well-known path on.
 */
public final class ProtectedResourceMetadata {
    private static final String BASE = "/.well-known/oauth-protected-resource";

    private final CurrentPolicy policy;
    private final String issuer;
    private final boolean certificates;

    /**
     * @param issuer Latchkey's own public base URL
     * @param certificates whether access tokens can be bound to TLS certificates
     */
    public ProtectedResourceMetadata(CurrentPolicy policy, String issuer, boolean certificates) {
        this.policy = policy;
        this.issuer = issuer;
        this.certificates = certificates;
    }

    /**
     * The URL of an API's metadata, for challenges (section 5.1): below our own base path, if we have one, because such URLs
     * certainly reach us.
     */
    public static String url(String issuer, String api) {
        return issuer + BASE + (api.equals(ManagementApi.NAME) ? ManagementApi.BASE_PATH : "/apis/" + api);
    }

    public void addTo(Routes.Builder routes) {
        addTo(routes, BASE);
        BasePath base = BasePath.of(issuer);
        if (!base.isRoot()) {
            // Section 3.1: the well-known name comes before the resource's whole path.
            addTo(routes, BASE + base.path());
        }
    }

    private void addTo(Routes.Builder routes, String below) {
        routes.add("GET", below + ManagementApi.BASE_PATH, this::management)
                .add("GET", below + "/apis/{api}", this::api);
    }

    private Response management(Request request) {
        return answer(
                issuer + ManagementApi.BASE_PATH,
                "Latchkey",
                ManagementApi.PRIVILEGES.stream()
                        .map(known -> known.privilege().name())
                        .toList(),
                Map.of("resource_documentation", issuer + "/api"));
    }

    private Response api(Request request) {
        Api api = policy.get()
                .api(request.pathParameter("api"))
                .orElseThrow(() -> Problem.notFound("There is no API with this name."));
        // MCP clients request every scope that they read here, and get no access token if their role lacks one.
        List<String> scopes =
                api.endpoints().mcp() == null ? List.copyOf(api.privileges().keySet()) : List.of(McpCall.SCOPE);
        return answer(api.audience(), api.name(), scopes, Map.of());
    }

    /** Section 2. */
    private Response answer(String resource, String name, List<String> scopes, Map<String, Object> more) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("resource", resource);
        document.put("authorization_servers", List.of(issuer));
        if (!scopes.isEmpty()) {
            // Section 3.2: a parameter without a value is omitted.
            document.put("scopes_supported", scopes);
        }
        document.put("bearer_methods_supported", List.of("header"));
        document.put("resource_name", name);
        document.put("dpop_signing_alg_values_supported", AsymmetricSignature.NAMES);
        if (certificates) {
            document.put("tls_client_certificate_bound_access_tokens", true);
        }
        document.putAll(more);
        return Response.json(200, document).with("Cache-Control", "public, max-age=300");
    }
}
