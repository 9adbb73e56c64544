package dev.latchkey.http;

import java.io.IOException;
import java.net.BindException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
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
    /** A gateway passes its callers' fields on, cookies included; this is what gateways themselves accept. */
    private static final int MAX_HEADER_BYTES = 32 * 1024;

    private static final int MAX_RESPONSE_HEADER_BYTES = 16 * 1024;
    private static final int MAX_CONNECTIONS = 10_000;
    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int IDLE_MILLIS = 60_000;
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
     * @param asksForCertificates whether callers are asked for a TLS certificate, which they may leave out
     * @param clientCertificateField in which trusted proxies pass on their callers' TLS certificates; null for none
     */
    public record Config(
            String host,
            int port,
            @Nullable Tls tls,
            List<AddressRange> trustedProxies,
            int maxConcurrentRequests,
            boolean asksForCertificates,
            @Nullable String clientCertificateField) {
        /** Without client certificates. */
        public Config(
                String host,
                int port,
                @Nullable Tls tls,
                List<AddressRange> trustedProxies,
                int maxConcurrentRequests) {
            this(host, port, tls, trustedProxies, maxConcurrentRequests, false, null);
        }

        /** The same on another port, where callers are asked for a TLS certificate. */
        public Config askingForCertificates(int otherPort) {
            return new Config(
                    host, otherPort, tls, trustedProxies, maxConcurrentRequests, true, clientCertificateField);
        }

        /** Plain HTTP on loopback, on a free port. */
        public static Config local() {
            return local(0);
        }

        /** Plain HTTP on loopback. */
        public static Config local(int port) {
            return new Config("127.0.0.1", port, null, List.of(), 256);
        }
    }

    /** The server cannot start; the message is one line that says what to do. */
    public static final class StartException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public StartException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * What is bounded by time.
     *
     * @param idle how long a connection may be silent
     * @param body how long a request's body may take to arrive
     * @param grace how long requests in flight may take to finish once the server is closed
     */
    record Times(Duration idle, Duration body, Duration grace) {
        static final Times USUAL = new Times(Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10));
    }

    private final Server server;
    private final ServerConnector connector;
    private final Wall wall;
    private final GracefulHandler inFlight;
    private final Duration grace;
    private final @Nullable Thread certificateWatch;

    private HttpServer(
            Server server,
            ServerConnector connector,
            Wall wall,
            GracefulHandler inFlight,
            Duration grace,
            @Nullable Thread certificateWatch) {
        this.server = server;
        this.connector = connector;
        this.wall = wall;
        this.inFlight = inFlight;
        this.grace = grace;
        this.certificateWatch = certificateWatch;
    }

    /**
     * Starts to listen.
     *
     * @throws StartException when it cannot
     */
    public static HttpServer start(Config config, Routes routes) {
        return start(config, routes, Times.USUAL);
    }

    static HttpServer start(Config config, Routes routes, Times times) {
        Tls tls = config.tls();
        TlsCertificate certificate = tls == null ? null : new TlsCertificate(tls.certificate(), tls.key());
        String fingerprint = certificate == null ? "" : certificate.fingerprint();
        SslContextFactory.Server ssl = certificate == null ? null : ssl(certificate, config.asksForCertificates());

        // For selecting and accepting. With a queue of its own making, the pool would start JMX first.
        QueuedThreadPool threads =
                new QueuedThreadPool(MAX_THREADS, MIN_THREADS, IDLE_MILLIS, -1, new LinkedBlockingQueue<>(), null);
        threads.setName("http");
        Backlog backlog = new Backlog(config.maxConcurrentRequests());
        threads.setVirtualThreadsExecutor(backlog.measuring(Executors.newVirtualThreadPerTaskExecutor()));
        Server server = new Server(threads);
        ServerConnector connector = new ServerConnector(server, connections(http(), ssl));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(times.idle().toMillis());
        connector.setAcceptQueueSize(1_024);
        server.addConnector(connector);
        connector.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        Wall wall = new Wall(routes, config, times, backlog);
        GracefulHandler inFlight = new GracefulHandler(wall);
        server.setHandler(inFlight);
        server.setErrorHandler(new ServerErrors());
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw startException(config, e);
        }
        Thread watch = certificate == null || ssl == null ? null : reloadWhenChanged(certificate, fingerprint, ssl);
        return new HttpServer(server, connector, wall, inFlight, times.grace(), watch);
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(MAX_HEADER_BYTES);
        http.setResponseHeaderSize(MAX_RESPONSE_HEADER_BYTES);
        // Line ends that two programs may read differently are refused; everything else is as in RFC 9110.
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(UriCompliance.RFC3986);
        // Jetty would remember fields of earlier requests on the connection and compare without regard to case: an
        // access
        // token with swapped letters would be read as the right one that came before it, or the other way round.
        http.setHeaderCacheSize(0);
        // The same for the few values that it knows from the start, none of which is a credential.
        http.setHeaderCacheCaseSensitive(true);
        return http;
    }

    private static ConnectionFactory[] connections(HttpConfiguration http, SslContextFactory.@Nullable Server ssl) {
        if (ssl == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(http), bounded(new PriorKnowledge(http))};
        }
        http.addCustomizer(new SecureRequestCustomizer(false));
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        return new ConnectionFactory[] {
            new SslConnectionFactory(ssl, alpn.getProtocol()),
            alpn,
            bounded(new HTTP2ServerConnectionFactory(http)),
            new HttpConnectionFactory(http)
        };
    }

    /** What one caller may send before anything of it is read. */
    private static HTTP2ServerConnectionFactory bounded(HTTP2ServerConnectionFactory http2) {
        http2.setInitialStreamRecvWindow(Routes.DEFAULT_MAX_BODY_BYTES);
        http2.setInitialSessionRecvWindow(4 * Routes.DEFAULT_MAX_BODY_BYTES);
        return http2;
    }

    /**
     * HTTP/2 without TLS for those who begin with it (RFC 9113 section 3.3). The upgrade from HTTP/1.1 is obsolete, and
     * lets a caller tunnel requests of its own making, forwarded addresses included, through a proxy that passes it on.
     */
    private static final class PriorKnowledge extends HTTP2CServerConnectionFactory {
        PriorKnowledge(HttpConfiguration http) {
            super(http);
        }

        @Override
        public @Nullable Connection upgradeConnection(
                Connector connector, EndPoint endPoint, MetaData.Request request, HttpFields.Mutable response) {
            boolean begunWithIt = request.getHttpVersion() == HttpVersion.HTTP_2;
            return begunWithIt ? super.upgradeConnection(connector, endPoint, request, response) : null;
        }
    }

    private static SslContextFactory.Server ssl(TlsCertificate certificate, boolean asksForCertificates) {
        SslContextFactory.Server ssl =
                asksForCertificates ? new AnyClientCertificate() : new SslContextFactory.Server();
        ssl.setKeyStore(certificate.load());
        ssl.setKeyStorePassword(TlsCertificate.STORE_PASSWORD);
        ssl.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        // Forward secrecy and authenticated encryption only; HTTP/2 wants no less (RFC 9113 section 9.2.2).
        ssl.setIncludeCipherSuites("TLS_AES_.*", "TLS_CHACHA20_.*", "TLS_ECDHE_.*_GCM_.*", "TLS_ECDHE_.*_CHACHA20_.*");
        ssl.setRenegotiationAllowed(false);
        ssl.setSniRequired(false);
        return ssl;
    }

    /**
     * Asks for a certificate and takes any: TLS proves that the caller holds its private key. Whether it means anything is
     * not for the handshake to decide, because self-signed ones may (RFC 8705 section 2.2.1).
     */
    private static final class AnyClientCertificate extends SslContextFactory.Server {
        AnyClientCertificate() {
            setWantClientAuth(true);
        }

        @Override
        protected TrustManager[] getTrustManagers(
                @Nullable KeyStore trustStore, @Nullable Collection<? extends CRL> revoked) {
            return new TrustManager[] {
                new X509ExtendedTrustManager() {
                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type) {}

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

                    @Override
                    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
                        throw new CertificateException("nobody is called with this");
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                            throws CertificateException {
                        checkServerTrusted(chain, type);
                    }

                    @Override
                    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                            throws CertificateException {
                        checkServerTrusted(chain, type);
                    }

                    @Override
                    public X509Certificate[] getAcceptedIssuers() {
                        return new X509Certificate[0];
                    }
                }
            };
        }
    }

    /** A renewed certificate counts for the next connection; one that cannot be used leaves the old one in place. */
    private static Thread reloadWhenChanged(TlsCertificate certificate, String atStart, SslContextFactory.Server ssl) {
        return Thread.ofVirtual().name("tls-certificate").start(() -> {
            String known = atStart;
            while (true) {
                try {
                    Thread.sleep(CERTIFICATE_CHECK);
                    String now = certificate.fingerprint();
                    if (!now.equals(known)) {
                        known = now;
                        KeyStore store = certificate.load();
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
            if (cause instanceof UnresolvedAddressException) {
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

    /** Stops accepting, lets the requests in flight finish for up to ten seconds, and stops. */
    @Override
    public void close() {
        if (certificateWatch != null) {
            certificateWatch.interrupt();
        }
        // The server's own way would also wait for connections that are only kept open.
        connector.close();
        wall.lastAnswers();
        try {
            inFlight.shutdown().get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("{} requests did not finish in time and are cut off", inFlight.getCurrentRequestCount());
        } catch (ExecutionException e) {
            log.warn("The requests in flight could not be awaited: {}", String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
