package dev.latchkey.oauth;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.signing.SigningAlgorithm;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /.well-known/oauth-authorization-server} and {@code /.well-known/openid-configuration}: what this server offers
 * to clients (RFC 8414 section 2). Many libraries look only at the second address, that of OpenID Connect Discovery, so the
 * document has what Discovery requires as far as it is true. There are no ID tokens, only access tokens.
 *
 * <p>Below a path each is served at two addresses: RFC 8414 section 3.1 puts the path after the well-known name, OpenID
 * Connect Discovery 1.0 section 4 before it, and libraries do either with either name.
 */
public final class MetadataEndpoint implements Handler {
    private static final List<String> PATHS =
            List.of("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration");

    private final BasePath base;
    private final Map<String, Object> document = new LinkedHashMap<>();

    /**
     * @param issuer Latchkey's own public base URL
     * @param mtls the base URL where programs present certificates (RFC 8705 section 5); null when there is none or it is
     *     the issuer
     * @param certificates whether programs can present certificates anywhere
     */
    public MetadataEndpoint(
            String issuer, @Nullable String mtls, boolean certificates, Grants grants, ClientAuthenticator clients) {
        List<String> methods = clients.methods();
        base = BasePath.of(issuer);
        document.put("issuer", issuer);
        // People do not sign in to programs here, and this address says so. Some clients reject metadata without it.
        document.put("authorization_endpoint", issuer + OAuthPaths.AUTHORIZATION);
        document.put("token_endpoint", issuer + OAuthPaths.TOKEN);
        document.put("jwks_uri", issuer + OAuthPaths.KEYS);
        document.put("introspection_endpoint", issuer + OAuthPaths.INTROSPECTION);
        document.put("revocation_endpoint", issuer + OAuthPaths.REVOCATION);
        document.put("grant_types_supported", grants.types());
        // RFC 8414 requires it, and some clients take an empty list for a missing one. This type promises nothing.
        document.put("response_types_supported", List.of("none"));
        // OpenID Connect Discovery 1.0 section 3. The algorithms are those of our access tokens, because libraries
        // learn
        // here what to accept.
        document.put("subject_types_supported", List.of("public"));
        document.put(
                "id_token_signing_alg_values_supported",
                Arrays.stream(SigningAlgorithm.values())
                        .map(SigningAlgorithm::text)
                        .toList());
        for (String endpoint : List.of("token", "introspection", "revocation")) {
            document.put(endpoint + "_endpoint_auth_methods_supported", methods);
            document.put(endpoint + "_endpoint_auth_signing_alg_values_supported", AsymmetricSignature.NAMES);
        }
        // RFC 9701 section 7.
        document.put(
                "introspection_signing_alg_values_supported",
                Arrays.stream(SigningAlgorithm.values())
                        .map(SigningAlgorithm::text)
                        .toList());
        // RFC 9449 section 5.1.
        document.put("dpop_signing_alg_values_supported", AsymmetricSignature.NAMES);
        if (certificates) {
            // RFC 8705 section 3.3.
            document.put("tls_client_certificate_bound_access_tokens", true);
        }
        if (mtls != null) {
            document.put(
                    "mtls_endpoint_aliases",
                    Map.of(
                            "token_endpoint", mtls + OAuthPaths.TOKEN,
                            "introspection_endpoint", mtls + OAuthPaths.INTROSPECTION,
                            "revocation_endpoint", mtls + OAuthPaths.REVOCATION));
        }
        document.put(
                "scopes_supported",
                ManagementApi.PRIVILEGES.stream()
                        .map(known -> known.privilege().name())
                        .toList());
        // RFC 9728 section 4; registered APIs are not listed, because strangers need not know about them.
        document.put("protected_resources", List.of(issuer + ManagementApi.BASE_PATH));
        document.put("service_documentation", issuer + "/api");
    }

    public void addTo(Routes.Builder routes) {
        for (String path : PATHS) {
            routes.add("GET", path, this);
            if (!base.isRoot()) {
                routes.add("GET", path + base.path(), this);
            }
        }
    }

    @Override
    public Response handle(Request request) {
        return Response.json(200, document).with("Cache-Control", "public, max-age=300");
    }
}
