package dev.latchkey.http;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How long requests wait for a processor, which go first, and which are refused. A request begins on its virtual thread when
 * a processor is free.
 *
 * <p>A connection whose caller sends the next request at once keeps its thread, and so its processor, for as long as it
 * likes: others would wait a hundred times as long as it takes to answer them. So when requests are waiting, the connection
 * goes to the end of the line after its turn.
 *
 * <p>Beyond saturation every request would wait longer and longer, bounded only by the number of connections.
 *
 * <p>A passing pause (of the garbage collector, or caused by another program) refuses no request: there is a standing queue
 * only when no request has begun promptly for a while and more are waiting than may be in progress (the idea of CoDel, RFC
 * 8289). Then a request is refused with a probability that grows with its own wait (random early detection), so the wait
 * settles where only the excess is refused. At least half are served, however long they have waited: refused callers may try
 * again at once, and would otherwise take all places in the queue.
 */
final class Backlog {
    private static final long PROMPT_NANOS = 5_000_000;
    private static final long STANDING_NANOS = 100_000_000;
    private static final long PATIENCE_NANOS = 20_000_000;
    private static final long RANGE_NANOS = 20_000_000;
    private static final double MOST_REFUSED = 0.5;

    /** About ten requests: long enough to gain from keeping the thread, short enough for the others. */
    private static final long TURN_NANOS = 500_000;

    private static final ScopedValue<Turn> TURN = ScopedValue.newInstance();

    private final Supplier<Integer> mostWaiting;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongSupplier nanoTime;
    private final DoubleSupplier chance;
    private volatile long lastPrompt;

    /** @param mostWaiting how many requests may wait without any being refused */
    Backlog(Supplier<Integer> mostWaiting) {
        this(mostWaiting, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * @param nanoTime the time, as {@link System#nanoTime} gives it
     * @param chance a random number from 0 to 1
     */
    Backlog(Supplier<Integer> mostWaiting, LongSupplier nanoTime, DoubleSupplier chance) {
        this.mostWaiting = mostWaiting;
        this.nanoTime = nanoTime;
        this.chance = chance;
        this.lastPrompt = nanoTime.getAsLong();
    }

    /** The requests that one thread answers in a row, all of the same connection. */
    private static final class Turn {
        private final long began;
        private long waited;

        Turn(long asked, long began) {
            this.began = began;
            this.waited = began - asked;
        }

        /** How long the first request of the turn waited; the others did not. */
        long takeWait() {
            long once = waited;
            waited = 0;
            return once;
        }
    }

    /** Starts tasks with the given executor, and measures how long each waits to begin. */
    Executor measuring(Executor starter) {
        return task -> {
            long asked = nanoTime.getAsLong();
            waiting.incrementAndGet();
            starter.execute(
                    () -> ScopedValue.where(TURN, new Turn(asked, begun(asked))).run(task));
        };
    }

    /** Ends a wait, and returns when. */
    private long begun(long asked) {
        waiting.decrementAndGet();
        long now = nanoTime.getAsLong();
        // Written rarely, because all processors read it.
        if (now - asked <= PROMPT_NANOS && now - lastPrompt > PROMPT_NANOS) {
            lastPrompt = now;
        }
        return now;
    }

    /** Whether the request that this thread begins must be refused; asked once for each. */
    boolean isTooLong() {
        long waited = TURN.isBound() ? TURN.get().takeWait() : 0;
        return waited > PATIENCE_NANOS
                && waiting.get() >= mostWaiting.get()
                && nanoTime.getAsLong() - lastPrompt > STANDING_NANOS
                && chance.getAsDouble() < Math.min(MOST_REFUSED, (double) (waited - PATIENCE_NANOS) / RANGE_NANOS);
    }

    /** Whether the connection that this thread serves should go to the end of the line, because others are waiting. */
    boolean isTurnOver() {
        return waiting.get() > 0 && TURN.isBound() && nanoTime.getAsLong() - TURN.get().began >= TURN_NANOS;
    }
}
