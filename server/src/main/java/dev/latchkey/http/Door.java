package dev.latchkey.http;

import dev.latchkey.lane.Seldom;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections, or refuses them at once: one that is left in the system's queue would hold up everyone behind
 * it.
 */
final class Door extends ServerConnector {
    private static final Logger log = LoggerFactory.getLogger(Door.class);
    private static final int QUEUE = 1_024;
    private static final long PAUSE_MILLIS = 20;
    private static final Duration MOST_STOPPING = Duration.ofSeconds(1);

    private final Connections connections;
    private final Supplier<Duration> idle;
    private final Seldom warning = new Seldom();
    private final Set<Connections.Place> arriving = ConcurrentHashMap.newKeySet();
    private final Set<HTTP2Session> told = ConcurrentHashMap.newKeySet();
    private @Nullable Selector arrivals;
    private volatile boolean closing;

    /** @param idle how long a connection may be idle that begins now */
    Door(Server server, Connections connections, Supplier<Duration> idle, ConnectionFactory... protocols) {
        super(server, 1, -1, protocols);
        this.connections = connections;
        this.idle = idle;
        setAcceptQueueSize(QUEUE);
    }

    /** Whether no connection is open, or about to be. */
    boolean isLeft() {
        return arriving.isEmpty() && getConnectedEndPoints().isEmpty();
    }

    /** Whether anything that a caller has begun is unfinished. */
    boolean isAtWork() {
        return !arriving.isEmpty()
                || getConnectedEndPoints().stream().anyMatch(connection -> ((OpenConnection) connection).isAtWork());
    }

    /**
     * Asks the callers of open HTTP/2 connections to begin no further requests on them; those of HTTP/1.1 are told with each
     * answer. What is already on its way is still answered (RFC 9113 section 6.8): Jetty's own shutdown would refuse it at once,
     * and clients repeat a refused request only once, or never. A connection without a request so far is not told, because its
     * first one is surely on its way.
     */
    void sendAway() {
        sessions()
                .filter(session -> session.getStreamsOpened() > 0 && told.add(session))
                .forEach(session -> session.frames(null, List.of(GoAwayFrame.GRACEFUL), Callback.NOOP));
    }

    /** Refuses all further requests on open HTTP/2 connections. */
    void sendAllAway() {
        sessions().forEach(HTTP2Session::shutdown);
    }

    private Stream<HTTP2Session> sessions() {
        // Not the session container itself, which would also send every later session away at its start.
        return getConnectionFactories().stream()
                .filter(AbstractHTTP2ServerConnectionFactory.class::isInstance)
                .map(protocol -> ((AbstractHTTP2ServerConnectionFactory) protocol).getBean(SessionContainer.class))
                .flatMap(container -> container.getSessions().stream())
                .map(HTTP2Session.class::cast);
    }

    /** A thread that is blocked in accepting could not be asked to stop, so connections are waited for with a selector. */
    @Override
    public void open() throws IOException {
        super.open();
        if (arrivals == null) {
            ServerSocketChannel listening = (ServerSocketChannel) getTransport();
            listening.configureBlocking(false);
            arrivals = Selector.open();
            listening.register(arrivals, SelectionKey.OP_ACCEPT);
        }
    }

    /**
     * Stops listening. A connection that the system has already established is still accepted; closing at once would reset it,
     * although its caller may have sent a request.
     */
    void stopListening() {
        closing = true;
        if (arrivals != null) {
            arrivals.wakeup();
        }
        long end = System.nanoTime() + MOST_STOPPING.toNanos();
        try {
            while (isRunning() && isOpen() && System.nanoTime() - end < 0) {
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
        IO.close(arrivals);
    }

    @Override
    public void accept(int acceptor) throws IOException {
        ServerSocketChannel listening = (ServerSocketChannel) getTransport();
        Selector waiting = Objects.requireNonNull(arrivals);
        if (listening == null || !listening.isOpen()) {
            throw new ClosedChannelException();
        }
        SocketChannel channel = listening.accept();
        if (channel != null) {
            take(channel);
        } else if (closing) {
            // Only a channel that no selector has is closed at once. Until then, others may have arrived.
            waiting.close();
            for (SocketChannel last = listening.accept(); last != null; last = listening.accept()) {
                take(last);
            }
            close();
        } else {
            waiting.select(key -> {});
            if (Thread.interrupted()) {
                throw new ClosedByInterruptException();
            }
        }
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        IO.close(arrivals);
    }

    private void take(SocketChannel channel) {
        Optional<Connections.Place> place = admit(channel);
        if (place.isEmpty()) {
            refuse(channel);
            return;
        }
        // Set already here: otherwise connections that arrive in a burst could not make room yet, and all others would.
        place.get().closeWith(() -> refuse(channel));
        arriving.add(place.get());
        try {
            channel.configureBlocking(false);
            configure(channel.socket());
            getSelectorManager().accept(channel, place.get());
        } catch (IOException | RuntimeException e) {
            // The caller is already gone, which must not affect other callers.
            place.get().leave();
            arriving.remove(place.get());
            refuse(channel);
        }
    }

    @Override
    protected void onEndPointOpened(EndPoint opened) {
        super.onEndPointOpened(opened);
        arriving.remove(((OpenConnection) opened).place());
    }

    private Optional<Connections.Place> admit(SocketChannel channel) {
        try {
            return channel.getRemoteAddress() instanceof InetSocketAddress peer
                    ? connections.admit(peer.getAddress())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Closes with a reset, which leaves nothing behind on our side. */
    private static void refuse(SocketChannel channel) {
        try (channel) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            log.debug("A refused connection could not be closed cleanly", e);
        }
    }

    /**
     * The system has no file descriptor left for a connection, or no memory. That passes, so the server keeps
     * listening.
     */
    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
        if (!isRunning() || !(failure instanceof IOException) || failure instanceof ClosedByInterruptException) {
            return super.handleAcceptFailure(failure);
        }
        if (isOpen()) {
            if (warning.isDue()) {
                log.warn(
                        "A connection could not be accepted, and idle ones are closed to make room: {}",
                        failure.getMessage());
            }
            connections.makeRoom();
        }
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
        return new ServerConnectorManager(executor, scheduler, selectors) {
            @Override
            protected void onAcceptFailed(SelectableChannel channel, Throwable failure, Object place) {
                super.onAcceptFailed(channel, failure, place);
                ((Connections.Place) place).leave();
                arriving.remove((Connections.Place) place);
            }
        };
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        Connections.Place place = (Connections.Place) key.attachment();
        OpenConnection connection = new OpenConnection(channel, selector, key, getScheduler(), place);
        connection.setIdleTimeout(idle.get().toMillis());
        place.closeWith(connection::close);
        return connection;
    }
}
