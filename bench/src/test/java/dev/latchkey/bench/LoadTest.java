package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keeps the whole-server bench from rotting: all of it for a moment, without the peers. Without wrk and h2load it is skipped,
 * unless {@code LATCHKEY_TEST_BROWSER} is {@code required}, as it is in CI.
 */
class LoadTest {
    @TempDir
    Path results;

    @Test
    void whatSeeingInsideCostsIsMeasuredForEachSetting() throws Exception {
        Needs.program("wrk");
        Needs.that(Files.exists(Path.of("../server/target/latchkey.jar")), "the server's jar");
        Load.main(new String[] {"..", results.toString(), "--observed", "--smoke", "--built"});

        assertThat(Files.readString(results.resolve("observed.md")).lines().filter(line -> line.endsWith("% | 0 |")))
                .hasSize(6);
    }

    @Test
    void whatUsageCostsIsMeasured() throws Exception {
        Needs.program("wrk");
        Needs.that(Files.exists(Path.of("../server/target/latchkey.jar")), "the server's jar");
        Load.main(new String[] {"..", results.toString(), "--usage", "--smoke", "--built"});

        assertThat(Files.readString(results.resolve("usage.md")))
                .contains(
                        "| of that, the writing of usage |",
                        "0 not 2xx",
                        "| a token's page with its usage of 13 months |")
                .doesNotContain("status ", "NaN");
    }

    @Test
    void everyMeasurementIsMadeAndEveryAnswerIsRight() throws Exception {
        Needs.program("wrk");
        Needs.program("h2load");
        Needs.that(Files.exists(Path.of("../server/target/latchkey.jar")), "the server's jar");
        Load.main(new String[] {"..", results.toString(), "--smoke", "--built"});

        String table = Files.readString(results.resolve("load.md"));
        assertThat(table)
                .contains("| token endpoint |", "| introspection |", "| gate check |", "| sign-in page |")
                .contains(
                        "HTTP/2 over TLS 1.3",
                        "600 connections",
                        "| API tokens | 1,000 |",
                        "| token endpoint, any of them |")
                .doesNotContain("status ");
        // Nothing was refused that should be answered, and nothing answered that was revoked.
        assertThat(table.lines()
                        .filter(line -> line.startsWith("| gate check |") || line.startsWith("| token endpoint |")))
                .allSatisfy(line -> assertThat(line).endsWith("| 0 |"));
        assertThat(table).contains("0 not 2xx");
        assertThat(Files.readString(results.resolve("load.json"))).contains("\"machine\"");
    }
}
