package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A separate process, killed without warning in the middle of its work: nothing that it confirmed may be lost. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class KillTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Parameter
    TestEngine engine;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private String databaseUrl;
    private String url;

    @Test
    void everyAnsweredCreationAndRevocationSurvivesAKill() throws Exception {
        if (engine.newAddress() instanceof DatabaseAddress.PostgresqlUrl address) {
            databaseUrl = address.url();
        }
        ConcurrentLinkedQueue<String> created = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> revoked = new ConcurrentLinkedQueue<>();
        Process first = start();
        String accessToken = accessToken();

        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int worker = i;
            workers.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int n = 0; ; n++) {
                        String clientId = create(accessToken, "worker " + worker + " token " + n);
                        created.add(clientId);
                        if (n % 2 == 0) {
                            revoke(accessToken, clientId);
                            revoked.add(clientId);
                        }
                    }
                } catch (IOException | InterruptedException | IllegalStateException e) {
                    // The process is gone.
                }
            }));
        }
        Waiting.until("twenty revocations", () -> revoked.size() >= 20);
        first.destroyForcibly().waitFor();
        for (Thread worker : workers) {
            worker.join();
        }

        Process second = start();
        try {
            String again = accessToken();
            for (String clientId : created) {
                JsonNode apiToken =
                        JSON.readTree(get("/api/v1/tokens/" + clientId, again).body());
                assertThat(apiToken.get("clientId").asString()).isEqualTo(clientId);
                if (revoked.contains(clientId)) {
                    assertThat(apiToken.get("status").asString()).as(clientId).isEqualTo("revoked");
                }
            }
            assertThat(get("/api/v1/me", accessToken).statusCode())
                    .as("an access token from before the kill, whose API token is active")
                    .isEqualTo(200);
        } finally {
            second.destroy();
            assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(second.exitValue()).as("SIGTERM ends in order").isZero();

        Process verify = command("audit", "verify").start();
        assertThat(verify.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said).contains("The audit log is whole");
        assertThat(verify.exitValue()).isZero();
    }

    private ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.latchkey.Latchkey"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--data", folder.resolve("data").toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("LATCHKEY_"));
        if (databaseUrl != null) {
            environment.put("LATCHKEY_DATABASE_URL", databaseUrl);
        }
        return builder;
    }

    private Process start() throws Exception {
        Path log = Files.createTempFile(folder, "serve", ".log");
        // The second start takes the first one's port: access tokens name the issuer that they are from.
        String port = url == null ? "0" : url.substring(url.lastIndexOf(':') + 1);
        ProcessBuilder builder = command("serve", "--port", port).redirectOutput(log.toFile());
        builder.environment().put("LATCHKEY_ADMIN_EMAIL", RunningServer.ADMIN_EMAIL);
        builder.environment().put("LATCHKEY_ADMIN_PASSWORD", RunningServer.ADMIN_PASSWORD);
        builder.environment()
                .put(
                        "LATCHKEY_BOOTSTRAP_TOKEN_FILE",
                        folder.resolve("bootstrap.env").toString());
        Process process = builder.start();
        Waiting.until("the start", () -> {
            assertThat(process.isAlive()).as(read(log)).isTrue();
            return read(log).contains("is running at ");
        });
        String said = read(log);
        url = said.substring(said.indexOf("http://")).lines().findFirst().orElseThrow();
        return process;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private String accessToken() throws Exception {
        String[] lines = Files.readString(folder.resolve("bootstrap.env")).split("\n");
        String pair = lines[0].split("=", 2)[1] + ":" + lines[1].split("=", 2)[1];
        HttpResponse<String> granted = http.send(
                HttpRequest.newBuilder(URI.create(url + "/oauth/v2/token"))
                        .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair.getBytes()))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(granted.body()).get("access_token").asString();
    }

    private HttpResponse<String> get(String path, String accessToken) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .header("Authorization", "Bearer " + accessToken)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String create(String accessToken, String description) throws IOException, InterruptedException {
        HttpResponse<String> response = post(
                accessToken, "/api/v1/tokens", "{\"description\":\"" + description + "\",\"role\":\"public\"}", 201);
        return JSON.readTree(response.body()).get("clientId").asString();
    }

    private void revoke(String accessToken, String clientId) throws IOException, InterruptedException {
        post(accessToken, "/api/v1/tokens/" + clientId + "/revoke", "{}", 200);
    }

    private HttpResponse<String> post(String accessToken, String path, String json, int expected)
            throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(url + path))
                        .header("Authorization", "Bearer " + accessToken)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != expected) {
            throw new IllegalStateException(response.body());
        }
        return response;
    }
}
