package dev.latchkey.http;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * How long requests wait for a processor, and whom to refuse for it. A request begins on its virtual thread when a processor
 * is free. Beyond saturation all would wait longer and longer, and none would know of the others; nothing but the number of
 * connections would bound it.
 *
 * <p>A pause that passes (the garbage collector's, another program's) refuses nobody: only when no request began promptly
 * for a while, and more wait than may be in work, is there a standing queue (the idea of CoDel, RFC 8289). Then a request is
 * refused with a chance that grows with its own wait (random early detection), so the wait settles where as many are
 * refused as are too many. At least half are served, however long they waited: those who are refused may ask again at
 * once, and would take all places in the queue.
 */
final class Backlog {
    private static final long PROMPT_NANOS = 5_000_000;
    private static final long STANDING_NANOS = 100_000_000;
    private static final long PATIENCE_NANOS = 20_000_000;
    private static final long RANGE_NANOS = 20_000_000;
    private static final double MOST_REFUSED = 0.5;

    private static final ScopedValue<Wait> WAIT = ScopedValue.newInstance();

    private final int mostWaiting;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongSupplier nanoTime;
    private final DoubleSupplier chance;
    private volatile long lastPrompt;

    /** @param mostWaiting so many may wait as long as they like */
    Backlog(int mostWaiting) {
        this(mostWaiting, System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * @param nanoTime the time, as {@link System#nanoTime} tells it
     * @param chance a random number from 0 to 1
     */
    Backlog(int mostWaiting, LongSupplier nanoTime, DoubleSupplier chance) {
        this.mostWaiting = mostWaiting;
        this.nanoTime = nanoTime;
        this.chance = chance;
        this.lastPrompt = nanoTime.getAsLong();
    }

    /** How long the task waited of which a request is part. Further requests on the same connection did not wait. */
    private static final class Wait {
        private long nanos;

        Wait(long nanos) {
            this.nanos = nanos;
        }

        long take() {
            long once = nanos;
            nanos = 0;
            return once;
        }
    }

    /** Starts tasks as the other one does, and measures how long each waits to begin. */
    Executor measuring(Executor starter) {
        return task -> {
            long asked = nanoTime.getAsLong();
            waiting.incrementAndGet();
            starter.execute(() -> {
                waiting.decrementAndGet();
                long began = nanoTime.getAsLong();
                // Written seldom, because all processors read it.
                if (began - asked <= PROMPT_NANOS && began - lastPrompt > PROMPT_NANOS) {
                    lastPrompt = began;
                }
                ScopedValue.where(WAIT, new Wait(began - asked)).run(task);
            });
        };
    }

    /** Whether the request that this thread begins is one too many; to be asked once for each. */
    boolean isTooLong() {
        long waited = WAIT.isBound() ? WAIT.get().take() : 0;
        return waited > PATIENCE_NANOS
                && waiting.get() >= mostWaiting
                && nanoTime.getAsLong() - lastPrompt > STANDING_NANOS
                && chance.getAsDouble() < Math.min(MOST_REFUSED, (double) (waited - PATIENCE_NANOS) / RANGE_NANOS);
    }
}
