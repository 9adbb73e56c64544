package dev.latchkey;

import dev.latchkey.access.ManagementApi;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The addresses at which this node is reached.
 *
 * @param issuer the public base URL, without a slash at its end
 * @param port the port on which it listens
 * @param mtlsPort the port on which programs are asked for TLS certificates; null for none
 * @param mtls the public base URL of that port; null for none
 */
record Addresses(
        String issuer,
        int port,
        @Nullable Integer mtlsPort,
        @Nullable String mtls) {
    /** The addresses in the settings, with a free port for each 0. */
    static Addresses of(Settings settings) {
        int port = orFree(settings.get(Setting.PORT));
        String issuer = issuer(settings, port);
        Optional<Integer> mtlsPort = settings.get(Setting.MTLS_PORT).map(Addresses::orFree);
        Optional<String> mtls = settings.get(Setting.MTLS_URL).or(() -> mtlsPort.map(other -> withPort(issuer, other)));
        return new Addresses(issuer, port, mtlsPort.orElse(null), mtls.orElse(null));
    }

    /** The public base URL from the settings, or else the URL on which it listens. */
    static String issuer(Settings settings, int port) {
        return settings.get(Setting.ISSUER).orElseGet(() -> {
            String host = settings.get(Setting.HOST);
            boolean local =
                    Set.of("127.0.0.1", "0.0.0.0", "::", "::1", "localhost").contains(host);
            return (settings.tls() == null ? "http://" : "https://") + (local ? "localhost" : host) + ":" + port;
        });
    }

    /** The audience of access tokens for the management API. */
    String audience() {
        return issuer + ManagementApi.BASE_PATH;
    }

    private static int orFree(int port) {
        if (port != 0) {
            return port;
        }
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("There is no free port.", e);
        }
    }

    private static String withPort(String issuer, int port) {
        URI uri = URI.create(issuer);
        return uri.getScheme() + "://" + uri.getHost() + ":" + port + uri.getRawPath();
    }
}
