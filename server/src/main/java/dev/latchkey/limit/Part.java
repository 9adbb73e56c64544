package dev.latchkey.limit;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongUnaryOperator;

/**
 * What this node has got of a shared count, and what it has used. It may use a little more than it has got, which it then owes; so a
 * call need not wait for the database.
 */
final class Part {
    /** Nothing that can be known of a shared count. */
    static final long TAKEN = -1;

    /** Callers of which few come must not find that what was got for them is gone. */
    private static final int UNTIL_GIVEN_BACK = 4;

    /** Ever more. */
    private final AtomicLong used = new AtomicLong();

    /** How often it was asked for, successfully or not. */
    private final AtomicLong asked = new AtomicLong();

    private volatile Got got;

    // Known to the one thread that asks for more:
    private long askedBefore;

    /** How many times in a row nothing was asked for. */
    private int idle;

    /**
     * What the node has got.
     *
     * @param all ever more, except for what it gave back
     * @param known what was heard of the shared count at that time, in its owner's terms
     */
    private record Got(long all, long known) {}

    Part(long known) {
        got = new Got(0, known);
    }

    /** Notes that one is asked for. */
    void ask() {
        asked.incrementAndGet();
    }

    /**
     * Takes one of what the node has, or may owe. When it must get more first, nothing is taken, and what this was decided by is
     * returned: by the time a caller asks, more may be known.
     *
     * @param credit how much it may owe, by what is known of the shared count
     * @return {@link #TAKEN}, or what was known of the shared count
     */
    long take(LongUnaryOperator credit) {
        while (true) {
            Got now = got;
            long before = used.get();
            if (before - now.all() >= credit.applyAsLong(now.known())) {
                return now.known();
            }
            if (used.compareAndSet(before, before + 1)) {
                return TAKEN;
            }
        }
    }

    /**
     * What each of several nodes may owe.
     *
     * @param left how much there is for all nodes
     * @param portion all nodes together may owe one of so many parts of it
     */
    static long credit(long left, int nodes, int portion) {
        return left < nodes ? 0 : Math.max(1, left / ((long) portion * nodes));
    }

    /** Notes one that was taken without asking what the node has. */
    void owe() {
        used.incrementAndGet();
    }

    void giveBack() {
        used.decrementAndGet();
    }

    /** How much was used beyond what the node has got; negative for what it has and did not use. */
    long owed() {
        return used.get() - got.all();
    }

    /** What was last heard of the shared count. */
    long known() {
        return got.known();
    }

    /**
     * What the node owes and wants.
     *
     * @param wanted negative for what it gives back
     */
    record Need(long owed, long wanted) {
        boolean isNothing() {
            return owed == 0 && wanted == 0;
        }
    }

    /**
     * What the node needs: for a few times as long as since the last time, if what it has does not last as long again. When nothing was
     * asked for in a while, it gives back what it has.
     *
     * @param most it wants no more than this
     * @param leases whether there are other nodes; otherwise it only tells what was used
     */
    Need need(long most, boolean leases) {
        long all = asked.get();
        long demand = all - askedBefore;
        askedBefore = all;
        long owed = owed();
        long unused = Math.max(0, -owed);
        if (demand == 0) {
            idle++;
            return new Need(Math.max(0, owed), idle < UNTIL_GIVEN_BACK ? 0 : -unused);
        }
        idle = 0;
        long wanted = leases && unused < demand ? Math.max(0, Math.min(most, 4 * demand) - unused) : 0;
        return new Need(Math.max(0, owed), wanted);
    }

    /** Gives back everything that was not used. */
    Need rest() {
        long owed = owed();
        return new Need(Math.max(0, owed), Math.min(0, owed));
    }

    /** @param more negative for what was given back */
    void answered(long owed, long more, long known) {
        got = new Got(got.all() + owed + more, known);
    }
}
