package dev.latchkey.http;

import dev.latchkey.lane.Timetable;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
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

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int IDLE_MILLIS = 60_000;
    private static final long LOOKS_EACH_MILLIS = 5;
    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(1);

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
                HttpConfig.IDLE,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10));

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
    private final Timetable timetable;

    private HttpServer(Server server, Door connector, Wall wall, Duration grace, Timetable timetable) {
        this.server = server;
        this.connector = connector;
        this.wall = wall;
        this.grace = grace;
        this.timetable = timetable;
    }

    /**
     * Starts to listen.
     *
     * @throws StartException when it cannot
     */
    public static HttpServer start(HttpConfig config, Routes routes) {
        return start(config, routes, Times.USUAL.withIdle(config.idle()));
    }

    static HttpServer start(HttpConfig config, Routes routes, Times times) {
        if (routes.mayBeginWith(config.base())) {
            throw new StartException(
                    "The issuer's path is " + config.base().path() + ", but paths of Latchkey's own begin so. Choose"
                            + " another one, such as /latchkey.",
                    null);
        }
        HttpConfig.Tls tls = config.tls();
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
        Timetable timetable = new Timetable();
        if (certificate != null && ssl != null) {
            timetable.every(
                    CERTIFICATE_CHECK,
                    "tls-certificate",
                    new CertificateWatch(certificate, fingerprint, ssl),
                    "The TLS certificate cannot be looked at");
        }
        return new HttpServer(server, connector, wall, times.grace(), timetable);
    }

    private static StartException startException(HttpConfig config, Exception e) {
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
        stopListening();
        timetable.close();
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
