package dev.latchkey.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Keys of another system, imported by the command, and requests with any of them. */
final class ImportedKeys {
    /** How the other system wrote its keys, from their number. */
    private static final String KEY = "legacy-%032d";

    private ImportedKeys() {}

    static String key(int number) {
        return String.format(Locale.ROOT, KEY, number);
    }

    /**
     * Imports keys that were never hashed, as a person would.
     *
     * @return how long the command took
     */
    static Duration bring(List<String> command, Latchkey latchkey, Path folder, int number) {
        Path file = folder.resolve("legacy.csv");
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            lines.write("key,description\n");
            for (int i = 0; i < number; i++) {
                lines.write(key(i) + ",Customer " + i + "\n");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> imports = new ArrayList<>(command);
        imports.addAll(List.of("key", "import", file.toString(), "--role", "caller"));
        imports.addAll(List.of(
                "--expires-by",
                Instant.now()
                        .plus(300, ChronoUnit.DAYS)
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString()));
        imports.addAll(List.of("--server", latchkey.served().url()));
        long start = System.nanoTime();
        Generator.run(imports, latchkey.bootstrap());
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** A script for wrk that sends any of the keys. */
    static String any(int number) {
        return String.format(Locale.ROOT, """
                local seeded = false
                function request()
                  if not seeded then
                    seeded = true
                    math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) %% 1000000)
                  end
                  wrk.headers["X-API-Key"] = string.format("%s", math.random(0, %d))
                  return wrk.format()
                end
                """, KEY, number - 1);
    }
}
