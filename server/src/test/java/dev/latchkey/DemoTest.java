package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the demo as a separate process, and pastes its output into every installed shell. */
class DemoTest {
    private static final List<String> ALLOW_AND_DENY = List.of(
            "{\"invoice\":{",
            "\"calledBy\":\"Nightly report as invoice_reader\"}\n",
            "DELETE /invoices/{id} needs the privilege invoices:write",
            "/explain?api=billing&method=DELETE",
            "{\"deleted\":{",
            "Billing desk as invoice_clerk\"}\n",
            "{\"invoices\":[",
            "\"credential\":\"api_key\",\"calledBy\":\"Prometheus as invoice_reader\"}\n");

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
            String commands = printed.substring(printed.indexOf("echo '1."));
            Iterator<Integer> invoices = List.of(41, 43).iterator();
            List<String> shells = PastedText.shells();
            Needs.ifPossible(!shells.isEmpty(), "a shell");
            for (String shell : shells.subList(0, shells.size() - 1)) {
                // The token is revoked, and each invoice deleted, only once.
                String other = commands.replace("/invoices/42", "/invoices/" + invoices.next());
                assertThat(PastedText.pasted(shell, other.substring(0, other.indexOf("echo '6.")), folder))
                        .as(shell)
                        .containsSubsequence(ALLOW_AND_DENY);
            }
            assertThat(PastedText.pasted(shells.getLast(), commands, folder))
                    .as(shells.getLast())
                    .containsSubsequence(ALLOW_AND_DENY)
                    .containsSubsequence("\"status\":\"revoked\"", "The API token was revoked or has expired.\"");
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
            printed.append(line).append('\n');
            if (printed.indexOf("echo '7.") >= 0 && line.contains("curl")) {
                return printed.toString();
            }
        }
        throw new AssertionError(printed);
    }
}
