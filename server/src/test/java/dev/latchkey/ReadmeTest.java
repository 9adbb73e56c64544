package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents say what is true. */
class ReadmeTest {
    private static final Path PROJECT = Path.of("..");

    /** Pastes the tour's commands, as they are, into each shell next to a running server. */
    @ParameterizedTest
    @MethodSource("shells")
    void theToursCommandsDoWhatTheReadmeSays(String shell) throws Exception {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            assertThat(pasted(shell, server, tour("tour").replace("http://localhost:8080", server.url())))
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

    /** The same for the second tour, with a real nginx and the configuration that it names. */
    @Test
    void theSecondTourProtectsAnApiBehindNginx() throws Exception {
        Needs.program("nginx");
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            String latchkey = server.url().replaceAll(".*:", "");
            String api = Integer.toString(FreePort.find());
            String gateway = Integer.toString(FreePort.find());
            Path configuration = server.folder().resolve("deploy/nginx/nginx.conf");
            Files.createDirectories(configuration.getParent());
            Files.writeString(
                    configuration,
                    Files.readString(PROJECT.resolve("deploy/nginx/nginx.conf"))
                            .replace("127.0.0.1:8080", "127.0.0.1:" + latchkey)
                            .replace("127.0.0.1:9000", "127.0.0.1:" + api)
                            .replace("listen 8000", "listen " + gateway));
            String script = tour("tour 2")
                    .replace("localhost:8080", "localhost:" + latchkey)
                    .replace("localhost:8000", "localhost:" + gateway)
                    .replace("http.server 9000", "http.server " + api)
                    .replace("sudo nginx", "/usr/sbin/nginx")
                    // A script has no jobs, and gives the API no time to start while a person types.
                    .replace("kill %1", "kill $!")
                    .replace("REPORT=", "sleep 1\nREPORT=");
            String said = pasted(PastedText.shells().getLast(), server, script);
            assertThat(said)
                    .contains("{\"id\": 42, \"total\": 99.50}")
                    .containsPattern("DELETE /invoices/\\{id\\} needs the privilege invoices:write, which the role"
                            + " invoice_reader does not have")
                    .contains("/explain?api=billing")
                    .contains("\"code\":\"unauthenticated\"")
                    .contains("GET /invoices/{id} needs the privilege invoices:read")
                    .contains("The API token was revoked or has expired.");
            assertThat(said.split("99.50", -1)).hasSize(2);
        }
    }

    private static String tour(String name) throws IOException {
        StringBuilder script = new StringBuilder();
        Matcher blocks = Pattern.compile("<!-- " + name + " -->\\s*```sh\\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PROJECT.resolve("README.md")));
        while (blocks.find()) {
            script.append(blocks.group(1));
        }
        return script.toString();
    }

    private static List<String> shells() throws InterruptedException {
        return PastedText.shells();
    }

    private static String pasted(String shell, RunningServer server, String script) throws Exception {
        Files.copy(server.folder().resolve("bootstrap.env"), server.folder().resolve("tour.env"));
        return PastedText.pasted(shell, script, server.folder());
    }

    /** The table of settings has each of them once, no others, and the default. */
    @Test
    void everySettingIsExplained() throws Exception {
        String operations = Files.readString(PROJECT.resolve("docs/operations.md"));
        String table = operations.substring(operations.indexOf("| setting |"), operations.indexOf("## Usage"));
        List<String> explained = new ArrayList<>();
        for (String row :
                table.lines().skip(2).filter(line -> line.startsWith("|")).toList()) {
            String[] cells = row.split(" *\\| *", -1);
            List<String> keys = Pattern.compile("`([a-z-]+)`")
                    .matcher(cells[1])
                    .results()
                    .map(key -> key.group(1))
                    .toList();
            explained.addAll(keys);
            String defaults = keys.stream()
                    .flatMap(key -> Setting.withKey(key).orElseThrow().defaultValue().stream())
                    .collect(Collectors.joining(","));
            if (!defaults.isEmpty()) {
                assertThat(cells[2].replace(" ", "")).as(row).isEqualTo(defaults);
            }
        }
        assertThat(explained)
                .containsExactlyInAnyOrderElementsOf(
                        Setting.all().stream().map(Setting::key).toList());
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
