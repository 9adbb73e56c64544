package dev.latchkey.bench.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Records what happens, from many threads, on one monotonic clock. */
final class History {
    private static final int ENOUGH = 5;
    private static final long MOST_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 20;

    private final AtomicInteger answered = new AtomicInteger();
    private final long start = System.nanoTime();
    private final Queue<Use> uses = new ConcurrentLinkedQueue<>();
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private final Queue<Break> breaks = new ConcurrentLinkedQueue<>();
    private final Queue<Loss> losses = new ConcurrentLinkedQueue<>();

    /** Microseconds since the beginning. */
    long now() {
        return (System.nanoTime() - start) / 1_000;
    }

    void add(Use use) {
        uses.add(use);
    }

    void add(Change change) {
        changes.add(change);
        if (change.answer() == Change.Answer.DONE) {
            answered.incrementAndGet();
        }
    }

    /**
     * Waits this long, and then until some changes were confirmed during the wait, so that there is something to lose; not
     * indefinitely, because it may be that none can be.
     */
    void awaitChanges(long millis) {
        int enough = answered.get() + ENOUGH;
        long least = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long most = least + TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS);
        while (System.nanoTime() < least || answered.get() < enough && System.nanoTime() < most) {
            Actor.sleep(PAUSE_MILLIS);
        }
    }

    void add(Break broken) {
        breaks.add(broken);
    }

    void add(Loss loss) {
        losses.add(loss);
    }

    Recorded recorded() {
        return new Recorded(List.copyOf(uses), List.copyOf(changes), List.copyOf(breaks), List.copyOf(losses));
    }
}
