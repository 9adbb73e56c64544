package dev.latchkey.http;

import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.jspecify.annotations.Nullable;

/**
 * Reads whole bodies: each is bounded by its route's limit and in time, and all unfinished ones together in size, so
 * that slow senders cannot use up threads, the places for requests or the memory.
 */
final class BodyReader {
    private static final int MOST_UNFINISHED_BYTES = 64 * 1024 * 1024;
    private static final Duration LINGER = Duration.ofSeconds(2);
    private static final int MOST_DROPPED_BYTES = 1024 * 1024;
    private static final byte[] NO_BODY = new byte[0];

    private final Duration time;
    private final Semaphore unfinishedBytes = new Semaphore(MOST_UNFINISHED_BYTES);

    /** @param time how long one body may take */
    BodyReader(Duration time) {
        this.time = time;
    }

    /**
     * The body.
     *
     * @throws Problem 413 when it is too long, 408 when it takes too long, 400 when it is cut off
     */
    byte[] read(Request request, int maxBytes) {
        long declared = request.getLength();
        if (declared > maxBytes) {
            throw tooLarge(maxBytes);
        }
        if (declared == 0) {
            return NO_BODY;
        }
        byte[] body = NO_BODY;
        int length = 0;
        int held = 0;
        Connections.@Nullable Place waiting = null;
        long deadline = System.nanoTime() + time.toNanos();
        try {
            while (true) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    if (waiting == null) {
                        waiting = place(request);
                    }
                    await(request, deadline);
                    continue;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    throw brokenOff();
                }
                int more = chunk.remaining();
                if (more > maxBytes - length) {
                    chunk.release();
                    throw tooLarge(maxBytes);
                }
                boolean last = chunk.isLast() || length + more == declared;
                if (!last) {
                    if (!unfinishedBytes.tryAcquire(more)) {
                        chunk.release();
                        throw tooMany();
                    }
                    held += more;
                }
                if (body.length < length + more) {
                    int room = last ? length + more : Math.min(maxBytes, Math.max(length + more, 2 * length));
                    body = Arrays.copyOf(body, room);
                }
                chunk.getByteBuffer().get(body, length, more);
                length += more;
                boolean end = chunk.isLast();
                chunk.release();
                if (end) {
                    return body.length == length ? body : Arrays.copyOf(body, length);
                }
            }
        } finally {
            unfinishedBytes.release(held);
            if (waiting != null) {
                waiting.stopsWaiting();
            }
        }
    }

    private static Connections.Place place(Request request) {
        Connections.Place place = OpenConnection.of(request).place();
        if (!place.mayWait()) {
            throw tooMany();
        }
        return place;
    }

    /**
     * Keeps reading for a moment after a body was refused, and drops what arrives. A client that sends everything
     * before it reads would otherwise find the connection closed, and never see the answer that says why.
     *
     * @param then what completes the request
     */
    static Callback droppingTheRest(Request request, Callback then) {
        Runnable drop = () -> {
            long deadline = System.nanoTime() + LINGER.toNanos();
            int dropped = 0;
            try {
                while (dropped < MOST_DROPPED_BYTES) {
                    Content.Chunk chunk = request.read();
                    if (chunk == null) {
                        if (!arrives(request, deadline)) {
                            break;
                        }
                        continue;
                    }
                    if (Content.Chunk.isFailure(chunk)) {
                        break;
                    }
                    dropped += chunk.remaining();
                    boolean end = chunk.isLast();
                    chunk.release();
                    if (end) {
                        break;
                    }
                }
            } finally {
                then.succeeded();
            }
        };
        return Callback.from(() -> Thread.ofVirtual().name("http-drop").start(drop), then::failed);
    }

    private static void await(Request request, long deadline) {
        if (!arrives(request, deadline)) {
            request.fail(new TimeoutException("the body took too long"));
            throw new Problem(408, "body_timeout", "The body took too long to arrive.")
                    .withHeader("Connection", "close");
        }
    }

    private static boolean arrives(Request request, long deadline) {
        CountDownLatch arrived = new CountDownLatch(1);
        request.demand(Invocable.from(InvocationType.NON_BLOCKING, arrived::countDown));
        try {
            return arrived.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Problem tooMany() {
        return Problem.unavailable("Too many requests are in progress. Try again in a moment.", null);
    }

    private static Problem brokenOff() {
        return Problem.badRequest("The body was cut off or is not correctly framed.")
                .withHeader("Connection", "close");
    }

    private static Problem tooLarge(int maxBytes) {
        // The rest of the body is not read, so the connection cannot be used again.
        return new Problem(413, "too_large", "The body is too large. Send at most " + maxBytes + " bytes.")
                .withHeader("Connection", "close");
    }
}
