package dev.latchkey.usage;

import java.time.Instant;
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

    /** Null when all is written. */
    @Nullable Unwritten unwritten(Instant now) {
        long unwritten = calls.sum() - written;
        return unwritten == 0 ? null : new Unwritten(this, unwritten, now, now);
    }
}
