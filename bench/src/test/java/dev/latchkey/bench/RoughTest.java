package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Keeps the rough table from rotting: each row for a second, with little work of each kind. How fast anything was is not
 * judged here, only that it was measured, and that what was to disturb did something. Without wrk it is skipped, unless
 * {@code LATCHKEY_TEST_BROWSER} is {@code required}, as it is in CI.
 */
class RoughTest {
    @TempDir
    Path results;

    @Test
    void duringEveryHeavyWorkRepliesAreCountedAndTimed() throws Exception {
        List<String> rows = measured("sqlite", "quiet,sign-ins,searches,import,write-lock,idle");

        assertThat(rows).hasSize(6);
        assertThat(Files.readString(results.resolve("rough.md")))
                .containsPattern("50 sign-ins a second from 100 addresses \\| [^|]*\\d+ × (303|401|503)")
                .containsPattern("4 slow searches at once \\| [^|]*\\d+ × (200|503)")
                .containsPattern("imports of 200 operations \\| [^|]*\\d+ × (accepted|proposal 503)")
                .containsPattern("a held write lock \\| held for [\\d.]+ s, while 4 people create tokens: \\d+ × ")
                .containsPattern("300 idle connections from 100 addresses \\| [1-9]\\d* opened ");
        assertThat(Files.readString(results.resolve("rough.json"))).contains("\"machine\"");
    }

    @Test
    void onPostgresqlOpenTransactionsHoldRowsAsWell() throws Exception {
        List<String> rows = measured("postgresql", "quiet,row-locks");

        assertThat(rows).hasSize(2);
        assertThat(Files.readString(results.resolve("rough.md")))
                .containsPattern("locks rows \\| held for [\\d.]+ s, while 4 people create tokens: \\d+ × ");
    }

    /** The rows of the table, each of which has times and counts. */
    private List<String> measured(String engine, String during) throws Exception {
        Needs.program("wrk");
        Needs.that(Files.exists(Path.of("../server/target/latchkey.jar")), "the server's jar");
        Load.main(new String[] {
            "..",
            results.toString(),
            "--rough=2",
            "--rough-engines=" + engine,
            "--rough-during=" + during,
            "--smoke",
            "--built"
        });
        List<String> rows = Files.readString(results.resolve("rough.md"))
                .lines()
                .filter(line -> line.endsWith("| met |") || line.contains("| missed: "))
                .toList();
        String time = "\\d+(\\.\\d\\d)?";
        String times = time + ", " + time + ", " + time;
        assertThat(rows)
                .allSatisfy(row -> assertThat(row)
                        .matches("\\| 2[^|]* \\| [^|]+ \\| [^|]+ \\| " + times + " \\| " + times + " \\| \\d+ \\| "
                                + time + ", " + time + " \\| " + times + ", " + time + " \\| (met|missed: .*) \\|"));
        return rows;
    }
}
