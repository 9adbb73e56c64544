package dev.latchkey.limit;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** What limits add to a call, on two threads that are limited together. */
@State(Scope.Benchmark)
@Threads(2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LimiterBenchmark {
    private static final CallLimits RATE = new CallLimits(100_000, 1_000_000, null, null, null);
    private static final CallLimits ALL =
            new CallLimits(100_000, 1_000_000, 1_000_000_000_000L, 1_000_000_000_000L, null);
    private static final List<Limited> ONE = List.of(Limited.token("k7m2qd.0123456789abcdef", RATE));
    private static final List<Limited> EVERY = List.of(
            Limited.token("k7m2qd.0123456789abcdef", ALL),
            Limited.role("k7m2qd.0123456789abcdef", "reader", ALL),
            Limited.api("billing", ALL),
            Limited.account(ALL));
    private static final List<Limited> USED_UP =
            List.of(Limited.token("k7m2qd.fedcba9876543210", new CallLimits(null, null, 1L, null, null)));

    private final Limiter limiter = new Limiter(Clock.systemUTC(), System::nanoTime, (key, period) -> 0, false);

    /** A token with a limit of calls a second. */
    @Benchmark
    public Taken rate() {
        return limiter.call(ONE);
    }

    /** Limits a second, a day and a month, of the token, its role, the API and the account: twelve in all. */
    @Benchmark
    public Taken everything() {
        return limiter.call(EVERY);
    }

    /** A call beyond a limit. */
    @Benchmark
    public Taken beyond() {
        return limiter.call(USED_UP);
    }
}
