package dev.latchkey;

import dev.latchkey.gate.EnvoyGrpc;
import dev.latchkey.gate.Gate;
import dev.latchkey.http.BasePath;
import dev.latchkey.http.Connections;
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
        HttpServer.Config config = config(settings, addresses);
        HttpServer http = open.add(HttpServer.start(config, handlers.all()));
        List<HttpServer> servers = new ArrayList<>(List.of(http));
        @Nullable Integer mtlsPort = addresses.mtlsPort();
        if (mtlsPort != null) {
            servers.add(open.add(HttpServer.start(config.askingForCertificates(mtlsPort), handlers.forPrograms())));
        }
        @Nullable Integer grpcPort = settings.get(Setting.GRPC_PORT)
                .map(port -> open.add(EnvoyGrpc.start(gate, addresses.issuer(), config.onPort(port)))
                        .port())
                .orElse(null);
        return new Doors(List.copyOf(servers), http.port(), grpcPort);
    }

    private static HttpServer.Config config(Settings settings, Addresses addresses) {
        Settings.TlsFiles tls = settings.tls();
        return new HttpServer.Config(
                settings.get(Setting.HOST),
                addresses.port(),
                tls == null ? null : new HttpServer.Tls(tls.certificate(), tls.key()),
                settings.get(Setting.TRUSTED_PROXIES),
                settings.get(Setting.MAX_CONCURRENT_REQUESTS),
                false,
                settings.get(Setting.CLIENT_CERTIFICATE_FIELD).orElse(null),
                new Connections(
                        settings.get(Setting.MAX_CONNECTIONS_PER_ADDRESS), settings.get(Setting.TRUSTED_PROXIES)),
                addresses.issuer().startsWith("https:"),
                settings.get(Setting.IDLE_SECONDS),
                BasePath.of(addresses.issuer()));
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
