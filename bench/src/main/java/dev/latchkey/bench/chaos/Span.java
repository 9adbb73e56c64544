package dev.latchkey.bench.chaos;

import java.util.Locale;

/** From just before a call was sent until its response was read, in microseconds of the bench's one monotonic clock. */
record Span(long begin, long end) {
    static String seconds(long micros) {
        return micros == Long.MAX_VALUE ? "the end" : String.format(Locale.ROOT, "%.3f s", micros / 1_000_000.0);
    }

    @Override
    public String toString() {
        return seconds(begin) + " to " + seconds(end);
    }
}
