package dev.latchkey.usage;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How many calls there were, and how many of them are written. Any thread counts; one writes. */
final class Tally {
    private final LongAdder calls = new LongAdder();
    private long written;

    /** Calls that are not written yet. The times are those of the writer's looks, so exact to its interval. */
    record Unwritten(Tally tally, long calls, Instant firstAt, Instant lastAt) {
        void isWritten() {
            tally.written += calls;
        }
    }

    void count() {
        calls.increment();
    }

    /** What is not written of these, in order. */
    static <K extends Comparable<K>> Map<K, Unwritten> unwritten(Map<K, Tally> tallies, Instant at) {
        Map<K, Unwritten> unwritten = new TreeMap<>();
        tallies.forEach((key, tally) -> {
            Unwritten calls = tally.unwritten(at);
            if (calls != null) {
                unwritten.put(key, calls);
            }
        });
        return unwritten;
    }

    /** Null when all is written. */
    private @Nullable Unwritten unwritten(Instant now) {
        long unwritten = calls.sum() - written;
        return unwritten == 0 ? null : new Unwritten(this, unwritten, now, now);
    }
}
