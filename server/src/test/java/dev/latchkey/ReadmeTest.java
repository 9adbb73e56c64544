package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The documents say what is true. */
class ReadmeTest {
    private static final Path PROJECT = Path.of("..");

    /** Pastes the tour's commands, as they stand, into a shell beside a running server. */
    @Test
    void theToursCommandsDoWhatTheReadmeSays() throws Exception {
        StringBuilder script = new StringBuilder("set -eu\n");
        Matcher blocks = Pattern.compile("<!-- tour -->\\s*```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PROJECT.resolve("README.md")));
        while (blocks.find()) {
            script.append(blocks.group(1)).append("\necho\n");
        }
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            Files.copy(server.folder().resolve("bootstrap.env"), server.folder().resolve("tour.env"));
            Process shell = new ProcessBuilder(
                            "bash", "-c", script.toString().replace("http://localhost:8080", server.url()))
                    .directory(server.folder().toFile())
                    .redirectErrorStream(true)
                    .start();
            String said = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(shell.exitValue()).as(said).isZero();
            assertThat(said)
                    .contains("\"roles\":[\"accountadmin\"]")
                    .contains("\"name\":\"reader\"")
                    .contains("\"clientSecret\":\"lks_")
                    .contains("\"lastAccessAddress\":\"127.0.0.1\"")
                    .contains("GET /users needs the privilege users:read")
                    .contains("\"revokeReason\":\"tour\"")
                    .contains("The API token was revoked or has expired.")
                    .contains("\"operation\":\"api_token.revoke\"");
        }
    }

    @Test
    void everySettingIsExplained() throws Exception {
        String operations = Files.readString(PROJECT.resolve("docs/operations.md"));
        for (Setting setting : Setting.values()) {
            assertThat(operations).contains("`" + setting.key() + "`");
        }
    }

    @Test
    void everyTestThatThePromisesNameIsThere() throws Exception {
        String architecture = Files.readString(PROJECT.resolve("docs/architecture.md"));
        Matcher names = Pattern.compile("`(\\w+Test)(?:\\.(\\w+))?`").matcher(architecture);
        int found = 0;
        while (names.find()) {
            String test = names.group(1);
            try (var files = Files.walk(Path.of("src/test/java"))) {
                Path file = files.filter(path -> path.getFileName().toString().equals(test + ".java"))
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(test));
                if (names.group(2) != null) {
                    assertThat(Files.readString(file)).contains("void " + names.group(2) + "(");
                }
            }
            found++;
        }
        assertThat(found).isGreaterThan(10);
    }
}
