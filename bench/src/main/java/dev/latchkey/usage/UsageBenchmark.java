package dev.latchkey.usage;

import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/** What counting adds to a call, on two threads. The second that the numbers wait for their writing is not part of it. */
@State(Scope.Benchmark)
@Threads(2)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class UsageBenchmark {
    private static final int TOKENS = 1_000;
    private static final Called CALLED = new Called("billing", "GET", "/invoices/{id}");

    private final String[] clientIds = new String[TOKENS];
    private final Path folder = folder();
    private final Database database = Database.open(new DatabaseAddress.SqliteFile(folder.resolve("latchkey.db")));
    private final UsageCounter counter = new UsageCounter(database, () -> 30, Clock.systemUTC());

    public UsageBenchmark() {
        for (int i = 0; i < TOKENS; i++) {
            clientIds[i] = "k7m2qd.%016d".formatted(i);
        }
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("usage-benchmark");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TearDown
    public void close() throws IOException {
        database.close();
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    /** All calls are of one token. */
    @Benchmark
    public void same() {
        counter.count(clientIds[0], "192.0.2.7", CALLED, Outcome.ALLOWED);
    }

    /** Any of a thousand tokens. */
    @Benchmark
    public void any() {
        counter.count(clientIds[ThreadLocalRandom.current().nextInt(TOKENS)], "192.0.2.7", CALLED, Outcome.ALLOWED);
    }
}
