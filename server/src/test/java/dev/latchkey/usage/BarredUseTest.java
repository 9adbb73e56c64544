package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.gate.Billing.ApiKey;
import dev.latchkey.oauth.ProgramKey;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A program that proves which token it has and is refused nevertheless is counted for its token; any other is not. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class BarredUseTest {
    private static final String EXCHANGE = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token&subject_token=";

    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        // Within an hour: usage up to now does not include an hour that begins now.
        clock.advance(Duration.ofMinutes(30));
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer gate(String field, String value) {
        return server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices")
                .header(field, value)
                .build());
    }

    private static void assertRefused(Answer answer, int status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    }

    /** What was refused, as "api endpoint outcome" with its number. */
    private Map<String, Long> refusals(String clientId) {
        Answer answer = server.admin().get("/tokens/" + clientId + "/usage");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        Map<String, Long> found = new TreeMap<>();
        for (JsonNode group : answer.json().get("groups")) {
            group.get("refusals")
                    .properties()
                    .forEach(refusal -> found.put(
                            (group.path("api").asString("") + " "
                                            + group.path("endpoint").asString("") + " " + refusal.getKey())
                                    .strip(),
                            refusal.getValue().asLong()));
        }
        return found;
    }

    private void awaitRefusals(String clientId, Map<String, Long> expected) {
        Waiting.until("the refusals " + expected, () -> refusals(clientId).equals(expected));
    }

    @Test
    void aRevokedTokenIsCountedAtEveryDoorAndIsNotUsedByThat() {
        Credentials program = billing.reader;
        String forBilling = billing.accessToken(program);
        String own = server.accessToken(program);
        String before = lastAccess(program);
        billing.admin.post("/tokens/" + program.clientId() + "/revoke", "{}");

        assertRefused(gate("Authorization", "Bearer " + forBilling), 401);
        Answer verified = billing.admin.post("/verify", """
                {"credential": "%s", "api": "billing", "method": "GET", "path": "/v1/invoices", "address": "192.0.2.7"}""".formatted(forBilling));
        assertThat(verified.json().get("allowed").asBoolean()).isFalse();
        for (String path : new String[] {"/tokens", "/verify/batch"}) {
            assertRefused(
                    server.send(server.request("/api/v1" + path)
                            .header("Authorization", "Bearer " + own)
                            .method(path.equals("/tokens") ? "GET" : "POST", HttpRequest.BodyPublishers.noBody())
                            .build()),
                    401);
        }
        assertRefused(
                server.send(server.request("/access/v1/evaluation")
                        .header("Authorization", "Bearer " + own)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{}"))
                        .build()),
                401);
        assertRefused(server.requestAccessToken(program, ""), 401);
        assertRefused(
                server.postForm("/oauth/v2/token", EXCHANGE + forBilling, "Authorization", "Bearer " + forBilling),
                400);
        assertRefused(
                server.postForm("/oauth/v2/introspect", "token=x", "Authorization", "Basic " + program.basic()), 401);
        Answer introspected = server.postForm(
                "/oauth/v2/introspect",
                "token=" + forBilling,
                "Authorization",
                "Basic " + billing.ownCredential().basic());
        assertThat(introspected.json().get("active").asBoolean()).isFalse();

        awaitRefusals(
                program.clientId(),
                Map.of(
                        "billing GET /invoices revoked", 2L,
                        "billing  revoked", 1L,
                        "latchkey GET /tokens revoked", 1L,
                        "latchkey POST /verify/batch revoked", 1L,
                        "latchkey POST /access/v1/evaluation revoked", 1L,
                        "latchkey POST /oauth/v2/token revoked", 2L,
                        "latchkey POST /oauth/v2/introspect revoked", 1L));
        assertThat(lastAccess(program)).isEqualTo(before);
    }

    private String lastAccess(Credentials program) {
        return server.admin()
                .get("/tokens/" + program.clientId())
                .json()
                .path("lastAccessAt")
                .asString("");
    }

    @Test
    void aCallerThatProvesNothingWritesNothing() {
        ApiKey key = billing.apiKey("invoice_reader", "");
        billing.takeKeys("{\"bearer\": true, \"header\": \"X-API-Key\", \"basic\": false}");
        String accessToken = billing.accessToken(billing.reader);
        billing.admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        billing.admin.post("/tokens/" + key.clientId() + "/revoke", "{}");

        String altered = accessToken.substring(0, accessToken.length() - 6) + "AAAAAA";
        String unsigned = accessToken.substring(0, accessToken.lastIndexOf('.') + 1);
        String guessed = key.text().substring(0, key.text().length() - 6) + "AAAAAA";
        for (String wrong : new String[] {altered, unsigned, guessed}) {
            assertRefused(gate("Authorization", "Bearer " + wrong), 401);
        }
        assertRefused(gate("X-API-Key", guessed), 401);
        assertRefused(server.requestAccessToken(new Credentials(billing.reader.clientId(), "lks_wrong"), ""), 401);
        assertRefused(
                server.postForm(
                        "/oauth/v2/token", "grant_type=client_credentials&client_id=" + billing.reader.clientId()),
                401);
        // What is counted after these is written after them.
        gate("X-API-Key", key.text());
        awaitRefusals(key.clientId(), Map.of("billing GET /invoices revoked", 1L));
        assertThat(refusals(billing.reader.clientId())).isEmpty();
    }

    @Test
    void aKeyIsCountedWithTheReasonForWhichItDoesNotWork() {
        billing.takeKeys("{\"bearer\": true, \"header\": \"X-API-Key\", \"basic\": false}");
        ApiKey elsewhere = billing.apiKey("invoice_reader", ", \"allowedAddresses\": [\"192.0.2.0/24\"]");
        Instant tomorrow = clock.instant().plus(Duration.ofDays(1));
        ApiKey early = billing.apiKey("invoice_reader", ", \"notBefore\": \"" + tomorrow + "\"");
        assertRefused(gate("X-API-Key", elsewhere.text()), 401);
        assertRefused(gate("Authorization", "Bearer " + early.text()), 401);
        awaitRefusals(elsewhere.clientId(), Map.of("billing GET /invoices wrong_address", 1L));
        awaitRefusals(early.clientId(), Map.of("billing GET /invoices not_yet_valid", 1L));
    }

    @Test
    void whatHasExpiredAndWhatIsForAnotherApiIsToldApart() {
        Credentials shortLived = created("\"expiresAt\": \"" + clock.instant().plus(Duration.ofMinutes(2)) + "\"");
        String ofShortLived = billing.accessToken(shortLived);
        String ofReader = billing.accessToken(billing.reader);
        assertRefused(gate("Authorization", "Bearer " + server.accessToken(billing.reader)), 401);
        clock.advance(Duration.ofMinutes(3));
        assertRefused(gate("Authorization", "Bearer " + ofShortLived), 401);
        assertRefused(server.requestAccessToken(shortLived, ""), 401);
        clock.advance(Duration.ofMinutes(10));
        assertRefused(gate("Authorization", "Bearer " + ofReader), 401);
        awaitRefusals(
                shortLived.clientId(),
                Map.of("billing GET /invoices expired", 1L, "latchkey POST /oauth/v2/token expired", 1L));
        awaitRefusals(
                billing.reader.clientId(),
                Map.of("billing GET /invoices access_token_ended", 1L, "billing GET /invoices wrong_api", 1L));
    }

    private Credentials created(String more) {
        JsonNode created = billing.admin
                .post("/tokens", "{\"description\": \"Job\", \"role\": \"invoice_reader\", " + more + "}")
                .created()
                .json();
        return new Credentials(
                created.get("clientId").asString(), created.get("clientSecret").asString());
    }

    @Test
    void aProgramThatDoesNotProveItsKeyIsCounted() {
        Credentials bound = created("\"senderConstraint\": \"dpop\"");
        assertRefused(server.requestAccessToken(bound, ""), 400);
        String proof = ProgramKey.make()
                .proof("POST", server.url() + "/oauth/v2/token")
                .signed();
        Answer nonce = server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials",
                "Authorization",
                "Basic " + bound.basic(),
                "DPoP",
                proof);
        assertThat(nonce.json().get("error").asString()).isEqualTo("use_dpop_nonce");
        awaitRefusals(bound.clientId(), Map.of("latchkey POST /oauth/v2/token key_not_proved", 1L));
    }

    @Test
    void theTokensPageNamesTheReasons() {
        String accessToken = billing.accessToken(billing.reader);
        billing.admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        gate("Authorization", "Bearer " + accessToken);
        awaitRefusals(billing.reader.clientId(), Map.of("billing GET /invoices revoked", 1L));
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(browser.get("/tokens/" + billing.reader.clientId()).body()).contains("1 revoked");
    }
}
