package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What monitoring reads, and what it must never contain. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class MetricsTest {
    /** What a caller could send, and what people may write; each must stay out of the metrics. */
    private static final String ODD = "odd7f3a";

    /** A row of the table: name, type, labels. */
    private static final Pattern ROW = Pattern.compile("\\| `(latchkey_\\w+)` \\| (\\w+) \\| ([^|]*)\\|.*");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    @Parameter
    TestEngine engine;

    private static RunningServer server;
    private static Billing billing;
    private static Api admin;

    @BeforeParameterizedClassInvocation
    static void start(TestEngine engine) {
        server = RunningServer.start(engine, Map.of("metrics-port", "0"));
        billing = new Billing(server);
        admin = billing.admin;
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    private static Exposition metrics() {
        return Exposition.of(server);
    }

    private static Answer gate(String accessToken, String host, String method, String target) {
        return server.send(server.request("/gate/v1/nginx")
                .header("Authorization", "Bearer " + accessToken)
                .header("X-Original-Host", host)
                .header("X-Original-Method", method)
                .header("X-Original-URI", target)
                .build());
    }

    private static Answer read(Credentials credentials) {
        return server.send(server.request("/metrics")
                .header("Authorization", "Bearer " + server.accessToken(credentials))
                .build());
    }

    @Test
    void theyAreForTokensWithThePrivilegeAndForEveryoneAtTheirOwnPort() {
        admin.createRole("monitor", "metrics:read");
        admin.createRole("asks", "decisions:ask");
        Answer allowed = read(admin.createToken("Prometheus", "monitor"));
        assertThat(allowed.status()).isEqualTo(200);
        assertThat(allowed.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(allowed.body()).contains("latchkey_build_info{", "jvm_memory_used_bytes{");
        Answer forbidden = read(admin.createToken("Asks", "asks"));
        assertThat(forbidden.status()).isEqualTo(403);
        assertThat(forbidden.body()).contains("metrics:read").doesNotContain("latchkey_build_info");
        assertThat(server.get("/metrics").status()).isEqualTo(401);

        assertThat(metrics()
                        .sum("latchkey_build_info", "database", engine.name().toLowerCase(Locale.ROOT)))
                .isEqualTo(1);
        for (String other : List.of("/", "/api/v1/tokens", "/oauth/v2/token", "/sign-in")) {
            Answer answer =
                    server.send(HttpRequest.newBuilder(URI.create("http://localhost:" + server.metricsPort() + other))
                            .build());
            assertThat(answer.status()).as(other).isEqualTo(404);
        }
    }

    @Test
    void requestsAreCountedByRouteAndOutcome() {
        String count = "latchkey_http_requests_seconds_count";
        String[] found = {"method", "GET", "route", "/api/v1/tokens/{clientId}", "outcome", "success"};
        String[] missing = {"method", "GET", "route", "/api/v1/tokens/{clientId}", "outcome", "refused"};
        Exposition before = metrics();
        assertThat(admin.get("/tokens/" + billing.reader.clientId()).status()).isEqualTo(200);
        assertThat(admin.get("/tokens/none").status()).isEqualTo(404);
        assertThat(admin.get("/tokens/neither").status()).isEqualTo(404);
        Exposition after = metrics();
        assertThat(after.sum(count, found) - before.sum(count, found)).isEqualTo(1);
        assertThat(after.sum(count, missing) - before.sum(count, missing)).isEqualTo(2);
        assertThat(after.sum("latchkey_http_requests_seconds_sum", found)).isPositive();
        assertThat(after.sum("latchkey_lane_work_seconds_count", "lane", "requests"))
                .isGreaterThan(before.sum("latchkey_lane_work_seconds_count", "lane", "requests"));
    }

    @Test
    void tokenRequestsAreCountedByGrantMethodAndOutcome() {
        String count = "latchkey_token_requests_seconds_count";
        String[] issued = {"grant", "client_credentials", "method", "client_secret_basic", "outcome", "issued"};
        String[] wrong = {"grant", "client_credentials", "method", "client_secret_post", "outcome", "invalid_client"};
        String[] unknown = {"grant", "other", "method", "none", "outcome", "invalid_client"};
        Exposition before = metrics();
        server.accessToken(billing.reader);
        server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials&client_id=" + billing.reader.clientId() + "&client_secret=wrong");
        server.postForm("/oauth/v2/token", "grant_type=" + ODD);
        Exposition after = metrics();
        for (String[] labels : List.of(issued, wrong, unknown)) {
            assertThat(after.sum(count, labels) - before.sum(count, labels))
                    .as(String.join(" ", labels))
                    .isEqualTo(1);
        }
    }

    @Test
    void decisionsAreCountedByApiAskerAndOutcome() {
        String accessToken = server.requestAccessToken(billing.reader, "&resource=" + Billing.AUDIENCE)
                .json()
                .get("access_token")
                .asString();
        admin.createRole("decisions", "decisions:ask");
        Exposition before = metrics();
        gate(accessToken, "billing.example", "GET", "/v1/invoices");
        gate(accessToken, "billing.example", "POST", "/v1/invoices");
        gate("wrong", "billing.example", "GET", "/v1/invoices");
        gate(accessToken, "billing.example", "GET", "/v1/none");
        gate(accessToken, "billing.example", "GET", "/v1/invoices/..%2fx");
        gate(accessToken, ODD + ".example", "GET", "/v1/invoices");
        Api asker = server.api(admin.createToken("Asks", "decisions"));
        asker.post(
                "/verify",
                "{\"api\":\"billing\",\"method\":\"GET\",\"path\":\"/v1/invoices\",\"credential\":\"" + accessToken
                        + "\"}");
        Exposition after = metrics();
        Map<List<String>, Double> more = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        after.samples()
                .filter(sample -> sample.name().equals("latchkey_decisions_total"))
                .forEach(sample -> {
                    List<String> key = List.of(
                            sample.labels().get("api"),
                            sample.labels().get("asker"),
                            sample.labels().get("outcome"));
                    double difference = sample.value()
                            - before.sum(sample.name(), "api", key.get(0), "asker", key.get(1), "outcome", key.get(2));
                    if (difference != 0) {
                        more.put(key, difference);
                    }
                });
        assertThat(more)
                .containsOnlyKeys(
                        List.of("billing", "gateway", "allowed"),
                        List.of("billing", "gateway", "missing_privilege"),
                        List.of("billing", "gateway", "unauthenticated"),
                        List.of("billing", "gateway", "no_endpoint"),
                        List.of("billing", "gateway", "doubtful_request"),
                        List.of("(none)", "gateway", "no_api"),
                        List.of("billing", "verify", "allowed"));
        assertThat(more.values()).containsOnly(1.0);
    }

    @Test
    void theStateOfTheNodeShows() {
        Exposition before = metrics();
        assertThat(before.sum("latchkey_log_current")).isEqualTo(1);
        assertThat(before.sum("latchkey_database_available")).isEqualTo(1);
        assertThat(before.sum("latchkey_witness_present")).isEqualTo(1);
        assertThat(before.sum("latchkey_disk_short")).isZero();
        assertThat(before.sum("latchkey_signing_keys", "state", "signing")).isEqualTo(1);
        assertThat(before.sum("latchkey_signing_key_rotation_seconds")).isPositive();
        assertThat(before.sum("latchkey_log_age_seconds")).isBetween(0.0, 60.0);
        admin.createToken("One more", "public");
        Exposition after = metrics();
        assertThat(after.sum("latchkey_log_sequence")).isGreaterThan(before.sum("latchkey_log_sequence"));
        assertThat(after.sum("latchkey_witness_sequence")).isEqualTo(after.sum("latchkey_log_sequence"));
        assertThat(after.sum("latchkey_log_followers_behind")).isZero();
        assertThat(after.sum("latchkey_database_connections", "pool", "changes"))
                .isPositive();
        assertThat(after.sum("latchkey_http_connections", "port", "main")).isPositive();
    }

    @Test
    void cachesSayHowOftenTheyHadWhatWasWanted() {
        Credentials program = admin.createToken("Cached", "invoice_reader");
        Exposition before = metrics();
        String accessToken = server.accessToken(program);
        server.api(program).get("/me");
        for (int i = 0; i < 3; i++) {
            server.send(server.request("/api/v1/me")
                    .header("Authorization", "Bearer " + accessToken)
                    .build());
        }
        Exposition after = metrics();
        for (String cache : List.of("credentials", "access tokens")) {
            assertThat(after.sum("latchkey_cache_misses_total", "cache", cache)
                            - before.sum("latchkey_cache_misses_total", "cache", cache))
                    .as(cache)
                    .isPositive();
            assertThat(after.sum("latchkey_cache_hits_total", "cache", cache)
                            - before.sum("latchkey_cache_hits_total", "cache", cache))
                    .as(cache)
                    .isGreaterThanOrEqualTo(2);
            assertThat(after.sum("latchkey_cache_entries", "cache", cache)).isPositive();
        }
    }

    @Test
    void callersWhoKeepFailingShow() {
        Credentials program = admin.createToken("Fails", "public");
        Exposition before = metrics();
        for (int i = 0; i < 12; i++) {
            server.requestAccessToken(new Credentials(program.clientId(), "wrong"), "");
        }
        Exposition after = metrics();
        String[] labels = {"throttle", "wrong proofs, token"};
        assertThat(after.sum("latchkey_throttle_delays_total", labels)
                        - before.sum("latchkey_throttle_delays_total", labels))
                .isPositive();
        assertThat(after.sum("latchkey_throttle_callers", labels)).isPositive();
        assertThat(after.sum("latchkey_token_requests_seconds_count", "outcome", "slow_down"))
                .isPositive();
    }

    @Test
    void tokensAreCountedOnceAMinute() {
        admin.post(
                        "/tokens",
                        "{\"description\":\"Ends soon\",\"role\":\"public\",\"expiresAt\":\""
                                + Instant.now().plus(3, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS) + "\"}")
                .created();
        server.parts().census.count();
        Exposition after = metrics();
        assertThat(after.sum("latchkey_tokens", "state", "active")).isGreaterThanOrEqualTo(4);
        assertThat(after.sum("latchkey_tokens_expiring_soon")).isGreaterThanOrEqualTo(1);
        assertThat(after.sum("latchkey_lost_changes_open")).isZero();
    }

    /** Odd paths, methods, hosts, names and credentials. */
    private static void beOdd() throws IOException {
        for (String path :
                List.of("/" + ODD, "/api/v1/tokens/" + ODD, "/gate/v1/" + ODD, "/%00" + ODD, "/metrics/" + ODD)) {
            server.get(path);
        }
        server.send(server.request("/api/v1/tokens")
                .method(ODD.toUpperCase(Locale.ROOT), HttpRequest.BodyPublishers.noBody())
                .build());
        server.requestAccessToken(new Credentials(ODD, ODD), "&scope=" + ODD + "&resource=https://" + ODD);
        server.postForm("/oauth/v2/token", "grant_type=" + ODD + "&client_id=" + ODD + "&client_assertion=" + ODD);
        gate(ODD, ODD + ".example", ODD.toUpperCase(Locale.ROOT), "/" + ODD);
        Credentials odd = admin.createToken(ODD, "invoice_reader");
        String accessToken = server.requestAccessToken(odd, "&resource=" + Billing.AUDIENCE)
                .json()
                .get("access_token")
                .asString();
        gate(accessToken, "billing.example", "GET", "/v1/" + ODD);
        server.browser().post("/sign-in", Map.of("email", ODD + "@example.com", "password", ODD));
        try (var socket = new Socket("localhost", server.port())) {
            socket.getOutputStream()
                    .write((ODD + " /" + ODD + " HTTP/1.1\r\nHost: " + ODD + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }

    @Test
    void noLabelHoldsWhatACallerSentOrAPersonWrote() throws IOException {
        beOdd();
        Exposition after = metrics();
        Set<String> routes = routes();
        Map<String, Set<String>> known = Map.ofEntries(
                Map.entry(
                        "method",
                        Set.of(
                                "GET",
                                "POST",
                                "PUT",
                                "PATCH",
                                "DELETE",
                                "any",
                                "none",
                                "client_secret_basic",
                                "client_secret_post",
                                "private_key_jwt")),
                Map.entry("route", routes),
                Map.entry(
                        "outcome",
                        Set.of(
                                "success",
                                "redirect",
                                "refused",
                                "unavailable",
                                "failed",
                                "issued",
                                "invalid_request",
                                "invalid_client",
                                "invalid_grant",
                                "invalid_scope",
                                "invalid_target",
                                "unsupported_grant_type",
                                "slow_down",
                                "allowed",
                                "unauthenticated",
                                "missing_privilege",
                                "no_endpoint",
                                "doubtful_request",
                                "limited",
                                "no_api")),
                Map.entry(
                        "grant",
                        Set.of(
                                "client_credentials",
                                "urn:ietf:params:oauth:grant-type:token-exchange",
                                "urn:ietf:params:oauth:grant-type:jwt-bearer",
                                "other")),
                Map.entry("api", Set.of("billing", "(none)", "(other)")),
                Map.entry("asker", Set.of("gateway", "verify", "authzen")),
                Map.entry("port", Set.of("main", "grpc", "metrics")),
                Map.entry("database", Set.of("sqlite", "postgresql")));
        List<String> strange = new ArrayList<>();
        Set<String> labels = new TreeSet<>();
        after.samples()
                .filter(sample -> sample.name().startsWith("latchkey_"))
                .forEach(sample -> sample.labels().forEach((label, value) -> {
                    labels.add(label);
                    if (known.containsKey(label) && !known.get(label).contains(value)) {
                        strange.add(sample.name() + ": " + label + "=" + value);
                    }
                }));
        assertThat(strange).isEmpty();
        // The values of these are words of the source: none of them is chosen while the service runs.
        assertThat(labels)
                .isSubsetOf(union(
                        known.keySet(), Set.of("le", "lane", "cache", "what", "throttle", "pool", "state", "version")));
        assertThat(after.samples().flatMap(sample -> sample.labels().values().stream()))
                .noneMatch(value -> value.toLowerCase(Locale.ROOT).contains(ODD))
                .noneMatch(value -> value.contains(billing.reader.clientId()))
                .noneMatch(value -> value.contains(RunningServer.ADMIN_EMAIL));
    }

    /** The templates of all routes to which the requests of this test lead. */
    private static Set<String> routes() {
        Set<String> routes = new TreeSet<>(
                Set.of("/oauth/v2/token", "/gate/v1/...", "/metrics", "/sign-in", "/api/openapi.json", "other"));
        server.get("/api/openapi.json")
                .json()
                .get("paths")
                .propertyNames()
                .forEach(path -> routes.add("/api/v1" + path));
        return routes;
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    @Test
    void theDocumentListsEveryMetricWithItsTypeAndLabels() throws IOException {
        // Those that exist only once something has happened:
        server.accessToken(billing.reader);
        gate("none", ODD, "GET", "/");
        Exposition exported = metrics();
        Map<String, String> found = new TreeMap<>();
        exported.types().forEach((name, type) -> {
            if (name.startsWith("latchkey_")) {
                found.put(name, type + " " + exported.labelsOf(name));
            }
        });
        Map<String, String> documented = new TreeMap<>();
        Files.readAllLines(Path.of("../docs/observe.md")).stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .forEach(row -> documented.put(
                        row.group(1),
                        row.group(2) + " "
                                + CODE.matcher(row.group(3))
                                        .results()
                                        .map(label -> label.group(1))
                                        .collect(Collectors.toCollection(TreeSet::new))));
        assertThat(found).isEqualTo(documented);
    }

    @Test
    void nothingIsMeasuredWhereThatIsSwitchedOff() {
        try (RunningServer without = RunningServer.start(engine, Map.of("metrics", "off"))) {
            assertThat(without.send(without.request("/metrics")
                                    .header("Authorization", "Bearer " + without.accessToken(without.bootstrap()))
                                    .build())
                            .status())
                    .isEqualTo(404);
        }
        assertThatThrownBy(() -> Settings.read(
                        Map.of(Setting.METRICS, "off", Setting.METRICS_PORT, "9464"), Map.of(), Optional.empty()))
                .hasMessageContaining("needs LATCHKEY_METRICS=on");
    }
}
