package dev.latchkey.limit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The shared count of one limit, a row of the database: how a node's request changes it, and what the node gets. It knows neither
 * clock nor database.
 *
 * @param period when the period of a quota begins, in milliseconds; 0 for a rate
 * @param taken of a quota, how much of it the nodes have got; of a rate, when the next call would be due if all came at the allowed
 *     rate, in nanoseconds since 1970
 */
record Shared(long period, long taken) {
    /** What nodes may get of a rate ahead of time: longer than they need to ask again, so that nothing is lost in between. */
    private static final long AHEAD = Duration.ofMillis(500).toNanos();

    /** Clocks of nodes may differ by this. */
    private static final long DIFFERENCE = Duration.ofMinutes(5).toMillis();

    /**
     * The count afterwards, and what the node got.
     *
     * @param got negative when the node gave something back
     * @param left how much is left for all nodes
     */
    record Answer(Shared count, long got, long left) {}

    /**
     * Answers a node.
     *
     * @param count null when nothing was counted yet
     * @param nanos the time since 1970
     * @param nodes how many nodes share the limit
     */
    static Answer answer(Ask ask, @Nullable Shared count, long nanos, int nodes) {
        return ask.key().measure().isQuota()
                ? quota(ask, count, nanos / 1_000_000, nodes)
                : rate(ask, count, nanos, nodes);
    }

    /** A node gets at most half of what there is, so that one that asks often leaves something for the others. */
    private static Answer rate(Ask ask, @Nullable Shared count, long nanos, int nodes) {
        long interval = ask.limits().interval();
        // What is owed was used in the time since the last exchange.
        long then = nanos - ask.since();
        long furthest = nanos + AHEAD + ask.limits().atOnce() * interval;
        // Nodes that do not know of each other yet use more than a burst together, which is paid afterwards. What is
        // beyond half a burst, also of an earlier and lower limit, is forgiven: it would close the limit for long.
        long mostDue = furthest + ask.limits().atOnce() * interval / 2;
        long due = Math.min(mostDue, Math.max(then, count == null ? then : count.taken) + ask.owed() * interval);
        long from = Math.max(nanos, due);
        long there = Math.max(0, furthest - from) / interval;
        long got = Math.min(ask.wanted(), nodes > 1 ? Math.ceilDiv(there, 2) : there);
        // Where nothing is got, time that has passed stays open: other nodes may owe for it as well.
        long after = (got > 0 ? from : due) + got * interval;
        return new Answer(new Shared(0, after), got, there - Math.max(0, got));
    }

    /** The less there is, the smaller the parts, so that no node keeps much that another could use. */
    private static Answer quota(Ask ask, @Nullable Shared row, long millis, int nodes) {
        long latest = millis + DIFFERENCE;
        // A clock that was ahead once left it, and until then nothing would be counted.
        Shared count = row != null && row.period > latest ? null : row;
        if (count != null && (count.period > ask.period() || ask.period() > latest)) {
            // For the others, this node's period is over, or has not begun.
            return new Answer(count, 0, 0);
        }
        long most = ask.limits().most(ask.key().measure());
        long before = count == null || count.period < ask.period() ? 0 : count.taken;
        long taken = before + ask.owed();
        long there = Math.max(0, most - taken);
        long got = Math.min(ask.wanted(), Math.max(Math.min(1, there), there / (2L * nodes)));
        return new Answer(
                new Shared(ask.period(), Math.max(0, taken + got)), got, Math.max(0, most - taken - Math.max(0, got)));
    }
}
