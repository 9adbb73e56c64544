package dev.latchkey.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritePendingException;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * One connection, and whether what its caller began becomes a request in time. Bytes that arrive while no request is in
 * progress must lead to one within a time limit, whatever they are: part of a handshake or of a header, or frames that
 * request nothing. Jetty's own timeout starts again with each byte.
 */
final class OpenConnection extends SocketChannelEndPoint {
    private final Connections.Place place;
    private final LongAdder ended = new LongAdder();
    private volatile long begun;
    private volatile boolean givenUp;

    OpenConnection(
            SocketChannel channel,
            ManagedSelector selector,
            SelectionKey key,
            Scheduler scheduler,
            Connections.Place place) {
        super(channel, selector, key, scheduler);
        this.place = place;
    }

    /** The connection on which the request arrived. */
    static OpenConnection of(org.eclipse.jetty.server.Request request) {
        return of(request.getConnectionMetaData().getConnection().getEndPoint());
    }

    /** The connection below these protocols, of which TLS may be one. */
    static OpenConnection of(EndPoint protocols) {
        EndPoint endPoint = protocols;
        while (endPoint instanceof EndPoint.Wrapper wrapper) {
            endPoint = wrapper.unwrap();
        }
        return (OpenConnection) endPoint;
    }

    Connections.Place place() {
        return place;
    }

    @Override
    public int fill(ByteBuffer buffer) throws IOException {
        int filled = super.fill(buffer);
        if (filled > 0 && begun == 0 && !place.hasRequests()) {
            // Zero means that nothing has begun.
            begun = System.nanoTime() | 1;
        }
        return filled;
    }

    /** Whether a request is arriving or in progress, or the caller has not read its answer yet. */
    boolean isAtWork() {
        return place.hasRequests() || (begun != 0 && !givenUp && isOpen());
    }

    /** Notes that a request has arrived, except for its body; returns false when it is too late. */
    boolean requestBegins() {
        place.requestBegins();
        begun = 0;
        return !givenUp;
    }

    /** Notes that the caller has read the request's answer, or that the answer was abandoned. */
    void requestEnds() {
        place.requestEnds();
        ended.increment();
    }

    /** How many requests have ended. */
    long endedRequests() {
        return ended.sum();
    }

    /** Refuses a request that takes too long to arrive, and closes the connection. */
    void giveUpIfLate(long now, long mostNanos) {
        long since = begun;
        if (since == 0 || now - since < mostNanos || place.hasRequests()) {
            return;
        }
        if (givenUp) {
            // The caller did not even read the refusal.
            close();
            return;
        }
        givenUp = true;
        Connection protocol = getConnection() instanceof SslConnection tls
                ? tls.getSslEndPoint().getConnection()
                : getConnection();
        if (!(protocol instanceof ConnectionMetaData http)) {
            close();
        } else if (http.getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion()) {
            refuse(protocol.getEndPoint());
        } else {
            protocol.close();
        }
    }

    private void refuse(EndPoint endPoint) {
        ByteBuffer answer = ByteBuffer.wrap(ServerErrors.late(endPoint.isSecure()));
        try {
            endPoint.write(Callback.from(endPoint::close, failure -> close()), answer);
        } catch (WritePendingException e) {
            close();
        }
    }

    @Override
    public void onClose(Throwable cause) {
        try {
            super.onClose(cause);
        } finally {
            place.leave();
        }
    }
}
