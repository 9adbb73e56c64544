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
 * Takes connections in, or refuses them at once: whoever is left in the system's queue would keep everybody waiting who
 * comes after.
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

    /** Whether something that a caller has begun is not at its end. */
    boolean isAtWork() {
        return getConnectedEndPoints().stream().anyMatch(connection -> ((OpenConnection) connection).isAtWork());
    }

    /** Tells the connections of HTTP/2 that are open to end; those of HTTP/1.1 are told with each answer. */
    void sendAway() {
        for (ConnectionFactory protocol : getConnectionFactories()) {
            if (protocol instanceof AbstractHTTP2ServerConnectionFactory http2) {
                // Not the container of the sessions itself, which would send new ones away before their first request.
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
        // From now on, or those who come in a crowd could not make room yet, and everybody else would.
        place.get().closeWith(() -> refuse(channel));
        try {
            channel.configureBlocking(false);
            configure(channel.socket());
            getSelectorManager().accept(channel, place.get());
        } catch (IOException | RuntimeException e) {
            // The caller is gone already; that is nobody else's trouble.
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

    /** With a reset, which leaves nothing behind on our side. */
    private static void refuse(SocketChannel channel) {
        try (channel) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            log.debug("A refused connection did not close in order", e);
        }
    }

    /** The system has no file left for a connection, or no memory. That passes, and is no reason to stop listening. */
    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
        if (!isRunning() || !(failure instanceof IOException) || failure instanceof ClosedByInterruptException) {
            return super.handleAcceptFailure(failure);
        }
        if (isOpen()) {
            if (warning.isDue()) {
                log.warn("A connection could not be taken in, and idle ones make room: {}", failure.getMessage());
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
