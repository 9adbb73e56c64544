package dev.latchkey;

import dev.latchkey.gate.EnvoyGrpc;
import dev.latchkey.http.AddressRange;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.CommonLines;
import dev.latchkey.http.Connections;
import dev.latchkey.http.HttpConfig;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.JsonLines;
import dev.latchkey.http.RequestLog;
import dev.latchkey.trace.Traces;
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
 * @param metricsPort the port for metrics; null for none
 */
record Doors(
        List<HttpServer> servers,
        int port,
        @Nullable Integer grpcPort,
        @Nullable Integer metricsPort) {
    /** A client that sends nothing for this long will hardly be sending when its connection is closed. */
    private static final Duration LAST_CALL = Duration.ofSeconds(1);

    private static final Duration POLL = Duration.ofMillis(10);

    /** Starts to listen. */
    static Doors open(LiveSettings live, Addresses addresses, Handlers handlers, Parts parts, OpenParts open) {
        Settings settings = live.atStart();
        HttpConfig config = config(live, addresses)
                .requestLog(requestLog(settings, open))
                .traces(traces(settings, open))
                .build();
        HttpServer http = open.add(HttpServer.start(config, handlers.all()));
        List<HttpServer> servers = new ArrayList<>(List.of(http));
        parts.metrics.show(gauges -> {
            gauges.port("main", http);
            gauges.node().connections(config.connections());
        });
        @Nullable Integer mtlsPort = addresses.mtlsPort();
        if (mtlsPort != null) {
            HttpConfig asking =
                    config.toBuilder().port(mtlsPort).askingForCertificates().build();
            HttpServer mtls = open.add(HttpServer.start(asking, handlers.forPrograms()));
            servers.add(mtls);
            parts.metrics.show(gauges -> gauges.port("mtls", mtls));
        }
        @Nullable Integer grpcPort = null;
        if (settings.get(Setting.GRPC_PORT).isPresent()) {
            HttpConfig forGrpc = config.toBuilder()
                    .port(settings.get(Setting.GRPC_PORT).get())
                    .forGrpc()
                    .build();
            HttpServer grpc = open.add(HttpServer.start(
                    forGrpc,
                    EnvoyGrpc.routes(
                            parts.gate, addresses.issuer(), config.trustedProxies(), parts.metrics.requests())));
            servers.add(grpc);
            parts.metrics.show(gauges -> gauges.port("grpc", grpc));
            grpcPort = grpc.port();
        }
        @Nullable Integer metricsPort = null;
        if (settings.get(Setting.METRICS_PORT).isPresent()
                && handlers.forMonitoring().isPresent()) {
            HttpConfig forMetrics = config.toBuilder()
                    .port(settings.get(Setting.METRICS_PORT).get())
                    .forMetrics()
                    .build();
            HttpServer metrics = open.add(
                    HttpServer.start(forMetrics, handlers.forMonitoring().get()));
            servers.add(metrics);
            parts.metrics.show(gauges -> gauges.port("metrics", metrics));
            metricsPort = metrics.port();
        }
        return new Doors(List.copyOf(servers), http.port(), grpcPort, metricsPort);
    }

    private static HttpConfig.Builder config(LiveSettings live, Addresses addresses) {
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
                .base(BasePath.of(addresses.issuer()));
    }

    private static @Nullable RequestLog requestLog(Settings settings, OpenParts open) {
        return switch (settings.get(Setting.REQUEST_LOG)) {
            case "json" -> open.add(new RequestLog(new JsonLines(), System.out));
            case "common" -> open.add(new RequestLog(new CommonLines(), System.out));
            default -> null;
        };
    }

    private static @Nullable Traces traces(Settings settings, OpenParts open) {
        return settings.get(Setting.OTLP_ENDPOINT)
                .map(collector ->
                        open.add(new Traces(collector, settings.get(Setting.TRACE_PERCENT) / 100, Version.current())))
                .orElse(null);
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
