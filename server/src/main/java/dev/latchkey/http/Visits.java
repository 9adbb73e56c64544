package dev.latchkey.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which connections have requests in progress, and lets none begin or finish too slowly: about once a second it
 * checks all of them.
 */
final class Visits extends Handler.Wrapper {
    private static final Logger log = LoggerFactory.getLogger(Visits.class);
    private static final long LOOKS_EACH_MILLIS = 1_000;

    private final long headerNanos;
    private final long answerNanos;
    private final long lookMillis;
    private final Set<Visit> unfinished = ConcurrentHashMap.newKeySet();

    /**
     * @param header how long what is sent may take to become a request
     * @param answer how long a caller may take to read an answer
     */
    Visits(Handler inner, Duration header, Duration answer) {
        super(inner);
        headerNanos = header.toNanos();
        answerNanos = answer.toNanos();
        long shorter = Math.min(header.toMillis(), answer.toMillis());
        lookMillis = Math.min(LOOKS_EACH_MILLIS, Math.max(1, shorter / 4));
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        lookAgain();
    }

    private void lookAgain() {
        getServer().getScheduler().schedule(this::look, lookMillis, TimeUnit.MILLISECONDS);
    }

    private void look() {
        long now = System.nanoTime();
        for (Connector connector : getServer().getConnectors()) {
            for (EndPoint connection : connector.getConnectedEndPoints()) {
                try {
                    ((OpenConnection) connection).giveUpIfLate(now, headerNanos);
                } catch (RuntimeException e) {
                    log.warn("A connection that is too slow could not be closed: {}", e.toString());
                }
            }
        }
        unfinished.forEach(visit -> visit.giveUpIfLate(now));
        if (isRunning()) {
            lookAgain();
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        OpenConnection connection = OpenConnection.of(request);
        Visit visit = new Visit(request, response, callback, connection);
        if (!connection.requestBegins()) {
            visit.failed(new TimeoutException("the request arrived too late"));
            return true;
        }
        boolean handled = false;
        try {
            handled = super.handle(request, visit, visit);
        } finally {
            if (!handled) {
                visit.end();
            }
        }
        // By now, all but slow readers have their whole answer.
        if (!visit.ended.get()) {
            visit.isUnfinished();
        }
        return handled;
    }

    /** A request in progress, from its header to the last byte of its answer. */
    private final class Visit extends Response.Wrapper implements Callback {
        private final Callback callback;
        private final OpenConnection connection;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final AtomicLong held = new AtomicLong();
        private volatile long size;
        private volatile long answered;

        Visit(Request request, Response response, Callback callback, OpenConnection connection) {
            super(request, response);
            this.callback = callback;
            this.connection = connection;
        }

        @Override
        public void write(boolean last, ByteBuffer content, Callback written) {
            if (content != null) {
                size = content.remaining();
            }
            super.write(last, content, written);
        }

        @Override
        public void succeeded() {
            end();
            callback.succeeded();
        }

        @Override
        public void failed(Throwable failure) {
            end();
            callback.failed(failure);
        }

        @Override
        public InvocationType getInvocationType() {
            return callback.getInvocationType();
        }

        void isUnfinished() {
            long bytes = size;
            if (!connection.place().mayHold(bytes)) {
                failed(new TimeoutException("too many answers have not been read"));
                return;
            }
            held.set(bytes);
            answered = System.nanoTime();
            unfinished.add(this);
            if (ended.get()) {
                isFinished();
            }
        }

        private void isFinished() {
            unfinished.remove(this);
            connection.place().stopsHolding(held.getAndSet(0));
        }

        void end() {
            if (ended.compareAndSet(false, true)) {
                connection.requestEnds();
                if (answered != 0) {
                    isFinished();
                }
            }
        }

        void giveUpIfLate(long now) {
            if (now - answered > answerNanos) {
                try {
                    failed(new TimeoutException("the answer was not read in time"));
                } catch (RuntimeException e) {
                    log.warn("An answer that is read too slowly could not be cut off: {}", e.toString());
                }
            }
        }
    }
}
