package dev.latchkey.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file that puts an API behind a gateway: one from the project's {@code deploy} folder, which the tests run in real gateways
 * where they can, filled in for the API that is shown.
 *
 * @param name the gateway and its file, for people
 */
public record GatewayConfiguration(String name, String code) {
    /** The files as shipped, for the API of the examples; the build puts {@code deploy} next to this class. */
    private static final List<GatewayConfiguration> SHIPPED = List.of(
            shipped("nginx", "nginx/nginx.conf"),
            shipped("Caddy", "caddy/Caddyfile"),
            shipped("HAProxy", "haproxy/haproxy.cfg"),
            shipped("HAProxy script", "haproxy/latchkey.lua"),
            shipped("Envoy", "envoy/envoy.yaml"),
            shipped("Envoy over gRPC", "envoy/envoy-grpc.yaml"),
            shipped("Traefik, calls to Latchkey", "traefik/dynamic.yml"),
            shipped("Traefik, listener", "traefik/traefik.yml"),
            shipped("Apache APISIX, calls to Latchkey", "apisix/apisix.yaml"),
            shipped("Apache APISIX, listener", "apisix/config.yaml"),
            shipped("Kong, calls to Latchkey", "kong/kong.yml"),
            shipped("Kong, listener", "kong/kong.conf"));

    private static final Pattern SHIPPED_KEY_HEADER = Pattern.compile("X-API-Key|x-api-key|X-Api-Key");

    private static GatewayConfiguration shipped(String gateway, String file) {
        return new GatewayConfiguration(gateway + ": " + file.substring(file.indexOf('/') + 1), text(file));
    }

    /**
     * @param api the name of the API
     * @param issuer Latchkey's base URL: gateways call below its path, and at its host as well if that is plain HTTP
     * @param keyHeader the header in which the API takes API keys, and which it must not get; null for none
     */
    static List<GatewayConfiguration> of(String api, String issuer, @Nullable String keyHeader) {
        return SHIPPED.stream()
                .map(shipped -> new GatewayConfiguration(
                        shipped.name(), withKeyHeader(filled(shipped.code(), api, issuer), keyHeader)))
                .toList();
    }

    /** Each file spells the name in its own way. */
    private static String withKeyHeader(String text, @Nullable String keyHeader) {
        if (keyHeader == null) {
            return text;
        }
        return SHIPPED_KEY_HEADER.matcher(text).replaceAll(found -> switch (found.group()) {
            case "X-API-Key" -> keyHeader;
            case "x-api-key" -> keyHeader.toLowerCase(Locale.ROOT);
            default -> capitalised(keyHeader);
        });
    }

    /** As Go writes the names of header fields. */
    private static String capitalised(String name) {
        return Arrays.stream(name.toLowerCase(Locale.ROOT).split("-", -1))
                .map(word -> word.isEmpty() ? "" : Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining("-"));
    }

    private static String filled(String text, String api, String issuer) {
        URI base = URI.create(issuer);
        String named = text.replace("/billing", "/" + api)
                .replace("latchkey-api: billing", "latchkey-api: " + api)
                .replace("/gate/v1/", base.getRawPath() + "/gate/v1/");
        // A gateway does not call a public HTTPS address for each request: the administrator fills in a nearer one.
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
