package dev.latchkey.http;

import dev.latchkey.lane.Seldom;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.Scheduler;
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

    private final Connections connections;
    private final Seldom warning = new Seldom();

    Door(Server server, Connections connections, ConnectionFactory... protocols) {
        super(server, 1, -1, protocols);
        this.connections = connections;
        setAcceptQueueSize(QUEUE);
    }

    /** Whether anything that a caller has begun is unfinished. */
    boolean isAtWork() {
        return getConnectedEndPoints().stream().anyMatch(connection -> ((OpenConnection) connection).isAtWork());
    }

    /** Tells open HTTP/2 connections to end; those of HTTP/1.1 are told with each answer. */
    void sendAway() {
        for (ConnectionFactory protocol : getConnectionFactories()) {
            if (protocol instanceof AbstractHTTP2ServerConnectionFactory http2) {
                // Not the session container itself, which would send new sessions away before their first request.
                http2.getBean(SessionContainer.class).getSessions().forEach(session -> session.shutdown());
            }
        }
    }

    @Override
    public void accept(int acceptor) throws IOException {
        ServerSocketChannel listening = (ServerSocketChannel) getTransport();
        SocketChannel channel = listening.accept();
        Optional<Connections.Place> place = admit(channel);
        if (place.isEmpty()) {
            refuse(channel);
            return;
        }
        // Set already here: otherwise connections that arrive in a burst could not make room yet, and all others would.
        place.get().closeWith(() -> refuse(channel));
        try {
            channel.configureBlocking(false);
            configure(channel.socket());
            getSelectorManager().accept(channel, place.get());
        } catch (IOException | RuntimeException e) {
            // The caller is already gone, which must not affect other callers.
            place.get().leave();
            refuse(channel);
        }
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
            }
        };
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        Connections.Place place = (Connections.Place) key.attachment();
        OpenConnection connection = new OpenConnection(channel, selector, key, getScheduler(), place);
        connection.setIdleTimeout(getIdleTimeout());
        place.closeWith(connection::close);
        return connection;
    }
}
