package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo as a process of its own, and pastes what it prints into a shell. */
class DemoTest {
    @TempDir
    Path folder;

    @Test
    void whatTheDemoPrintsShowsAllowDenyAndRevoke() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djava.io.tmpdir=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.latchkey.Latchkey",
                        "demo",
                        "--port",
                        "0"))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        // What is meant for these tests would be an unknown setting.
        builder.environment().keySet().removeIf(name -> name.startsWith("LATCHKEY_"));
        Process demo = builder.start();
        try {
            String printed = printed(demo);
            assertThat(printed).contains("ada@example.com").contains("GET /status is public");
            Process shell = new ProcessBuilder("bash", "-c", "set -eu\n" + printed.substring(printed.indexOf("# 1.")))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(shell.exitValue()).as(said).isZero();
            assertThat(said)
                    .containsSubsequence(
                            "{\"invoice\":{",
                            "\"calledBy\":\"Nightly report as invoice_reader\"}",
                            "DELETE /invoices/{id} needs the privilege invoices:write",
                            "/explain?api=billing&method=DELETE",
                            "{\"deleted\":{",
                            "Billing desk as invoice_clerk",
                            "\"status\":\"revoked\"",
                            "The API token was revoked or has expired.");
            demo.destroy();
            assertThat(demo.waitFor(20, TimeUnit.SECONDS)).isTrue();
            try (var left = Files.list(folder)) {
                assertThat(left.filter(path -> path.getFileName().toString().startsWith("latchkey-demo")))
                        .isEmpty();
            }
        } finally {
            demo.destroyForcibly();
        }
    }

    /** Everything up to the last command. */
    private static String printed(Process demo) throws IOException {
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(demo.getInputStream(), StandardCharsets.UTF_8));
        StringBuilder printed = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            printed.append(line.strip()).append('\n');
            if (printed.indexOf("# 6.") >= 0 && line.contains("curl")) {
                return printed.toString();
            }
        }
        throw new AssertionError(printed);
    }
}
