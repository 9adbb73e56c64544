package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.oauth.ProgramKey;
import java.net.http.HttpRequest;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** An API without a gateway asks about the credential that a program presented to it. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class VerifyTest {
    @Parameter
    TestEngine engine;

    private static RunningServer server;
    private static Billing billing;
    private static Api asker;

    /** The credential of the API billing, which may ask. */
    private static Credentials own;

    private static Billing.ApiKey key;

    @BeforeParameterizedClassInvocation
    static void start(TestEngine engine) {
        server = RunningServer.start(engine);
        billing = new Billing(server);
        billing.admin.createRole("asker", "decisions:ask");
        asker = server.api(billing.admin.createToken("Asks", "asker"));
        JsonNode created = billing.admin
                .post("/tokens", "{\"description\":\"Billing itself\",\"role\":\"asker\",\"actsFor\":\"billing\"}")
                .created()
                .json();
        own = new Credentials(
                created.get("clientId").asString(), created.get("clientSecret").asString());
        takeKeys("{\"header\": \"X-API-Key\"}");
        key = billing.apiKey("invoice_reader", "");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    private static void takeKeys(String places) {
        Answer changed = billing.admin.send("PATCH", "/apis/billing", "{\"apiKeys\": " + places + "}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static String question(String credential, String api, String method, String path, String more) {
        return "{\"credential\":\"" + credential + "\",\"api\":\"" + api + "\",\"method\":\"" + method
                + "\",\"path\":\"" + path + "\"" + more + "}";
    }

    private static String aboutInvoices(String credential) {
        return question(credential, "billing", "GET", "/v1/invoices", "");
    }

    private static JsonNode asked(String question) {
        Answer answer = asker.post("/verify", question);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static JsonNode asked(String credential, String method, String path) {
        return asked(question(credential, "billing", method, path, ""));
    }

    private static void assertRefused(JsonNode verified, String code, String detail) {
        assertThat(verified.get("allowed").asBoolean()).isFalse();
        assertThat(verified.get("code").asString()).isEqualTo(code);
        assertThat(verified.get("detail").asString()).isEqualTo(detail);
    }

    private static Answer gate(String method, String path, String field, String value) {
        return server.send(server.request("/gate/v1/haproxy/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", path)
                .header(field, value)
                .build());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/invoices",
        "HEAD, /v1/invoices?page=2",
        "GET, /v1/invoices/7",
        "DELETE, /v1/invoices/7",
        "GET, /v1/invoices/admin",
        "GET, /v1/me",
        "GET, /v1/status",
        "GET, /v1/nothing",
        "GET, /v1//invoices",
        "GET, /v1/invoices?_method=DELETE",
        "get, /v1/invoices"
    })
    void theAnswerIsTheDecisionOfTheGate(String method, String path) {
        String accessToken = billing.accessToken(billing.clerk);
        String altered = accessToken.substring(0, accessToken.length() - 4) + "AAAA";
        for (String credential : List.of(key.text(), accessToken, altered, "lkk_nothing", "nonsense")) {
            Answer atGate = credential.startsWith("lkk_")
                    ? gate(method, path, "X-API-Key", credential)
                    : gate(method, path, "Authorization", "Bearer " + credential);
            JsonNode verified = asked(credential, method, path);
            assertThat(verified.get("allowed").asBoolean()).isEqualTo(atGate.status() == 200);
            if (atGate.status() == 200) {
                assertThat(verified.get("endpoint").asString()).isEqualTo(atGate.header("Latchkey-Endpoint"));
                assertThat(verified.path("clientId").asString("")).isEqualTo(atGate.header("Latchkey-Client-Id"));
                assertThat(verified.path("account").asString("")).isEqualTo(atGate.header("Latchkey-Account"));
                assertThat(verified.path("role").asString("")).isEqualTo(atGate.header("Latchkey-Role"));
            } else {
                assertThat(verified.get("code")).isEqualTo(atGate.json().get("code"));
                assertThat(verified.get("detail")).isEqualTo(atGate.json().get("detail"));
            }
        }
    }

    @Test
    void itSaysWhoCallsAndWhatTheyMayDoThere() {
        JsonNode allowed = asked(billing.accessToken(billing.clerk), "GET", "/v1/invoices/7");
        assertThat(allowed.toString())
                .isEqualTo("{\"allowed\":true,\"clientId\":\"" + billing.clerk.clientId() + "\",\"account\":\""
                        + billing.clerk.clientId().substring(0, 6)
                        + "\",\"role\":\"invoice_clerk\",\"description\":\"Büro \\\"1\\\"\",\"privileges\":[\"files:read\","
                        + "\"invoices:read\",\"invoices:write\"],\"endpoint\":\"GET /invoices/{id}\"}");
        JsonNode forbidden = asked(key.text(), "DELETE", "/v1/invoices/7");
        assertRefused(
                forbidden,
                "missing_privilege",
                "DELETE /invoices/{id} needs the privilege invoices:write, which the role invoice_reader does not have.");
        assertThat(forbidden.get("clientId").asString()).isEqualTo(key.clientId());
        assertThat(forbidden.get("privileges").toString()).isEqualTo("[\"invoices:read\"]");
        assertThat(asked("nonsense", "GET", "/v1/invoices").has("clientId")).isFalse();
    }

    @Test
    void aScopeThatWasRequestedLimitsThePrivileges() {
        String limited = server.requestAccessToken(
                        billing.clerk, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read")
                .json()
                .get("access_token")
                .asString();
        JsonNode allowed = asked(limited, "GET", "/v1/invoices");
        assertThat(allowed.get("privileges").toString()).isEqualTo("[\"invoices:read\"]");
        assertThat(asked(limited, "DELETE", "/v1/invoices/7").get("code").asString())
                .isEqualTo("missing_privilege");
    }

    @Test
    void aKeyIsRefusedWhereTheApiTakesNone() {
        takeKeys("null");
        try {
            assertRefused(
                    asked(key.text(), "GET", "/v1/invoices"), "invalid_token", "This API does not take API keys.");
        } finally {
            takeKeys("{\"header\": \"X-API-Key\"}");
        }
        assertThat(asked(key.text(), "GET", "/v1/invoices").get("allowed").asBoolean())
                .isTrue();
    }

    @Test
    void anAccessTokenThatIsBoundToAKeyIsRefused() {
        ProgramKey proofs = ProgramKey.make();
        String tokenEndpoint = server.url() + "/oauth/v2/token";
        String nonce = bound(proofs.proof("POST", tokenEndpoint)).header("DPoP-Nonce");
        String accessToken = bound(proofs.proof("POST", tokenEndpoint).claim("nonce", nonce))
                .json()
                .get("access_token")
                .asString();
        assertRefused(
                asked(accessToken, "GET", "/v1/invoices"),
                "invalid_token",
                "The access token is bound to a key, and its proof cannot be checked here.");
    }

    private static Answer bound(ProgramKey.Draft proof) {
        return server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials&resource=" + Billing.AUDIENCE + "&client_id=" + billing.clerk.clientId()
                        + "&client_secret=" + billing.clerk.clientSecret(),
                "DPoP",
                proof.signed());
    }

    @Test
    void aRevocationTakesEffectWithTheNextQuestion() {
        Billing.ApiKey ends = billing.apiKey("invoice_reader", "");
        assertThat(asked(ends.text(), "GET", "/v1/invoices").get("allowed").asBoolean())
                .isTrue();
        assertThat(billing.admin
                        .post("/tokens/" + ends.clientId() + "/revoke", "{}")
                        .status())
                .isEqualTo(200);
        assertRefused(
                asked(ends.text(), "GET", "/v1/invoices"), "invalid_token", "The API key was revoked or has expired.");
    }

    @Test
    void aTokenThatMayBeUsedOnlyFromSomeAddressesNeedsTheProgramsOwn() {
        Billing.ApiKey there =
                billing.apiKey("invoice_reader", ", \"allowedAddresses\": [\"192.0.2.0/24\", \"127.0.0.0/8\"]");
        assertRefused(
                asked(there.text(), "GET", "/v1/invoices"),
                "invalid_token",
                "The API key may be used only from some addresses. Send the caller's address.");
        assertRefused(
                asked(question(there.text(), "billing", "GET", "/v1/invoices", ",\"address\":\"198.51.100.1\"")),
                "invalid_token",
                "The API key may not be used from this address.");
        assertThat(asked(question(there.text(), "billing", "GET", "/v1/invoices", ",\"address\":\"192.0.2.7\""))
                        .get("allowed")
                        .asBoolean())
                .isTrue();

        Credentials program = billing.admin.createToken("Limited", "invoice_reader");
        String accessToken = billing.accessToken(program);
        billing.admin.send("PATCH", "/tokens/" + program.clientId(), "{\"allowedAddresses\": [\"192.0.2.0/24\"]}");
        assertRefused(
                asked(accessToken, "GET", "/v1/invoices"),
                "invalid_token",
                "The API token may be used only from some addresses. Send the caller's address.");
    }

    @Test
    void anAllowedCallIsAUseOfTheProgramsTokenAndNoOther() {
        Billing.ApiKey used = billing.apiKey("invoice_reader", "");
        asked(used.text(), "DELETE", "/v1/invoices/7");
        assertThat(shown(used).has("lastAccessAt")).as("a refused call").isFalse();

        asked(question(used.text(), "billing", "GET", "/v1/invoices", ",\"address\":\"192.0.2.9\""));
        assertThat(shown(used).get("lastAccessUserAgent").asString()).isEqualTo("verified by Asks");
        assertThat(shown(used).get("lastAccessAddress").asString()).isEqualTo("192.0.2.9");
        assertThat(billing.admin
                        .get("/tokens/" + used.clientId() + "/secrets")
                        .json()
                        .at("/items/0")
                        .has("lastUsedAt"))
                .isTrue();

        asked(used.text(), "GET", "/v1/status");
        assertThat(shown(used).get("lastAccessAddress").asString())
                .as("the asker's own, when it does not say the program's")
                .isEqualTo("127.0.0.1");
    }

    private static JsonNode shown(Billing.ApiKey program) {
        return billing.admin.get("/tokens/" + program.clientId()).json();
    }

    @Test
    void anApiAsksAboutItselfOnly() {
        billing.admin
                .post("/apis", "{\"name\":\"other\",\"audience\":\"https://other.example\"}")
                .created();
        Api itself = server.api(own);
        assertThat(itself.post("/verify", aboutInvoices(key.text()))
                        .json()
                        .get("allowed")
                        .asBoolean())
                .isTrue();
        String aboutOther = question(key.text(), "other", "GET", "/", "");
        for (Answer refused : List.of(
                itself.post("/verify", aboutOther),
                itself.post(
                        "/verify/batch", "{\"requests\":[" + aboutInvoices(key.text()) + "," + aboutOther + "]}"))) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("code").asString()).isEqualTo("other_api");
        }
        assertThat(asked(aboutOther).get("code").asString()).isEqualTo("invalid_token");
        assertThat(asked(question(key.text(), "unknown", "GET", "/", ""))
                        .get("code")
                        .asString())
                .isEqualTo("no_api");
    }

    @Test
    void noOneAsksWithoutThePrivilege() {
        Api reader = server.api(billing.reader);
        assertThat(reader.post("/verify", aboutInvoices(key.text())).status()).isEqualTo(403);
        assertThat(server.send(server.request("/api/v1/verify")
                                .header("Content-Type", "application/json")
                                .header("X-API-Key", key.text())
                                .POST(HttpRequest.BodyPublishers.ofString(aboutInvoices(key.text())))
                                .build())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aHundredCallsAreDecidedInOneRequestAndInTheirOrder() {
        List<String> hundred = Collections.nCopies(
                50, aboutInvoices(key.text()) + "," + question(key.text(), "billing", "DELETE", "/v1/invoices/7", ""));
        Answer answer = asker.post("/verify/batch", "{\"requests\":[" + String.join(",", hundred) + "]}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode results = answer.json().get("results");
        assertThat(results).hasSize(100);
        for (int i = 0; i < 100; i++) {
            assertThat(results.get(i).get("allowed").asBoolean()).isEqualTo(i % 2 == 0);
        }
        assertThat(results.get(0)).isEqualTo(asked(aboutInvoices(key.text())));
    }

    @Test
    void aRequestThatIsTooLongOrWrongIsRefusedAsAWhole() {
        assertThat(asker.post("/verify/batch", "{\"requests\":[]}")
                        .json()
                        .get("detail")
                        .asString())
                .isEqualTo("requests: Send 1 to 100 calls.");
        String tooMany = String.join(",", Collections.nCopies(101, aboutInvoices("x")));
        assertThat(asker.post("/verify/batch", "{\"requests\":[" + tooMany + "]}")
                        .status())
                .isEqualTo(422);
        assertThat(asker.post("/verify/batch", "{\"requests\":[" + aboutInvoices("x".repeat(256 * 1024)) + "]}")
                        .status())
                .isEqualTo(413);
        assertThat(asker.post("/verify", aboutInvoices("x".repeat(64 * 1024))).status())
                .isEqualTo(413);
        String wrong = "{\"requests\":[" + aboutInvoices("x") + ","
                + question(" ", "billing", "GET", "/", ",\"address\":\"here\"") + "]}";
        assertThat(asker.post("/verify/batch", wrong).json().get("errors").toString())
                .isEqualTo(
                        "[{\"field\":\"requests[1].credential\",\"message\":\"Send the access token or the API key.\"},"
                                + "{\"field\":\"requests[1].address\",\"message\":\"Send an IP address, such as 192.0.2.7.\"}]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.0/24", "fe80::1%eth0", "billing.example", "10.1", "", " 192.0.2.7"})
    void anAddressIsOneAddressInNumbers(String address) {
        assertThat(asker.post(
                                "/verify",
                                question("x", "billing", "GET", "/v1/invoices", ",\"address\":\"" + address + "\""))
                        .status())
                .isEqualTo(422);
    }

    @Test
    void theCredentialIsNotRepeatedInAnyAnswerAndNotInTheAuditLog() {
        String text = key.text();
        for (String body : List.of(
                aboutInvoices(text),
                question(text, "billing", "GET", "/v1/nothing", ""),
                question(text, "unknown", "GET", "/", ""),
                question(text, "billing", "GET", "/v1/invoices", ",\"address\":\"x\""),
                question(text, "billing", "GET", "/v1/invoices", ",\"unknown\":true"),
                "{\"credential\":\"" + text + "\"}",
                "{\"credential\":{\"a\":\"" + text + "\"},\"api\":1}",
                "{\"credential\":\"" + text)) {
            Answer answer = asker.post("/verify", body);
            assertThat(answer.status()).isLessThan(500);
            assertThat(answer.body()).doesNotContain(text.substring(20));
        }
        assertThat(billing.admin.get("/events?pageSize=100").body()).doesNotContain(text.substring(20));
    }
}
