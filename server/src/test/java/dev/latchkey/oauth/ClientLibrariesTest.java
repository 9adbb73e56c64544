package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Needs;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.SystemCommand;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Clients from npm and from Python's package index that this project did not write complete their flows; the flows are in
 * {@code src/test/clients}. Without Node.js or Python they are skipped, unless {@code LATCHKEY_TEST_BROWSER} is {@code
 * required}, as it is in CI.
 */
class ClientLibrariesTest {
    private static final Path FLOWS = Path.of("src/test/clients");
    private static final Path FOLDER = Path.of("target/clients");
    private static final JsonMapper JSON = new JsonMapper();

    private static RunningServer server;
    private static boolean fromNpm;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(FOLDER);
        server = RunningServer.start(TestEngine.SQLITE);
        writeSetting();
    }

    /** A folder for each language, next to the setting. */
    private static Path flows(String language, String program) throws Exception {
        Needs.that(SystemCommand.succeeds(program, "--version"), program);
        Path folder = Files.createDirectories(FOLDER.resolve(language));
        for (File file : Objects.requireNonNull(FLOWS.resolve(language).toFile().listFiles(File::isFile))) {
            Files.write(folder.resolve(file.getName()), Files.readAllBytes(file.toPath()));
        }
        return folder;
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
        Answer endpointKeyed = created(
                billing,
                Map.of(
                        "description",
                        "Program whose library names the token endpoint",
                        "role",
                        "token_reader",
                        "authentication",
                        Map.of(
                                "method",
                                "private_key_jwt",
                                "tokenEndpointAudience",
                                true,
                                "jwks",
                                JSON.readTree(key.jwks()))));
        Answer iceberg = created(
                billing,
                Map.of(
                        "description",
                        "Program that asks for the scope catalog and names no API",
                        "role",
                        "invoice_reader",
                        "defaultResource",
                        Billing.AUDIENCE));
        assertThat(billing.admin
                        .send("PATCH", "/apis/billing", "{\"scopes\": {\"catalog\": \"\"}}")
                        .status())
                .isEqualTo(200);
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
                        "endpointKeyed",
                        endpointKeyed.json(),
                        "iceberg",
                        iceberg.json(),
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
    void inJavaScriptCompletesItsFlows(String client) throws Exception {
        Path folder = flows("javascript", "npm");
        if (!fromNpm) {
            // What the lock file names, byte for byte.
            run(folder, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
            fromNpm = true;
        }
        assertThat(run(folder, "node", "--test", "--test-reporter=tap", client + ".test.mjs"))
                .contains("# fail 0", "# skipped 0")
                .doesNotContain("# pass 0");
    }

    @Test
    void thoseInPythonCompleteTheirFlows() throws Exception {
        Path folder = flows("python", "python3");
        run(
                folder,
                "python3",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--only-binary",
                ":all:",
                "--upgrade",
                "--target",
                "libraries",
                "--requirement",
                "requirements.txt");
        assertThat(run(folder, "python3", "clients_test.py"))
                .contains("Ran 6 tests")
                .endsWith("OK\n");
    }

    /** What it prints; it has two minutes and must succeed. */
    private static String run(Path folder, String... command) throws Exception {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONPATH", "libraries");
        Process process = builder.start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        String printed = Files.readString(output);
        assertThat(ended).as(printed).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
