package dev.latchkey.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A file that puts an API behind a gateway: one of the project's {@code deploy} folder, with which the tests run the gateways
 * that they can have, for the API that is shown.
 *
 * @param name of the gateway and the file, for people
 */
public record GatewayConfiguration(String name, String code) {
    /** As they are shipped, with the API that is named there; the build puts {@code deploy} beside this class. */
    private static final List<GatewayConfiguration> SHIPPED = List.of(
            shipped("nginx", "nginx/nginx.conf"),
            shipped("Caddy", "caddy/Caddyfile"),
            shipped("HAProxy", "haproxy/haproxy.cfg"),
            shipped("HAProxy, its script", "haproxy/latchkey.lua"),
            shipped("Envoy", "envoy/envoy.yaml"),
            shipped("Envoy, asking over gRPC", "envoy/envoy-grpc.yaml"),
            shipped("Traefik, how it asks", "traefik/dynamic.yml"),
            shipped("Traefik, where it listens", "traefik/traefik.yml"),
            shipped("Apache APISIX, how it asks", "apisix/apisix.yaml"),
            shipped("Apache APISIX, where it listens", "apisix/config.yaml"),
            shipped("Kong, how it asks", "kong/kong.yml"),
            shipped("Kong, where it listens", "kong/kong.conf"));

    private static GatewayConfiguration shipped(String gateway, String file) {
        return new GatewayConfiguration(gateway + ": " + file.substring(file.indexOf('/') + 1), text(file));
    }

    /**
     * @param api the name of the API
     * @param issuer Latchkey's base URL, below whose path gateways ask; when it is not encrypted, at its host, too
     */
    static List<GatewayConfiguration> of(String api, String issuer) {
        return SHIPPED.stream()
                .map(shipped -> new GatewayConfiguration(shipped.name(), filled(shipped.code(), api, issuer)))
                .toList();
    }

    private static String filled(String text, String api, String issuer) {
        URI base = URI.create(issuer);
        String named = text.replace("/billing", "/" + api)
                .replace("latchkey-api: billing", "latchkey-api: " + api)
                .replace("/gate/v1/", base.getRawPath() + "/gate/v1/");
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
