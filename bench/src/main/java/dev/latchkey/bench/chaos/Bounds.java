package dev.latchkey.bench.chaos;

import java.time.Duration;

/**
 * The promises, in microseconds.
 *
 * @param elsewhere how long after its confirmation a change may be unknown to nodes other than the one that confirmed it
 * @param back how soon after reaching the database again a node must know everything
 * @param lease how long a node may continue with what it knows
 * @param slack added to the first two on a machine that is too busy for them; the lease needs none, because a node measures it
 *     itself and decides by it
 */
record Bounds(long elsewhere, long back, long lease, long slack) {
    static Bounds promised(Duration slack) {
        return new Bounds(500_000, 1_000_000, 5_000_000, slack.toNanos() / 1_000);
    }

    long elsewhereAtMost() {
        return elsewhere + slack;
    }

    long backAtMost() {
        return back + slack;
    }
}
