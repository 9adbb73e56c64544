package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Prometheus that scrapes a real node with the files of {@code deploy/observe}; only addresses are replaced. */
class MonitoringTest {
    private static final Path FILES = Path.of("../deploy/observe");
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static RunningServer server;
    private static Billing billing;
    private static Path folder;
    private static Process prometheus;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        Needs.program("prometheus");
        Needs.program("promtool");
        server = RunningServer.start(TestEngine.SQLITE, Map.of("metrics-port", "0"));
        billing = new Billing(server);
        billing.admin.createRole("monitor", "metrics:read");
        Credentials monitor = billing.admin.createToken("Prometheus", "monitor");
        folder = TestRun.newFolder("prometheus");
        Path secret = Files.writeString(folder.resolve("secret"), monitor.clientSecret());
        Files.copy(FILES.resolve("alerts.yml"), folder.resolve("alerts.yml"));
        String own = replaced(
                Files.readString(FILES.resolve("prometheus.yml")),
                "127.0.0.1:9464",
                "localhost:" + server.metricsPort());
        String withToken = replaced(
                Files.readString(FILES.resolve("prometheus-with-token.yml")),
                "scheme: https",
                "scheme: http",
                "CLIENT_ID",
                monitor.clientId(),
                "/etc/prometheus/latchkey-secret",
                secret.toString(),
                "https://auth.example.com/",
                server.url() + "/",
                "auth.example.com",
                "localhost:" + server.port(),
                "job_name: latchkey",
                "job_name: with-token");
        // Both jobs in one: what is the same in the two files is there once.
        String jobs = withToken.substring(withToken.indexOf("scrape_configs:\n") + "scrape_configs:\n".length());
        Path configuration = Files.writeString(
                folder.resolve("prometheus.yml"),
                replaced(
                                own,
                                "scrape_interval: 15s",
                                "scrape_interval: 500ms",
                                "evaluation_interval: 15s",
                                "evaluation_interval: 1s")
                        + jobs);
        assertThat(run("promtool", "check", "config", configuration.toString())).contains("SUCCESS");
        port = FreePort.find();
        prometheus = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=warn")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        use();
        Waiting.until(
                "Prometheus to have scraped the node three times in both ways",
                () -> is("min(count_over_time(up[5m])) >= 3 and count(up == 1) == 2"));
        use();
        Waiting.until("another scrape", () -> is("min(count_over_time(up[5m])) >= 6"));
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (prometheus != null) {
            prometheus.destroy();
            prometheus.waitFor(20, TimeUnit.SECONDS);
        }
        if (server != null) {
            server.close();
        }
    }

    /** Replaces text that must be there. */
    private static String replaced(String text, String... pairs) {
        String result = text;
        for (int i = 0; i < pairs.length; i += 2) {
            assertThat(result).contains(pairs[i]);
            result = result.replace(pairs[i], pairs[i + 1]);
        }
        return result;
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** A little of everything. */
    private static void use() {
        String accessToken = server.requestAccessToken(billing.reader, "&resource=" + Billing.AUDIENCE)
                .json()
                .get("access_token")
                .asString();
        for (String method : List.of("GET", "GET", "POST")) {
            server.send(server.request("/gate/v1/nginx/billing")
                    .header("Authorization", "Bearer " + accessToken)
                    .header("X-Original-Method", method)
                    .header("X-Original-URI", "/v1/invoices")
                    .build());
        }
        server.requestAccessToken(new Credentials(billing.reader.clientId(), "wrong"), "");
        billing.admin.get("/tokens?pageSize=5");
        server.get("/sign-in");
    }

    private static JsonNode query(String promql) {
        try {
            HttpResponse<String> answer = HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                                    + URLEncoder.encode(promql, StandardCharsets.UTF_8)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            // While it starts, it answers 503 in plain text.
            return answer.statusCode() == 503 ? JSON.createObjectNode() : JSON.readTree(answer.body());
        } catch (IOException e) {
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static boolean is(String promql) {
        JsonNode result = query(promql).path("data").path("result");
        return !result.isEmpty();
    }

    private static List<JsonNode> targets(JsonNode panel) {
        List<JsonNode> targets = new ArrayList<>();
        panel.path("targets").forEach(targets::add);
        return targets;
    }

    @Test
    void everyQueryOfTheDashboardFindsSomething() throws IOException {
        JsonNode dashboard = JSON.readTree(Files.readString(FILES.resolve("dashboard.json")));
        List<String> failed = new ArrayList<>();
        int asked = 0;
        for (JsonNode panel : dashboard.get("panels")) {
            for (JsonNode target : targets(panel)) {
                String query = target.get("expr")
                        .asString()
                        .replace("$__rate_interval", "1m")
                        .replace("$instance", ".*");
                JsonNode answer = query(query);
                asked++;
                if (!answer.path("status").asString("").equals("success")
                        || answer.path("data").path("result").isEmpty()) {
                    failed.add(panel.get("title").asString() + ": " + query + ": " + answer);
                }
            }
        }
        assertThat(failed).isEmpty();
        assertThat(asked).isGreaterThan(50);
    }

    @Test
    void theDashboardNamesOnlyMetricsThatAreExported() throws IOException {
        var types = Exposition.of(server).types().keySet();
        for (Path file : List.of(FILES.resolve("dashboard.json"), FILES.resolve("alerts.yml"))) {
            assertThat(Pattern.compile("\\blatchkey_[a-z_]+")
                            .matcher(Files.readString(file))
                            .results()
                            .map(found -> found.group().replaceFirst("_seconds_(bucket|count|sum)$", "_seconds")))
                    .as(file.toString())
                    .isNotEmpty()
                    .allMatch(types::contains);
        }
    }

    @Test
    void everyAlertIsOneThatPrometheusKnowsAndNoneIsRaisedByANodeThatIsWell() throws IOException {
        JsonNode rules = JSON.readTree(get("/api/v1/rules"))
                .path("data")
                .path("groups")
                .path(0)
                .path("rules");
        assertThat(rules.size()).isEqualTo(alerts().size());
        for (JsonNode rule : rules) {
            assertThat(rule.path("lastError").asString(""))
                    .as(rule.path("name").asString(""))
                    .isEmpty();
        }
        assertThat(query("ALERTS{alertstate=\"firing\"}")
                        .path("data")
                        .path("result")
                        .isEmpty())
                .as(query("ALERTS").toString())
                .isTrue();
    }

    private static String get(String path) throws IOException {
        try (var stream = URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> alerts() throws IOException {
        return Pattern.compile("- alert: (\\w+)")
                .matcher(Files.readString(FILES.resolve("alerts.yml")))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void everyAlertIsRaisedWhenItShouldBe() throws IOException {
        assertThat(run(
                        "promtool",
                        "test",
                        "rules",
                        FILES.resolve("alerts-test.yml").toString()))
                .contains("SUCCESS")
                .doesNotContain("FAILED");
        String cases = Files.readString(FILES.resolve("alerts-test.yml"));
        assertThat(alerts()).isNotEmpty().allMatch(alert -> cases.contains("{alertname=\"" + alert + "\"}"));
    }
}
