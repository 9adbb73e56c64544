package dev.latchkey.observe;

import java.time.Duration;
import java.util.stream.LongStream;

/** The bounds of the histograms: from a gate check that is answered from memory to a request that waited in a lane. */
final class Buckets {
    private static final long[] MICROS = {
        250,
        500,
        1_000,
        2_500,
        5_000,
        10_000,
        25_000,
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000
    };

    private Buckets() {}

    static Duration[] bounds() {
        return LongStream.of(MICROS)
                .mapToObj(micros -> Duration.ofNanos(micros * 1_000))
                .toArray(Duration[]::new);
    }
}
