package dev.latchkey.http;

import dev.latchkey.lane.Timetable;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: HTTP/1.1 and HTTP/2, or HTTP/2 alone for gRPC, with or without TLS, one virtual thread for each
 * request, and bounds on everything that a caller sends.
 */
public final class HttpServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HttpServer.class);

    private static final int MAX_THREADS = 200;
    private static final int MIN_THREADS = 8;
    private static final int IDLE_MILLIS = 60_000;
    private static final long LOOKS_EACH_MILLIS = 5;
    private static final Duration CERTIFICATE_CHECK = Duration.ofSeconds(1);

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
     * Starts listening.
     *
     * @throws StartException when it cannot
     */
    public static HttpServer start(HttpConfig config, Routes routes) {
        return start(config, routes, TimeLimits.USUAL, config.idle());
    }

    static HttpServer start(HttpConfig config, Routes routes, TimeLimits times) {
        return start(config, routes, times, times::idle);
    }

    private static HttpServer start(HttpConfig config, Routes routes, TimeLimits times, Supplier<Duration> idle) {
        if (routes.mayBeginWith(config.base())) {
            throw new StartException(
                    "The issuer's path is " + config.base().path() + ", but some of Latchkey's own paths begin with"
                            + " it. Choose another one, such as /latchkey.",
                    null);
        }
        HttpConfig.Tls tls = config.tls();
        TlsCertificate certificate = tls == null ? null : new TlsCertificate(tls.certificate(), tls.key());
        String fingerprint = certificate == null ? "" : certificate.fingerprint();
        SslContextFactory.Server ssl =
                certificate == null ? null : Protocols.tls(certificate, config.asksForCertificates());

        // For selecting and accepting. A pool that makes its own queue starts JMX first.
        QueuedThreadPool threads =
                new QueuedThreadPool(MAX_THREADS, MIN_THREADS, IDLE_MILLIS, -1, new LinkedBlockingQueue<>(), null);
        threads.setName("http");
        Backlog backlog = new Backlog(config.maxConcurrentRequests());
        threads.setVirtualThreadsExecutor(backlog.measuring(Executors.newVirtualThreadPerTaskExecutor()));
        Server server = new Server(threads);
        Door connector = new Door(server, config.connections(), idle, Protocols.spokenWith(config.callers(), ssl));
        connector.setHost(config.host());
        connector.setPort(config.port());
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
                    "The TLS certificate cannot be checked for changes");
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
                                + (config.port() < 1024 ? "; ports below 1024 are often reserved for root." : "."),
                        e);
            }
            if (cause instanceof UnresolvedAddressException) {
                return new StartException(
                        "The host name " + config.host() + " has no address. Check LATCHKEY_HOST.", e);
            }
        }
        if (e instanceof IOException) {
            return new StartException(
                    "Cannot listen on " + config.host() + " port " + config.port() + ": " + e.getMessage(), e);
        }
        return new StartException("The HTTP server cannot start: " + e.getMessage(), e);
    }

    public int port() {
        return connector.getLocalPort();
    }

    /** How many requests are in progress, apart from those in lanes. */
    public int requestsInProgress() {
        return wall.inProgress();
    }

    /** How many connections are open. */
    public int openConnections() {
        return connector.getConnectedEndPoints().size();
    }

    /**
     * Tells callers with open connections to continue elsewhere: each answer says that it is the last one on its
     * connection. New connections are still accepted, and every request is answered.
     */
    public void sendAway() {
        wall.lastAnswers();
        connector.sendAway();
    }

    /** Accepts no further connections; open ones stay open. */
    public void stopListening() {
        // First, so that the last ones to arrive are told as well.
        wall.lastAnswers();
        // Jetty's own shutdown would also wait for idle connections.
        connector.stopListening();
        sendAway();
    }

    /** Whether no connection is open. */
    public boolean isLeft() {
        return connector.isLeft();
    }

    /**
     * Stops listening, gives requests in progress up to ten seconds to finish, and stops. Idle connections are closed:
     * callers who may be about to use them should have been {@linkplain #sendAway sent away} a moment before.
     */
    @Override
    public void close() {
        stopListening();
        connector.sendAllAway();
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
            log.warn("The HTTP server did not stop cleanly: {}", e.toString());
        }
    }
}
