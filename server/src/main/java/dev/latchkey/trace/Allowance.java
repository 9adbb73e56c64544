package dev.latchkey.trace;

import java.util.concurrent.atomic.AtomicLong;

/** A limit on how often something may happen in a second. */
final class Allowance {
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final int COUNT_BITS = 20;
    private static final long COUNT = (1L << COUNT_BITS) - 1;

    private final int most;
    /** The second, and how many there were in it. */
    private final AtomicLong used = new AtomicLong();

    /** @param most below a million */
    Allowance(int most) {
        this.most = most;
    }

    /** Takes one, if one is left. */
    boolean isLeft(long nanoTime) {
        long second = Math.floorDiv(nanoTime, SECOND_NANOS) << COUNT_BITS;
        while (true) {
            long before = used.get();
            long count = (before & ~COUNT) == second ? before & COUNT : 0;
            if (count >= most) {
                return false;
            }
            if (used.compareAndSet(before, second | (count + 1))) {
                return true;
            }
        }
    }
}
