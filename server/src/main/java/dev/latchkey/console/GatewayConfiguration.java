package dev.latchkey.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that puts an API behind a gateway: one of the project's {@code deploy} folder, with which the tests run the gateways
 * that they can have, for the API that is shown.
 *
 * @param name of the gateway and the file, for people
 */
public record GatewayConfiguration(String name, String code) {
    /** By what people call them; beneath {@code deploy}, which the build puts beside this class. */
    private static final Map<String, String> FILES = files();

    private static Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("nginx", "nginx/nginx.conf");
        files.put("Caddy", "caddy/Caddyfile");
        files.put("HAProxy", "haproxy/haproxy.cfg");
        files.put("HAProxy, its script", "haproxy/latchkey.lua");
        files.put("Envoy", "envoy/envoy.yaml");
        files.put("Envoy, asking over gRPC", "envoy/envoy-grpc.yaml");
        files.put("Traefik, how it asks", "traefik/dynamic.yml");
        files.put("Traefik, where it listens", "traefik/traefik.yml");
        files.put("Apache APISIX, how it asks", "apisix/apisix.yaml");
        files.put("Apache APISIX, where it listens", "apisix/config.yaml");
        files.put("Kong, how it asks", "kong/kong.yml");
        files.put("Kong, where it listens", "kong/kong.conf");
        return files;
    }

    /**
     * @param api the name of the API
     * @param issuer Latchkey's base URL; when it is not encrypted, gateways ask there
     */
    static List<GatewayConfiguration> of(String api, String issuer) {
        return FILES.entrySet().stream()
                .map(file -> new GatewayConfiguration(
                        file.getKey() + ": "
                                + file.getValue().substring(file.getValue().indexOf('/') + 1),
                        filled(text(file.getValue()), api, issuer)))
                .toList();
    }

    private static String filled(String text, String api, String issuer) {
        String named = text.replace("/billing", "/" + api).replace("latchkey-api: billing", "latchkey-api: " + api);
        URI base = URI.create(issuer);
        // Nobody asks for each request through a public, encrypted address: then the administrator knows a nearer one.
        return base.getScheme().equals("http") && base.getPort() > 0
                ? named.replace("127.0.0.1:8080", base.getAuthority())
                        .replace(
                                "address: 127.0.0.1, port_value: 8080",
                                "address: " + base.getHost() + ", port_value: " + base.getPort())
                : named;
    }

    private static String text(String file) {
        try (InputStream content = GatewayConfiguration.class.getResourceAsStream("deploy/" + file)) {
            if (content == null) {
                throw new IllegalStateException("deploy/" + file + " is not in the program");
            }
            return new String(content.readAllBytes(), StandardCharsets.UTF_8).stripTrailing();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
