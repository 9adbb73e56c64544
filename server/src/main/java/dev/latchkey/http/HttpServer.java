package dev.latchkey.http;

import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: HTTP/1.1 and HTTP/2, or HTTP/2 alone for gRPC, with or without TLS, a virtual thread a request, bounds on
 * everything that a caller sends.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);
    /** How long a connection may usually be silent: longer than balancers keep theirs, or they would send into closed ones. */
    public static final Duration IDLE = Duration.ofSeconds(75);

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int IDLE_MILLIS = 60_000;
    private static final long LOOKS_EACH_MILLIS = 5;
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
     * @param callers who comes here
     * @param clientCertificateField in which trusted proxies pass on their callers' TLS certificates; null for none
     * @param connections how many there may be, on all ports that share this
     * @param publicHttps whether people and programs reach this by https, whatever comes in here: then cookies are for
     *     https alone also when the proxy in front is not among the trusted ones
     * @param idle how long a connection may be silent
     * @param base below which path the world sees this
     */
    public record Config(
            String host,
            int port,
            @Nullable Tls tls,
            List<AddressRange> trustedProxies,
            int maxConcurrentRequests,
            Callers callers,
            @Nullable String clientCertificateField,
            Connections connections,
            boolean publicHttps,
            Duration idle,
            BasePath base) {
        /** Without client certificates, and with the usual limits for connections. */
        public Config(
                String host,
                int port,
                @Nullable Tls tls,
                List<AddressRange> trustedProxies,
                int maxConcurrentRequests) {
            this(
                    host,
                    port,
                    tls,
                    trustedProxies,
                    maxConcurrentRequests,
                    Callers.ALL,
                    null,
                    new Connections(Connections.MOST_OF_ONE_ADDRESS, trustedProxies),
                    false,
                    IDLE,
                    BasePath.ROOT);
        }

        /** The same on another port, where callers are asked for a TLS certificate. */
        public Config askingForCertificates(int otherPort) {
            return with(otherPort, Callers.WITH_CERTIFICATES, connections);
        }

        /**
         * The same on another port, for gRPC. Who calls is who is connected: what a gateway says of its own caller is in its
         * messages, whatever fields it sends as well. A method's path is the same below any issuer.
         */
        public Config forGrpc(int otherPort) {
            return new Config(
                    host,
                    otherPort,
                    tls,
                    List.of(),
                    maxConcurrentRequests,
                    Callers.GRPC,
                    null,
                    connections,
                    false,
                    idle,
                    BasePath.ROOT);
        }

        /** The same with other limits for connections. */
        Config counting(Connections others) {
            return with(port, callers, others);
        }

        /** The same behind something that speaks https to its callers. */
        Config reachedByHttps() {
            return new Config(
                    host,
                    port,
                    tls,
                    trustedProxies,
                    maxConcurrentRequests,
                    callers,
                    clientCertificateField,
                    connections,
                    true,
                    idle,
                    base);
        }

        private Config with(int otherPort, Callers others, Connections counted) {
            return new Config(
                    host,
                    otherPort,
                    tls,
                    trustedProxies,
                    maxConcurrentRequests,
                    others,
                    clientCertificateField,
                    counted,
                    publicHttps,
                    idle,
                    base);
        }

        boolean asksForCertificates() {
            return callers == Callers.WITH_CERTIFICATES;
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
     * @param header how long whatever a caller begins to send may take to become a request: handshake, header, frames
     * @param body how long a request's body may take to arrive
     * @param answer how long an answer may take to be fetched
     * @param grace how long requests in flight may take to finish once the server is closed
     */
    record Times(Duration idle, Duration header, Duration body, Duration answer, Duration grace) {
        static final Times USUAL = new Times(
                IDLE, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(10));

        Times withIdle(Duration other) {
            return new Times(other, header, body, answer, grace);
        }

        Times withHeader(Duration other) {
            return new Times(idle, other, body, answer, grace);
        }

        Times withBody(Duration other) {
            return new Times(idle, header, other, answer, grace);
        }

        Times withAnswer(Duration other) {
            return new Times(idle, header, body, other, grace);
        }

        Times withGrace(Duration other) {
            return new Times(idle, header, body, answer, other);
        }
    }

    private final Server server;
    private final Door connector;
    private final Wall wall;
    private final Duration grace;
    private final @Nullable Thread certificateWatch;

    private HttpServer(Server server, Door connector, Wall wall, Duration grace, @Nullable Thread certificateWatch) {
        this.server = server;
        this.connector = connector;
        this.wall = wall;
        this.grace = grace;
        this.certificateWatch = certificateWatch;
    }

    /**
     * Starts to listen.
     *
     * @throws StartException when it cannot
     */
    public static HttpServer start(Config config, Routes routes) {
        return start(config, routes, Times.USUAL.withIdle(config.idle()));
    }

    static HttpServer start(Config config, Routes routes, Times times) {
        if (routes.mayBeginWith(config.base())) {
            throw new StartException(
                    "The issuer's path is " + config.base().path() + ", but paths of Latchkey's own begin so. Choose"
                            + " another one, such as /latchkey.",
                    null);
        }
        Tls tls = config.tls();
        TlsCertificate certificate = tls == null ? null : new TlsCertificate(tls.certificate(), tls.key());
        String fingerprint = certificate == null ? "" : certificate.fingerprint();
        SslContextFactory.Server ssl =
                certificate == null ? null : Protocols.tls(certificate, config.asksForCertificates());

        // For selecting and accepting. With a queue of its own making, the pool would start JMX first.
        QueuedThreadPool threads =
                new QueuedThreadPool(MAX_THREADS, MIN_THREADS, IDLE_MILLIS, -1, new LinkedBlockingQueue<>(), null);
        threads.setName("http");
        Backlog backlog = new Backlog(config.maxConcurrentRequests());
        threads.setVirtualThreadsExecutor(backlog.measuring(Executors.newVirtualThreadPerTaskExecutor()));
        Server server = new Server(threads);
        Door connector = new Door(server, config.connections(), Protocols.spokenWith(config.callers(), ssl));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(times.idle().toMillis());
        server.addConnector(connector);
        Wall wall = new Wall(routes, config, times, backlog);
        server.setHandler(new Visits(wall, times.header(), times.answer()));
        server.setErrorHandler(new ServerErrors(config.base(), routes.refusals()));
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw startException(config, e);
        }
        Thread watch = certificate == null || ssl == null ? null : reloadWhenChanged(certificate, fingerprint, ssl);
        return new HttpServer(server, connector, wall, times.grace(), watch);
    }

    /** A renewed certificate counts for the next connection; one that cannot be used leaves the old one in place. */
    private static Thread reloadWhenChanged(TlsCertificate certificate, String atStart, SslContextFactory.Server ssl) {
        return Thread.ofPlatform().daemon().name("tls-certificate").start(() -> {
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
                        "Port " + config.port() + " is in use. Stop the other program, or choose another port with "
                                + config.callers().setting() + ".",
                        e);
            }
            if (cause instanceof BindException || cause instanceof UnknownHostException) {
                return new StartException(
                        "Cannot listen on " + config.host() + " port " + config.port() + " (" + cause.getMessage()
                                + "). Check LATCHKEY_HOST"
                                + (config.port() < 1024 ? "; ports below 1024 are often kept for root." : "."),
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

    /**
     * Tells whoever has a connection open to go on elsewhere: each answer says that it is the last one on its connection. New
     * connections are still taken in, and everything is answered.
     */
    public void sendAway() {
        wall.lastAnswers();
        connector.sendAway();
    }

    /** Takes no more connections in; those that are open go on. */
    public void stopListening() {
        // The server's own way would also wait for connections that are only kept open.
        connector.close();
        sendAway();
    }

    /** Whether no connection is open. */
    public boolean isLeft() {
        return connector.getConnectedEndPoints().isEmpty();
    }

    /**
     * Stops listening, lets what has begun come to its end for up to ten seconds, and stops. Connections that are only kept
     * open are closed: whoever may be about to use them should have been {@linkplain #sendAway sent away} a moment before.
     */
    @Override
    public void close() {
        if (certificateWatch != null) {
            certificateWatch.interrupt();
        }
        stopListening();
        long end = System.nanoTime() + grace.toNanos();
        try {
            while (connector.isAtWork()) {
                if (System.nanoTime() - end > 0) {
                    log.warn("Requests that did not finish in time are cut off");
                    break;
                }
                Thread.sleep(LOOKS_EACH_MILLIS);
            }
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
