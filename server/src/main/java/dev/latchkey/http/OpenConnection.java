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
 * One connection, and whether what its caller began comes to a request. Bytes that come while none is in work must lead to
 * one within a time, whatever they are: part of a handshake or of a header, or frames that ask for nothing. Jetty's own
 * time begins anew with each byte.
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

    /** The connection on which the request came. */
    static OpenConnection of(org.eclipse.jetty.server.Request request) {
        return of(request.getConnectionMetaData().getConnection().getEndPoint());
    }

    /** The connection below what may be TLS. */
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
            // Zero stands for nothing.
            begun = System.nanoTime() | 1;
        }
        return filled;
    }

    /** Whether a request has begun to arrive, is in work, or its answer is not fetched yet. */
    boolean isAtWork() {
        return place.hasRequests() || (begun != 0 && !givenUp && isOpen());
    }

    /** A request is here, whole but for its body; false when it comes too late. */
    boolean requestBegins() {
        place.requestBegins();
        begun = 0;
        return !givenUp;
    }

    /** The request's answer was fetched, or given up. */
    void requestEnds() {
        place.requestEnds();
        ended.increment();
    }

    /** How many requests have come to their end. */
    long endedRequests() {
        return ended.sum();
    }

    /** Refuses what has taken longer than it may, and closes. */
    void giveUpIfLate(long now, long mostNanos) {
        long since = begun;
        if (since == 0 || now - since < mostNanos || place.hasRequests()) {
            return;
        }
        if (givenUp) {
            // Not even our last word was taken.
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
