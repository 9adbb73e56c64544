package dev.latchkey.console;

import dev.latchkey.access.Api;
import java.util.List;

/** The lines with which a gateway asks about an API; the whole configurations are in the project's {@code deploy} folder. */
public record GatewaySnippet(String gateway, String code) {

    static List<GatewaySnippet> of(Api api, String issuer) {
        return List.of(
                new GatewaySnippet("nginx", filled(NGINX, api, issuer)),
                new GatewaySnippet("Caddy", filled(CADDY, api, issuer)),
                new GatewaySnippet("Traefik", filled(TRAEFIK, api, issuer)),
                new GatewaySnippet("Envoy", filled(ENVOY, api, issuer)));
    }

    private static String filled(String snippet, Api api, String issuer) {
        return snippet.replace("{api}", api.name()).replace("{issuer}", issuer).stripTrailing();
    }

    private static final String NGINX = """
            location / {
                auth_request /_latchkey;
                proxy_pass http://your_api;
            }
            location = /_latchkey {
                internal;
                proxy_pass {issuer}/gate/v1/nginx/{api};
                proxy_pass_request_body off;
                proxy_set_header Content-Length "";
                proxy_set_header X-Original-Method $request_method;
                proxy_set_header X-Original-URI $request_uri;
                proxy_set_header X-Original-Host $http_host;
            }
            # See deploy/nginx for who calls, and for telling callers why not.
            """;

    private static final String CADDY = """
            request_header -Latchkey-*
            forward_auth {issuer} {
                uri /gate/v1/forward-auth/{api}
                copy_headers Latchkey-Client-Id Latchkey-Account Latchkey-Role Latchkey-Description
            }
            reverse_proxy your-api:9000
            """;

    private static final String TRAEFIK = """
            http:
              middlewares:
                latchkey:
                  forwardAuth:
                    address: "{issuer}/gate/v1/forward-auth/{api}"
                    authResponseHeadersRegex: "^Latchkey-"
            """;

    private static final String ENVOY = """
            - name: envoy.filters.http.ext_authz
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                http_service:
                  path_prefix: /gate/v1/envoy/{api}
                  server_uri: { uri: "{issuer}", cluster: latchkey, timeout: 1s }
            """;
}
