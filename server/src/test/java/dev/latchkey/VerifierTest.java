package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.verifier.Answer;
import dev.latchkey.verifier.AssertionVerifier;
import dev.latchkey.verifier.Call;
import dev.latchkey.verifier.Client;
import dev.latchkey.verifier.Decision;
import dev.latchkey.verifier.Decision.Allowed;
import dev.latchkey.verifier.Decision.Forbidden;
import dev.latchkey.verifier.Decision.Unauthenticated;
import dev.latchkey.verifier.LatchkeyException;
import dev.latchkey.verifier.Verifier;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The library for APIs against the service itself: it decides as the gate does. */
class VerifierTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static RunningServer server;
    private static Billing billing;
    private static Credentials forPolicies;
    private static Verifier verifier;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.admin.createRole("verifiers", "apis:read");
        forPolicies = billing.admin.createToken("Verifier of billing", "verifiers");
        verifier = verifier(forPolicies);
    }

    @AfterAll
    static void stop() {
        verifier.close();
        server.close();
    }

    private static Verifier verifier(Credentials credentials) {
        return Verifier.of(server.url(), "billing")
                .credentials(credentials.clientId(), credentials.clientSecret())
                .refreshInterval(Duration.ofSeconds(1))
                .start();
    }

    private static String bearer(Credentials credentials) {
        return "Bearer " + billing.accessToken(credentials);
    }

    private static RunningServer.Answer gate(String authorization, String method, String target, List<String> others) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        others.forEach(other -> request.header("X-HTTP-Method-Override", other));
        return server.send(request.build());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/invoices, ",
        "HEAD, /v1/invoices?x=/../, ",
        "POST, /v1/invoices, ",
        "GET, /v1/invoices/42, ",
        "GET, /v1/invoices/admin, ",
        "DELETE, /v1/invoices/42, ",
        "DELETE, /v1/invoices/42, DELETE",
        "GET, /v1/invoices/42, DELETE",
        "GET, /v1/invoices/42?_method=DELETE, ",
        "GET, /v1/invoices/42?%5Fmethod=get, ",
        "GET, /v1/files/a/b/c, ",
        "GET, /v1/files/, ",
        "GET, /v1/me, ",
        "GET, /v1/status, ",
        "GET, /v1/status, PUT",
        "GET, /v1/status/, ",
        "GET, /v1/Status, ",
        "GET, /v1/INVOICES/admin, ",
        "GET, /v1/invoices/%61dmin, ",
        "GET, /v1//invoices, ",
        "GET, /v1/invoices/../status, ",
        "GET, /v1/invoices;x=1, ",
        "GET, /v1/nothing, ",
        "GET, /, ",
        "get, /v1/status, ",
        "OPTIONS, /v1/status, "
    })
    void itDecidesAsTheGateDoes(String method, String target, String other) {
        List<String> others = other == null ? List.of() : List.of(other);
        String forLatchkey = "Bearer " + server.accessToken(billing.clerk);
        for (String authorization : new String[] {
            bearer(billing.reader),
            bearer(billing.clerk),
            bearer(forPolicies),
            forLatchkey,
            "Bearer x.y.z",
            "Basic eDp5",
            null
        }) {
            RunningServer.Answer atGate = gate(authorization, method, target, others);
            assertAgree(verifier, verifier.decide(new Call(method, target, authorization, others)), atGate);
        }
    }

    private static void assertAgree(Verifier decided, Decision decision, RunningServer.Answer atGate) {
        if (decision instanceof Allowed allowed) {
            assertThat(atGate.status()).isEqualTo(200);
            assertThat(allowed.endpoint().toString()).isEqualTo(atGate.header("Latchkey-Endpoint"));
            Client client = allowed.client();
            assertThat(client == null ? "" : client.clientId()).isEqualTo(atGate.header("Latchkey-Client-Id"));
            assertThat(client == null ? "" : client.account()).isEqualTo(atGate.header("Latchkey-Account"));
            assertThat(client == null ? Set.of() : client.roles())
                    .isEqualTo(client == null ? Set.of() : Set.of(atGate.header("Latchkey-Role")));
        } else {
            Answer answer = decided.answer((Decision.Refused) decision);
            JsonNode problem = JSON.readTree(answer.body());
            assertThat(answer.status()).isEqualTo(atGate.status());
            for (String member :
                    List.of("title", "status", "code", "detail", "api", "endpoint", "privilege", "privileges")) {
                assertThat(problem.get(member))
                        .as(member)
                        .isEqualTo(atGate.json().get(member));
            }
        }
    }

    @Test
    void itTakesApiKeysAsTheGateDoesAndNoticesARevocation() {
        try (RunningServer other = RunningServer.start(TestEngine.SQLITE)) {
            Billing there = new Billing(other);
            there.admin.send(
                    "PATCH",
                    "/apis/billing",
                    "{\"apiKeys\": {\"bearer\": true, \"header\": \"X-API-Key\", \"query\": \"key\"}}");
            there.admin.createRole("verifiers", "apis:read", "decisions:ask");
            JsonNode own = there.admin
                    .post(
                            "/tokens",
                            "{\"description\":\"Billing itself\",\"role\":\"verifiers\",\"actsFor\":\"billing\"}")
                    .created()
                    .json();
            Billing.ApiKey key = there.apiKey("invoice_reader", "");
            try (Verifier embedded = Verifier.of(other.url(), "billing")
                    .credentials(
                            own.get("clientId").asString(),
                            own.get("clientSecret").asString())
                    .start()) {
                for (String target : List.of(
                        "/v1/invoices", "/v1/invoices/admin", "/v1/me", "/v1/status", "/v1/nothing", "/v1//me")) {
                    for (List<String> fields : List.of(
                            List.<String>of(),
                            List.of("X-API-Key", key.text()),
                            List.of("X-API-Key", key.text() + "x"),
                            List.of("X-API-Key", "lkk_nothing"),
                            List.of("Authorization", "Bearer " + key.text()),
                            List.of("Authorization", "Basic eDp5"),
                            List.of("X-API-Key", key.text(), "Authorization", "Bearer x"))) {
                        HttpRequest.Builder question = other.request("/gate/v1/haproxy/billing")
                                .header("X-Original-Method", "GET")
                                .header("X-Original-URI", target);
                        for (int i = 0; i < fields.size(); i += 2) {
                            question.header(fields.get(i), fields.get(i + 1));
                        }
                        assertAgree(embedded, embedded.decide(keyCall(target, fields)), other.send(question.build()));
                    }
                    assertAgree(
                            embedded,
                            embedded.decide(keyCall(target + "?key=" + key.text(), List.of())),
                            other.send(other.request("/gate/v1/haproxy/billing")
                                    .header("X-Original-Method", "GET")
                                    .header("X-Original-URI", target + "?key=" + key.text())
                                    .build()));
                }
                there.admin.post("/tokens/" + key.clientId() + "/revoke", "{}");
                Waiting.until(
                        "the revocation",
                        () -> embedded.decide(keyCall("/v1/me", List.of("X-API-Key", key.text())))
                                instanceof Unauthenticated);
            }
        }
    }

    private static Call keyCall(String target, List<String> fields) {
        return Call.of("GET", target, name -> {
            int at = fields.indexOf(name);
            return at < 0 ? List.of() : List.of(fields.get(at + 1));
        });
    }

    @Test
    void anApiBehindAGatewayChecksThatACallCameThroughIt() {
        assertThat(billing.admin
                        .send("PATCH", "/apis/billing", "{\"assertion\": true}")
                        .status())
                .isEqualTo(200);
        try (AssertionVerifier assertions =
                AssertionVerifier.of(server.url(), Billing.AUDIENCE).start()) {
            for (String target : List.of("/v1/invoices/42?x=y", "/v1/files/" + "a".repeat(600))) {
                String assertion =
                        gate(bearer(billing.clerk), "GET", target, List.of()).header("Latchkey-Assertion");
                assertThat(assertions.check(assertion, "GET", target))
                        .isInstanceOfSatisfying(AssertionVerifier.Result.Genuine.class, genuine -> {
                            assertThat(genuine.client().clientId()).isEqualTo(billing.clerk.clientId());
                            assertThat(genuine.client().roles()).containsExactly("invoice_clerk");
                            assertThat(genuine.client().scopes())
                                    .containsExactlyInAnyOrder("files:read", "invoices:read", "invoices:write");
                            assertThat(genuine.credential()).isEqualTo("access_token");
                        });
                assertThat(assertions.check(assertion, "DELETE", target))
                        .isInstanceOf(AssertionVerifier.Result.Refused.class);
            }
            assertThat(assertions.check(billing.accessToken(billing.clerk), "GET", "/v1/me"))
                    .isInstanceOf(AssertionVerifier.Result.Refused.class);
        }
    }

    @Test
    void aScopeThatWasAskedForNarrows() {
        String narrowed = "Bearer "
                + server.requestAccessToken(billing.clerk, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read")
                        .json()
                        .get("access_token")
                        .asString();
        assertThat(verifier.decide("GET", "/v1/invoices", narrowed)).isInstanceOf(Allowed.class);
        assertThat(verifier.decide("DELETE", "/v1/invoices/42", narrowed)).isInstanceOf(Forbidden.class);
        assertThat(gate(narrowed, "DELETE", "/v1/invoices/42", List.of()).status())
                .isEqualTo(403);
    }

    @Test
    void aRoleChangeCountsAfterTheRefreshInterval() throws Exception {
        billing.admin.createRole("temps");
        String temp = bearer(billing.admin.createToken("Temp", "temps"));
        Waiting.until("the change", () -> verifier.decide("GET", "/v1/me", temp) instanceof Allowed);
        assertThat(verifier.decide("GET", "/v1/files/a", temp)).isInstanceOf(Forbidden.class);
        String privilege = "/roles/temps/privileges/billing/files:read";
        assertThat(billing.admin
                        .send("PUT", privilege, "{\"effect\":\"allow\"}")
                        .status())
                .isBetween(200, 204);
        Waiting.until("the change", () -> verifier.decide("GET", "/v1/files/a", temp) instanceof Allowed);
        assertThat(billing.admin.delete(privilege).status()).isBetween(200, 204);
        Waiting.until("the change", () -> verifier.decide("GET", "/v1/files/a", temp) instanceof Forbidden);
    }

    @Test
    void aRevokedTokenIsAcceptedHereUntilItsAccessTokenExpiresAndNotAtTheGate() {
        Credentials leaver = billing.admin.createToken("Leaver", "invoice_reader");
        String accessToken = bearer(leaver);
        billing.admin.post("/tokens/" + leaver.clientId() + "/revoke", "{}");
        assertThat(gate(accessToken, "GET", "/v1/invoices", List.of()).status()).isEqualTo(401);
        assertThat(verifier.decide("GET", "/v1/invoices", accessToken)).isInstanceOf(Allowed.class);
    }

    /** Each key signs at once because the one before it is withdrawn, which ends its access tokens here as well. */
    @Test
    void itKnowsTheSigningKeysOfEveryAlgorithmAndForgetsAWithdrawnOne() throws Exception {
        try (RunningServer other = RunningServer.start(TestEngine.SQLITE)) {
            Billing there = new Billing(other);
            other.admin().createRole("verifiers", "apis:read");
            Credentials credentials = other.admin().createToken("Verifier", "verifiers");
            try (Verifier embedded = Verifier.of(other.url(), "billing")
                    .credentials(credentials.clientId(), credentials.clientSecret())
                    .refreshInterval(Duration.ofSeconds(1))
                    .start()) {
                for (String algorithm : List.of("EdDSA", "RS256", "PS256", "ES256")) {
                    String before = "Bearer " + there.accessToken(there.reader);
                    Waiting.until(
                            "the change", () -> embedded.decide("GET", "/v1/invoices", before) instanceof Allowed);
                    RunningServer.Api admin = other.admin();
                    admin.send("PATCH", "/signing-keys/policy", "{\"algorithm\":\"" + algorithm + "\"}");
                    for (JsonNode key : admin.get("/signing-keys").json().get("items")) {
                        if (key.get("state").asString().equals("signing")) {
                            admin.post("/signing-keys/" + key.get("keyId").asString() + "/withdraw", "");
                        }
                    }
                    Waiting.until(
                            "the change",
                            () -> embedded.decide("GET", "/v1/invoices", before) instanceof Unauthenticated);
                    String after = there.accessToken(there.reader);
                    assertThat(new String(Base64.getUrlDecoder().decode(after.split("\\.")[0]), StandardCharsets.UTF_8))
                            .contains("\"alg\":\"" + algorithm + "\"");
                    Waiting.until(
                            "the change",
                            () -> embedded.decide("GET", "/v1/invoices", "Bearer " + after) instanceof Allowed);
                }
            }
        }
    }

    @Test
    void anAccessTokenForLatchkeyItselfIsNoneForTheApi() {
        assertThat(verifier.decide("GET", "/v1/me", "Bearer " + server.accessToken(billing.clerk)))
                .isInstanceOf(Unauthenticated.class);
    }

    @Test
    void whatIsMissingToStartIsNamed() {
        assertThatThrownBy(() -> verifier(billing.reader))
                .isInstanceOf(LatchkeyException.class)
                .hasMessageContaining("apis:read");
        assertThatThrownBy(() -> verifier(new Credentials(forPolicies.clientId(), "lks_wrong")))
                .isInstanceOf(LatchkeyException.class)
                .hasMessageContaining("secret is wrong");
        assertThatThrownBy(() -> Verifier.of(server.url(), "nothing")
                        .credentials(forPolicies.clientId(), forPolicies.clientSecret())
                        .start())
                .isInstanceOf(LatchkeyException.class)
                .hasMessageContaining("no API named nothing");
    }
}
