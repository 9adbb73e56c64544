package dev.latchkey.bench.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Takes down what happens, from many threads, on one monotonic clock. */
final class History {
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
