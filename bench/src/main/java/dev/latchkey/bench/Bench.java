package dev.latchkey.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs all JMH benchmarks and writes a table (Markdown) and everything (JSON). */
public final class Bench {
    private Bench() {}

    /** @param arguments the folder to write to */
    public static void main(String[] arguments) throws RunnerException, IOException {
        Path folder = Path.of(arguments.length == 0 ? "results" : arguments[0]);
        Files.createDirectories(folder);
        Options options = new OptionsBuilder()
                .include("dev\\.latchkey\\..*Benchmark")
                .forks(2)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(5)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .resultFormat(ResultFormatType.JSON)
                .result(folder.resolve("jmh.json").toString())
                .build();
        String table = table(new Runner(options).run());
        Files.writeString(folder.resolve("jmh.md"), table);
        System.out.println(table);
    }

    static String table(Collection<RunResult> results) {
        StringBuilder table = new StringBuilder("JDK " + Runtime.version() + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ", 2 forks, 3 + 5 iterations of 1 s\n\n"
                + "| benchmark | with | ns | ± (99.9%) | bytes allocated |\n| --- | --- | --- | --- | --- |\n");
        for (RunResult run : results) {
            Result<?> time = run.getPrimaryResult();
            Result<?> allocated = run.getSecondaryResults().get("gc.alloc.rate.norm");
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.1f | %.1f | %s |%n",
                    run.getParams().getBenchmark().replaceFirst(".*\\.(\\w+)Benchmark\\.", "$1: "),
                    parameters(run),
                    time.getScore(),
                    time.getScoreError(),
                    allocated == null ? "" : String.format(Locale.ROOT, "%.0f", allocated.getScore())));
        }
        return table.toString();
    }

    private static String parameters(RunResult run) {
        return run.getParams().getParamsKeys().stream()
                .map(name -> name + " " + run.getParams().getParam(name))
                .collect(Collectors.joining(", "));
    }
}
