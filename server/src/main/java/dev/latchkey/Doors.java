package dev.latchkey;

import dev.latchkey.gate.EnvoyGrpc;
import dev.latchkey.gate.Gate;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Connections;
import dev.latchkey.http.HttpConfig;
import dev.latchkey.http.HttpServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ports where it listens.
 *
 * @param servers all that are to be left in order
 * @param port the usual one
 * @param grpcPort where Envoy may ask; null for nowhere
 */
record Doors(List<HttpServer> servers, int port, @Nullable Integer grpcPort) {
    /** Whoever keeps a connection open and sends nothing for that long will hardly be sending when it is closed. */
    private static final Duration LAST_CALL = Duration.ofSeconds(1);

    private static final Duration LOOKS = Duration.ofMillis(10);

    /** Listens from now on. */
    static Doors open(Settings settings, Addresses addresses, Handlers handlers, Gate gate, OpenParts open) {
        HttpConfig config = config(settings, addresses);
        HttpServer http = open.add(HttpServer.start(config, handlers.all()));
        List<HttpServer> servers = new ArrayList<>(List.of(http));
        @Nullable Integer mtlsPort = addresses.mtlsPort();
        if (mtlsPort != null) {
            HttpConfig asking =
                    config.toBuilder().port(mtlsPort).askingForCertificates().build();
            servers.add(open.add(HttpServer.start(asking, handlers.forPrograms())));
        }
        @Nullable Integer grpcPort = null;
        if (settings.get(Setting.GRPC_PORT).isPresent()) {
            HttpConfig forGrpc = config.toBuilder()
                    .port(settings.get(Setting.GRPC_PORT).get())
                    .forGrpc()
                    .build();
            HttpServer grpc = open.add(
                    HttpServer.start(forGrpc, EnvoyGrpc.routes(gate, addresses.issuer(), config.trustedProxies())));
            servers.add(grpc);
            grpcPort = grpc.port();
        }
        return new Doors(List.copyOf(servers), http.port(), grpcPort);
    }

    private static HttpConfig config(Settings settings, Addresses addresses) {
        Settings.TlsFiles tls = settings.tls();
        List<AddressRange> proxies = settings.get(Setting.TRUSTED_PROXIES);
        return HttpConfig.builder()
                .host(settings.get(Setting.HOST))
                .port(addresses.port())
                .tls(tls == null ? null : new HttpConfig.Tls(tls.certificate(), tls.key()))
                .trustedProxies(proxies)
                .maxConcurrentRequests(settings.get(Setting.MAX_CONCURRENT_REQUESTS))
                .clientCertificateField(
                        settings.get(Setting.CLIENT_CERTIFICATE_FIELD).orElse(null))
                .connections(new Connections(settings.get(Setting.MAX_CONNECTIONS_PER_ADDRESS), proxies))
                .publicHttps(addresses.issuer().startsWith("https:"))
                .idle(settings.get(Setting.IDLE_SECONDS))
                .base(BasePath.of(addresses.issuer()))
                .build();
    }

    /**
     * Sends everybody away, and takes nobody in any more after the delay, when balancers have turned elsewhere. Comes back
     * when nobody is left, or a second later.
     */
    void leave(Duration delay) {
        servers.forEach(HttpServer::sendAway);
        try {
            Thread.sleep(delay);
            servers.forEach(HttpServer::stopListening);
            for (Duration waited = Duration.ZERO;
                    waited.compareTo(LAST_CALL) < 0 && !servers.stream().allMatch(HttpServer::isLeft);
                    waited = waited.plus(LOOKS)) {
                Thread.sleep(LOOKS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
