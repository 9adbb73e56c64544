package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients from npm that this project did not write complete their flows; the flows are in {@code src/test/clients}. Without
 * Node.js they are skipped, unless {@code LATCHKEY_TEST_BROWSER} is {@code required}, as it is in CI.
 */
class JavaScriptClientsTest {
    private static final Path FLOWS = Path.of("src/test/clients");
    private static final Path FOLDER = Path.of("target/clients");
    private static final JsonMapper JSON = new JsonMapper();

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        if (!isInstalled("node") || !isInstalled("npm")) {
            assertThat(System.getenv("LATCHKEY_TEST_BROWSER")).isNotEqualTo("required");
            Assumptions.assumeTrue(false, "Node.js is not installed");
        }
        Files.createDirectories(FOLDER);
        for (File file : Objects.requireNonNull(FLOWS.toFile().listFiles(File::isFile))) {
            Files.write(FOLDER.resolve(file.getName()), Files.readAllBytes(file.toPath()));
        }
        // What the lock file names, byte for byte.
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        server = RunningServer.start(TestEngine.SQLITE);
        writeSetting();
    }

    private static void writeSetting() throws IOException {
        Billing billing = new Billing(server);
        ProgramKey key = ProgramKey.make();
        billing.admin.createRole("token_reader", "tokens:read");
        Answer program = created(billing, Map.of("description", "Program", "role", "token_reader"));
        Answer api = created(billing, Map.of("description", "Billing", "role", "public", "actsFor", "billing"));
        Answer keyed = created(
                billing,
                Map.of(
                        "description",
                        "Program with a key",
                        "role",
                        "token_reader",
                        "authentication",
                        Map.of("method", "private_key_jwt", "jwks", JSON.readTree(key.jwks()))));
        Answer federated = created(
                billing,
                Map.of(
                        "description",
                        "Program that its platform vouches for",
                        "role",
                        "invoice_reader",
                        "defaultResource",
                        Billing.AUDIENCE,
                        "authentication",
                        Map.of(
                                "method",
                                "federated",
                                "issuer",
                                "https://ci.example",
                                "claims",
                                Map.of("sub", "acme/shop"),
                                "jwks",
                                JSON.readTree(key.jwks()))));
        Files.writeString(
                FOLDER.resolve("setting.json"),
                JSON.writeValueAsString(Map.of(
                        "issuer",
                        server.url(),
                        "audience",
                        Billing.AUDIENCE,
                        "program",
                        program.json(),
                        "api",
                        api.json(),
                        "keyed",
                        keyed.json(),
                        "federated",
                        federated.json(),
                        "privateKey",
                        key.privateKey().toJSONObject())));
    }

    private static Answer created(Billing billing, Map<String, ?> token) {
        return billing.admin.post("/tokens", JSON.writeValueAsString(token)).created();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openid-client", "oauth4webapi", "google-auth"})
    void completesItsFlows(String client) throws Exception {
        assertThat(run("node", "--test", "--test-reporter=tap", client + ".test.mjs"))
                .contains("# fail 0", "# skipped 0")
                .doesNotContain("# pass 0");
    }

    private static boolean isInstalled(String program) throws InterruptedException {
        try {
            return new ProcessBuilder(program, "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** What it prints; it has two minutes and must succeed. */
    private static String run(String... command) throws Exception {
        Path output = FOLDER.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        String printed = Files.readString(output);
        assertThat(ended).as(printed).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
