package dev.latchkey.http;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: HTTP/1.1 and HTTP/2, with or without TLS, a virtual thread a request, bounds on everything that a
 * caller sends.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(1);

    /** The two PEM files of a TLS certificate. */
    public record Tls(Path certificate, Path key) {}

    /**
     * How to listen.
     *
     * @param port 0 takes a free one
     * @param tls null for plain HTTP
     * @param trustedProxies whose X-Forwarded headers are believed
     * @param maxConcurrentRequests beyond it a request is answered 503 at once
     */
    public record Config(
            String host, int port, @Nullable Tls tls, List<AddressRange> trustedProxies, int maxConcurrentRequests) {

        /** Plain HTTP on loopback, on a free port. */
        public static Config local() {
            return new Config("127.0.0.1", 0, null, List.of(), 256);
        }
    }

    /** The server cannot start; the message is one line that says what to do. */
    public static final class StartException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StartException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final Server server;
    private final ServerConnector connector;
    private final boolean secure;

    private HttpServer(Server server, ServerConnector connector, boolean secure) {
        this.server = server;
        this.connector = connector;
        this.secure = secure;
    }

    /**
     * Starts to listen.
     *
     * @throws StartException when it cannot
     */
    public static HttpServer start(Config config, Routes routes) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("http");
        threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        Server server = new Server(threads);
        ServerConnector connector = new ServerConnector(server, connections(config, server));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(IDLE.toMillis());
        connector.setAcceptQueueSize(1_024);
        server.addConnector(connector);
        server.setHandler(new GracefulHandler(new Wall(routes, config)));
        server.setErrorHandler(new ServerErrors());
        server.setStopTimeout(GRACE.toMillis());
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw startException(config, e);
        }
        return new HttpServer(server, connector, config.tls() != null);
    }

    private static ConnectionFactory[] connections(Config config, Server server) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_HEADER_BYTES);
        http.setHttpCompliance(HttpCompliance.RFC9110);
        // Jetty lets the doubtful spellings through to RequestPath, which refuses them with our own words.
        http.setUriCompliance(UriCompliance.UNSAFE);
        if (config.tls() == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http)};
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        TlsCertificate certificate =
                new TlsCertificate(config.tls().certificate(), config.tls().key());
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setKeyStore(certificate.load());
        ssl.setKeyStorePassword(TlsCertificate.STORE_PASSWORD);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        ssl.setSniRequired(false);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        reloadWhenChanged(certificate, ssl, server);
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, alpn.getProtocol()),
            alpn,
            new HTTP2ServerConnectionFactory(http),
            new HttpConnectionFactory(http)
        };
    }

    /** A renewed certificate counts for the next connection; one that cannot be used leaves the old one in place. */
    private static void reloadWhenChanged(TlsCertificate certificate, SslContextFactory.Server ssl, Server server) {
        String atStart = certificate.fingerprint();
        Thread.ofVirtual().name("tls-certificate").start(() -> {
            String known = atStart;
            while (!server.isStopped() && !server.isStopping() || server.isStarting()) {
                try {
                    Thread.sleep(CERTIFICATE_CHECK);
                    String now = certificate.fingerprint();
                    if (!now.equals(known)) {
                        known = now;
                        var store = certificate.load();
                        ssl.reload(factory -> factory.setKeyStore(store));
                        log.info("The TLS certificate {} was read again", certificate.certificateFile());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                } catch (Exception e) {
                    log.warn("The changed TLS certificate is not used: {}", e.getMessage());
                }
            }
        });
    }

    private static StartException startException(Config config, Exception e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof StartException known) {
                return known;
            }
            if (cause instanceof BindException
                    && String.valueOf(cause.getMessage()).contains("in use")) {
                return new StartException(
                        "Port " + config.port() + " is in use. Stop the other program, or choose another port with"
                                + " LATCHKEY_PORT or --port.",
                        e);
            }
            if (cause instanceof BindException || cause instanceof UnknownHostException) {
                return new StartException(
                        "Cannot listen on " + config.host() + " port " + config.port()
                                + ". Check LATCHKEY_HOST, and that the port may be used.",
                        e);
            }
            if (cause instanceof java.nio.channels.UnresolvedAddressException) {
                return new StartException("There is no address " + config.host() + " here. Check LATCHKEY_HOST.", e);
            }
        }
        if (e instanceof IOException) {
            return new StartException(
                    "Cannot listen on " + config.host() + " port " + config.port() + ": " + e.getMessage(), e);
        }
        return new StartException("The HTTP server does not start: " + e.getMessage(), e);
    }

    public int port() {
        return connector.getLocalPort();
    }

    public boolean isSecure() {
        return secure;
    }

    /** Stops accepting, lets the requests in flight finish for up to ten seconds, and stops. */
    @Override
    public void close() {
        stop(server);
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            log.warn("The HTTP server did not stop in order: {}", e.toString());
        }
    }
}
