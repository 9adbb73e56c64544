package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Step.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** What is broken when; the same seed gives the same schedule. */
final class Schedule {
    private static final long FIRST_MILLIS = 2_000;
    private static final long LEAST_GAP_MILLIS = 1_000;

    /** No single step takes more of the time than this share. */
    private static final int PARTS = 4;

    private Schedule() {}

    /**
     * The steps of one lane, one after the other; several lanes run at the same time.
     *
     * @param lane so that each lane has a schedule of its own
     * @param kinds each of which occurs before any is repeated, the first of them first
     * @param gap the maximum between two steps
     */
    static List<Step> of(long seed, int lane, List<Kind> kinds, Duration gap, Duration total) {
        Random random = new Random(seed * 31 + lane);
        List<Step> steps = new ArrayList<>();
        List<Kind> bag = new ArrayList<>();
        long at = FIRST_MILLIS;
        boolean first = true;
        while (at < total.toMillis() && !kinds.isEmpty()) {
            if (bag.isEmpty()) {
                bag.addAll(kinds);
                Collections.shuffle(bag, random);
                if (first) {
                    bag.remove(kinds.getFirst());
                    bag.addFirst(kinds.getFirst());
                    first = false;
                }
            }
            Kind kind = bag.removeFirst();
            long most = Math.clamp(total.toMillis() / PARTS, kind.least(), kind.most());
            long millis = random.nextLong(kind.least(), most + 1);
            steps.add(new Step(at, kind, millis, random.nextBoolean()));
            at += (kind.least() == kind.most() ? 0 : millis)
                    + random.nextLong(LEAST_GAP_MILLIS, Math.max(LEAST_GAP_MILLIS + 1, gap.toMillis()));
        }
        return steps;
    }
}
