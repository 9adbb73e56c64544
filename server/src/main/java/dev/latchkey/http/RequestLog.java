package dev.latchkey.http;

import dev.latchkey.lane.Seldom;
import dev.latchkey.lane.Timetable;
import dev.latchkey.trace.CurrentRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each request that is answered. Requests only leave what they were in a queue; a thread of its own writes. If
 * what reads the lines is too slow, lines are missing: they are counted, and the log says how many.
 *
 * <p>A line has no query, no header field and no body, and of the path only the route's template, because any of these may
 * hold a secret. Of the caller it has the address and, once that is proved, the client id.
 */
public final class RequestLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RequestLog.class);

    /** A second of very many requests. */
    static final int MOST_WAITING = 32_768;

    private static final int BATCH = 1_000;
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration LAST_LINES = Duration.ofSeconds(1);

    /** How a line is written. */
    public interface Format {
        /** The line without its end. */
        String line(Entry entry);
    }

    /**
     * A request that was answered.
     *
     * @param at when its header had arrived, in milliseconds since 1970
     * @param call what was requested
     * @param status of the response
     * @param bytes of its body
     * @param nanos from the header's arrival to the last byte of the answer
     */
    public record Entry(long at, Call call, int status, long bytes, long nanos, CurrentRequest request) {}

    /**
     * What was requested.
     *
     * @param route the path's template; empty when the path leads nowhere
     * @param protocol such as {@code HTTP/1.1}
     * @param address the caller's; empty when it is not known
     */
    public record Call(String method, String route, String protocol, String address) {}

    private final Format format;
    private final OutputStream out;
    private final Queue<Entry> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final LongAdder missing = new LongAdder();
    private final Seldom complaint = new Seldom();
    private final Timetable timetable = new Timetable();
    private long reported;

    /** @param out gets the lines; it stays open */
    public RequestLog(Format format, OutputStream out) {
        this.format = format;
        this.out = out;
        timetable.every(INTERVAL, "request-log", this::write, "The request log cannot be written");
    }

    /** Notes an answered request, at once and without waiting. */
    void add(Entry entry) {
        if (size.get() >= MOST_WAITING) {
            missing.increment();
            return;
        }
        size.incrementAndGet();
        waiting.add(entry);
    }

    /** How many requests have no line, because the lines were not read fast enough. */
    public long missing() {
        return missing.sum();
    }

    private synchronized void write() {
        while (!waiting.isEmpty()) {
            ByteArrayOutputStream lines = new ByteArrayOutputStream();
            for (int i = 0; i < BATCH; i++) {
                Entry entry = waiting.poll();
                if (entry == null) {
                    break;
                }
                size.decrementAndGet();
                lines.writeBytes((format.line(entry) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            try {
                out.write(lines.toByteArray());
                out.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        long now = missing();
        if (now > reported && complaint.isDue()) {
            log.warn(
                    "{} missing in the request log, because its lines are not read fast enough",
                    now - reported == 1 ? "1 request is" : now - reported + " requests are");
            reported = now;
        }
    }

    /** Writes the last lines, for at most a second: what reads them may have stopped. */
    @Override
    public void close() {
        timetable.close();
        try {
            Thread last = Thread.ofPlatform().daemon().name("request-log").start(this::write);
            last.join(LAST_LINES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
