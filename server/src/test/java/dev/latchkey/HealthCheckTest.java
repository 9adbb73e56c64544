package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.TestEngine;
import dev.latchkey.http.TestCertificate;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the outside can ask about a node without an API token: whether it is ready, and whom to tell about a vulnerability. */
class HealthCheckTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private int health(Map<String, String> environment, String... flags) {
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        String[] arguments = new String[flags.length + 1];
        arguments[0] = "health";
        System.arraycopy(flags, 0, arguments, 1, flags.length);
        return new Latchkey(environment, stream, stream).run(arguments);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8).strip();
    }

    private static String port(RunningServer server) {
        return Integer.toString(URI.create(server.url()).getPort());
    }

    @Test
    void aNodeThatIsReadySaysSoWhereverItListens() {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE, Map.of("host", "0.0.0.0"))) {
            assertThat(health(Map.of("LATCHKEY_PORT", port(server), "LATCHKEY_HOST", "0.0.0.0")))
                    .as(said())
                    .isZero();
            assertThat(said()).isEqualTo("ready");
            assertThat(health(Map.of(), "--port", port(server))).as(said()).isZero();
        }
    }

    @Test
    void aNodeWithTlsIsAskedOverTlsWhateverNameItsCertificateHas() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        Map<String, String> tls = Map.of(
                "tls-certificate-file",
                certificate.writeCertificate(folder.resolve("server.pem")).toString(),
                "tls-key-file",
                certificate.writeKey(folder.resolve("server.key")).toString());
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE, tls)) {
            Map<String, String> environment = Map.of(
                    "LATCHKEY_TLS_CERTIFICATE_FILE", tls.get("tls-certificate-file"),
                    "LATCHKEY_TLS_KEY_FILE", tls.get("tls-key-file"));
            assertThat(health(environment, "--port", port(server))).as(said()).isZero();
            assertThat(health(Map.of(), "--port", port(server)))
                    .as("without TLS")
                    .isEqualTo(1);
        }
    }

    @Test
    void aNodeThatDoesNotAnswerIsNotReady() throws Exception {
        int port = FreePort.find();
        assertThat(health(Map.of(), "--port", Integer.toString(port))).isEqualTo(1);
        assertThat(said())
                .startsWith("not ready: port " + port + " does not answer (")
                .hasLineCount(1);
    }

    @Test
    void aNodeWithoutItsDatabaseIsNotReadyAndSaysWhy() throws Exception {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            Path database = server.folder().resolve("data/latchkey.db");
            Path elsewhere = server.folder().resolve("elsewhere.db");
            Files.move(database, elsewhere);
            Waiting.until("not ready", () -> health(Map.of(), "--port", port(server)) == 1);
            assertThat(said().lines().toList().getLast())
                    .startsWith("not ready: The file ")
                    .contains("latchkey.db");
            Files.move(elsewhere, database);
        }
    }

    @Test
    void thePortThatANodePicksCannotBeGuessed() {
        assertThat(health(Map.of(), "--port", "0")).isEqualTo(2);
        assertThat(said()).contains("Pass --port");
    }

    @Test
    void theContactForVulnerabilitiesIsPublishedWhenThereIsOne() throws Exception {
        try (RunningServer server =
                RunningServer.start(TestEngine.SQLITE, Map.of("security-contact", "mailto:security@example.com"))) {
            RunningServer.Answer reply = server.get("/.well-known/security.txt");
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.body())
                    .contains("Contact: mailto:security@example.com\n")
                    .contains("Canonical: " + server.url() + "/.well-known/security.txt\n");
            Instant expires = Instant.parse(reply.body().replaceFirst("(?s).*Expires: (\\S+).*", "$1"));
            assertThat(expires)
                    .isBetween(
                            Instant.now().plus(Duration.ofDays(30)),
                            Instant.now().plus(Duration.ofDays(364)));
        }
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            assertThat(server.get("/.well-known/security.txt").status()).isEqualTo(404);
        }
    }
}
