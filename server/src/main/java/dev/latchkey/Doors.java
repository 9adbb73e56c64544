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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ports on which this node listens.
 *
 * @param servers all servers, which must lose no request when they stop
 * @param port the main port
 * @param grpcPort the port for Envoy's gRPC checks; null for none
 */
record Doors(List<HttpServer> servers, int port, @Nullable Integer grpcPort) {
    /** A client that sends nothing for this long will hardly be sending when its connection is closed. */
    private static final Duration LAST_CALL = Duration.ofSeconds(1);

    private static final Duration POLL = Duration.ofMillis(10);

    /** Starts to listen. */
    static Doors open(LiveSettings live, Addresses addresses, Handlers handlers, Gate gate, OpenParts open) {
        Settings settings = live.atStart();
        HttpConfig config = config(live, addresses);
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

    private static HttpConfig config(LiveSettings live, Addresses addresses) {
        Settings settings = live.atStart();
        Settings.TlsFiles tls = settings.tls();
        Supplier<List<AddressRange>> proxies = live.of(Setting.TRUSTED_PROXIES);
        return HttpConfig.builder()
                .host(settings.get(Setting.HOST))
                .port(addresses.port())
                .tls(tls == null ? null : new HttpConfig.Tls(tls.certificate(), tls.key()))
                .trustedProxies(proxies)
                .maxConcurrentRequests(live.of(Setting.MAX_CONCURRENT_REQUESTS))
                .clientCertificateField(
                        settings.get(Setting.CLIENT_CERTIFICATE_FIELD).orElse(null))
                .connections(new Connections(live.of(Setting.MAX_CONNECTIONS_PER_ADDRESS), proxies))
                .publicHttps(addresses.issuer().startsWith("https:"))
                .idle(live.of(Setting.IDLE_SECONDS))
                .base(BasePath.of(addresses.issuer()))
                .build();
    }

    /**
     * Asks clients to close their connections and, after the delay, when balancers have turned elsewhere, accepts no new
     * ones. Returns when no connection is left, or a second later.
     */
    void leave(Duration delay) {
        servers.forEach(HttpServer::sendAway);
        try {
            Thread.sleep(delay);
            servers.forEach(HttpServer::stopListening);
            for (Duration waited = Duration.ZERO;
                    waited.compareTo(LAST_CALL) < 0 && !servers.stream().allMatch(HttpServer::isLeft);
                    waited = waited.plus(POLL)) {
                Thread.sleep(POLL);
                // A connection of HTTP/2 that had only just arrived does not know yet.
                servers.forEach(HttpServer::sendAway);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
