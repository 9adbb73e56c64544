package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Keeps the benchmarks from rotting: each runs for a moment, whatever it measures. */
class BenchTest {
    /**
     * How far two figures may lie apart. Whether the compiler has already removed the few small objects of a decision depends on
     * the moment; a byte for each tenth endpoint would be more than this.
     */
    private static final double SOME_OBJECTS = 256;

    @Test
    void everyBenchmarkRunsAndAllocatesTheSameForFewAndManyEndpoints() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("dev\\.latchkey\\..*Benchmark")
                        .param("endpoints", "10", "5000")
                        .param("algorithm", "ES256")
                        .param("tokens", "2000")
                        .forks(0)
                        .warmupIterations(1)
                        .warmupTime(TimeValue.milliseconds(200))
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(200))
                        .addProfiler(GCProfiler.class)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        assertThat(results).hasSize(10 + 4 + 3 + 2 + 2 + 3 + 2);
        assertThat(Bench.table(results))
                .contains(
                        "| Decision: literal | endpoints 10 |",
                        "| Signing: mint | algorithm ES256 |",
                        "| Gate: check | accessTokens 1000 |");
        List<RunResult> decisions = results.stream()
                .filter(result -> result.getParams().getBenchmark().contains("DecisionBenchmark"))
                .toList();
        for (RunResult one : decisions) {
            for (RunResult other : decisions) {
                if (one.getParams().getBenchmark().equals(other.getParams().getBenchmark())) {
                    assertThat(allocated(one))
                            .as(one.getParams().getBenchmark())
                            .isCloseTo(allocated(other), offset(SOME_OBJECTS));
                }
            }
        }
    }

    private static double allocated(RunResult result) {
        return result.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
    }
}
