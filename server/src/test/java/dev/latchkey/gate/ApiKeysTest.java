package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing.ApiKey;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** API keys at the gate: programs that speak no OAuth send one with each call. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiKeysTest {
    private static final String ALL_PLACES = """
            {"bearer": true, "header": "X-API-Key", "basic": true, "query": "api_key"}""";

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private ApiKey key(String role, String more) {
        return billing.apiKey(role, more);
    }

    private static String inDays(int days) {
        return java.time.Instant.now().plus(java.time.Duration.ofDays(days)).toString();
    }

    private ApiKey key(String role) {
        return key(role, "");
    }

    private void takeKeys(String places) {
        billing.takeKeys(places);
    }

    private Answer ask(String target, String... fields) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", target);
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return server.send(request.build());
    }

    /** The same from a gateway that can remove a parameter. */
    private Answer askWithQuery(String query, String... fields) {
        HttpRequest.Builder request = server.request("/gate/v1/haproxy/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices?" + query);
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return server.send(request.build());
    }

    private Answer askByHeader(ApiKey key) {
        return ask("/v1/invoices", "X-API-Key", key.text());
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aKeyIsShownOnceAndNamesItsToken() {
        ApiKey key = key("invoice_reader");
        assertThat(key.text()).matches("lkk_[0-9a-z]{16}[0-9A-Za-z]{49}");
        assertThat(key.clientId()).endsWith(key.text().substring(4, 20));
        Answer shown = billing.admin.get("/tokens/" + key.clientId());
        assertThat(shown.json().get("authentication").get("method").asString()).isEqualTo("api_key");
        assertThat(shown.body()).doesNotContain(key.text()).doesNotContain("\"apiKey\"");
    }

    @Test
    void aKeyOpensWhatItsRoleOpensInEachPlaceWhereTheApiTakesOne() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        for (Answer allowed : new Answer[] {
            ask("/v1/invoices", "Authorization", "Bearer " + key.text()),
            ask("/v1/invoices", "Authorization", "bearer  " + key.text()),
            ask("/v1/invoices", "X-API-Key", key.text()),
            ask("/v1/invoices", "x-api-key", key.text()),
            ask("/v1/invoices", "Authorization", basic(key.text(), "")),
            ask("/v1/invoices", "Authorization", basic("", key.text())),
            ask("/v1/invoices", "Authorization", basic("anything", key.text())),
            askWithQuery("page=2&api_key=" + key.text())
        }) {
            assertThat(allowed.status()).isEqualTo(200);
            assertThat(allowed.header("Latchkey-Client-Id")).isEqualTo(key.clientId());
            assertThat(allowed.header("Latchkey-Role")).isEqualTo("invoice_reader");
            assertThat(allowed.header("Latchkey-Credential")).isEqualTo("api_key");
        }
        Answer refused = ask("/v1/invoices/admin", "X-API-Key", key.text());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("privilege").asString()).isEqualTo("invoices:admin");
    }

    @Test
    void anApiTakesNoKeysUnlessItSaysSo() {
        ApiKey key = key("invoice_reader");
        assertThat(billing.admin.get("/apis/billing").json().get("apiKeys").toString())
                .isEqualTo("{\"bearer\":false,\"basic\":false}");
        assertThat(askByHeader(key).status()).isEqualTo(401);
        assertThat(ask("/v1/invoices?api_key=" + key.text()).status()).isEqualTo(401);
        Answer bearer = ask("/v1/invoices", "Authorization", "Bearer " + key.text());
        assertThat(bearer.status()).isEqualTo(401);
        assertThat(bearer.json().get("detail").asString())
                .isEqualTo("This API does not take API keys in the Authorization field.");

        takeKeys("{\"header\": \"X-API-Key\"}");
        assertThat(askByHeader(key).status()).isEqualTo(200);
        assertThat(ask("/v1/invoices", "Authorization", "Bearer " + key.text()).status())
                .isEqualTo(401);
        assertThat(ask("/v1/invoices", "Authorization", basic(key.text(), "")).status())
                .isEqualTo(401);

        takeKeys("null");
        assertThat(askByHeader(key).status()).isEqualTo(401);
    }

    @Test
    void aKeyInTheQueryIsTakenOnlyWhereTheGatewayCanRemoveIt() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        assertThat(askWithQuery("a=1&api%5Fkey=" + key.text() + "&b=2").header("Latchkey-Target"))
                .isEqualTo("/v1/invoices?a=1&b=2");
        Answer refused = ask("/v1/invoices?api_key=" + key.text());
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().get("detail").asString())
                .isEqualTo("This gateway cannot remove an API key from the address. Send the key in a header.");
    }

    @Test
    void theExplanationOfARefusalNamesNoKey() {
        ApiKey key = key("public");
        takeKeys(ALL_PLACES);
        Answer refused = askWithQuery("page=2&api_key=" + key.text());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("explain").asString())
                .contains("page%3D2", "token=" + key.clientId())
                .doesNotContain(key.text());
    }

    @Test
    void twoCredentialsAtOnceAreRefused() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        String accessToken = "Bearer " + billing.accessToken(billing.reader);
        for (Answer refused : new Answer[] {
            ask("/v1/invoices", "X-API-Key", key.text(), "Authorization", accessToken),
            ask("/v1/invoices", "X-API-Key", key.text(), "X-API-Key", key.text()),
            ask("/v1/invoices", "X-API-Key", key.text(), "Authorization", "Bearer " + key.text()),
            askWithQuery("api_key=" + key.text(), "Authorization", accessToken),
            askWithQuery("api_key=" + key.text() + "&api%5Fkey=" + key.text())
        }) {
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.json().get("detail").asString())
                    .isEqualTo("The request carries more than one credential. Send one.");
        }
        assertThat(ask("/v1/invoices", "Authorization", accessToken).header("Latchkey-Credential"))
                .isEqualTo("access_token");
    }

    @Test
    void aRevokedKeyStopsAtOnceAndItsLastUseIsKept() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        assertThat(askByHeader(key).status()).isEqualTo(200);
        Waiting.until(
                "the last use is shown",
                () -> billing.admin.get("/tokens/" + key.clientId()).json().has("lastAccessAt"));
        billing.admin.post("/tokens/" + key.clientId() + "/revoke", "{}");
        Answer refused = askByHeader(key);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().get("detail").asString()).isEqualTo("The API key was revoked or has expired.");
        assertThat(billing.admin
                        .get("/tokens/" + key.clientId() + "/uses-after-revocation")
                        .body())
                .contains("\"count\":1");
    }

    @Test
    void aKeyWhoseTimeHasNotComeSaysSo() {
        Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
        ApiKey key = billing.apiKey("invoice_reader", ", \"notBefore\": \"" + tomorrow + "\"");
        takeKeys(ALL_PLACES);
        Answer refused = askByHeader(key);
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.json().get("detail").asString()).isEqualTo("The API key is not valid yet.");
    }

    @Test
    void aTokenHasTwoKeysWhileItsProgramsChangeOver() {
        ApiKey first = key("invoice_reader");
        takeKeys(ALL_PLACES);
        String second = billing.admin
                .post("/tokens/" + first.clientId() + "/secrets", "")
                .created()
                .json()
                .get("apiKey")
                .asString();
        assertThat(askByHeader(first).status()).isEqualTo(200);
        assertThat(ask("/v1/invoices", "X-API-Key", second).status()).isEqualTo(200);
        assertThat(billing.admin
                        .delete("/tokens/" + first.clientId() + "/secrets/1")
                        .status())
                .isEqualTo(204);
        assertThat(askByHeader(first).status()).isEqualTo(401);
        assertThat(ask("/v1/invoices", "X-API-Key", second).status()).isEqualTo(200);
    }

    @Test
    void aKeyThatWasMistypedIsToldApartFromOneThatIsNotKnown() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        String mistyped =
                key.text().substring(0, key.text().length() - 1) + (key.text().endsWith("x") ? "y" : "x");
        assertThat(ask("/v1/invoices", "X-API-Key", mistyped)
                        .json()
                        .get("detail")
                        .asString())
                .isEqualTo("This is not an API key of this server. Was it copied whole?");
        String unknown = "lkk_0000000000000000" + "0".repeat(43) + checksumOf("lkk_0000000000000000" + "0".repeat(43));
        assertThat(ask("/v1/invoices", "X-API-Key", unknown)
                        .json()
                        .get("detail")
                        .asString())
                .isEqualTo("The API key is not valid.");
    }

    private static String checksumOf(String body) {
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        String digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        StringBuilder text = new StringBuilder();
        for (long rest = crc.getValue(); text.length() < 6; rest /= 62) {
            text.append(digits.charAt((int) (rest % 62)));
        }
        return text.reverse().toString();
    }

    @Test
    void aKeyIsNeitherAClientSecretNorACredentialOfLatchkeysOwnApi() {
        ApiKey key = key("accountadmin");
        Answer token = server.requestAccessToken(new Credentials(key.clientId(), key.text()), "");
        assertThat(token.status()).isEqualTo(401);
        assertThat(token.json().get("error").asString()).isEqualTo("invalid_client");
        for (String field : new String[] {"Bearer " + key.text(), basic(key.text(), "")}) {
            assertThat(server.send(server.request("/api/v1/tokens")
                                    .header("Authorization", field)
                                    .build())
                            .status())
                    .isEqualTo(401);
        }
        assertThat(server.send(server.request("/api/v1/tokens")
                                .header("X-API-Key", key.text())
                                .build())
                        .status())
                .isEqualTo(401);
        takeKeys(ALL_PLACES);
        assertThat(ask("/v1/invoices", "X-API-Key", billing.reader.clientSecret())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aKeyMayBeUsedFromItsAddressesOnly() {
        ApiKey elsewhere = key("invoice_reader", ", \"allowedAddresses\": [\"192.0.2.0/24\"]");
        ApiKey here = key("invoice_reader", ", \"allowedAddresses\": [\"127.0.0.0/8\"]");
        takeKeys(ALL_PLACES);
        assertThat(askByHeader(elsewhere).json().get("detail").asString())
                .isEqualTo("The API key may not be used from this address.");
        assertThat(askByHeader(here).status()).isEqualTo(200);
    }

    @Test
    void aPublicEndpointKnowsWhoCallsWithAKeyAndLetsAnyoneIn() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        assertThat(ask("/v1/status", "X-API-Key", key.text()).header("Latchkey-Client-Id"))
                .isEqualTo(key.clientId());
        Answer anonymous = ask("/v1/status", "X-API-Key", "nonsense");
        assertThat(anonymous.status()).isEqualTo(200);
        assertThat(anonymous.response().headers().firstValue("Latchkey-Client-Id"))
                .isEmpty();
        assertThat(anonymous.header("Latchkey-Credential"))
                .as("the gateway removes what is not a valid key either")
                .isEqualTo("api_key");
        Answer several = ask("/v1/status", "X-API-Key", key.text(), "Authorization", "Bearer " + key.text());
        assertThat(several.header("Latchkey-Credential")).isEqualTo("api_key");
        assertThat(ask("/v1/status?api_key=" + key.text()).status())
                .as("nginx would pass it on")
                .isEqualTo(401);
        assertThat(ask("/v1/status?api_key=" + key.text(), "X-API-Key", key.text())
                        .status())
                .as("nor is it passed on beside another credential")
                .isEqualTo(401);
        takeKeys("null");
        assertThat(ask("/v1/status", "Authorization", "Bearer " + key.text()).header("Latchkey-Credential"))
                .isEqualTo("api_key");
    }

    @Test
    void noKeyPassesAPublicEndpointNotEvenWhereTheApiTakesNone() {
        String key = key("invoice_reader").text();
        for (String field : new String[] {"Bearer " + key, "bearer\t" + key, key, basic(key, ""), basic("x", key)}) {
            Answer allowed = ask("/v1/status", "Authorization", field);
            assertThat(allowed.status()).isEqualTo(200);
            assertThat(allowed.header("Latchkey-Credential")).as(field).isEqualTo("api_key");
            assertThat(allowed.response().headers().firstValue("Latchkey-Client-Id"))
                    .isEmpty();
        }
        assertThat(ask("/v1/status", "Authorization", basic("someone", "password"))
                        .response()
                        .headers()
                        .firstValue("Latchkey-Credential"))
                .isEmpty();
        takeKeys(ALL_PLACES);
        assertThat(ask("/v1/status?api_key=" + key).status())
                .as("stuck in the query")
                .isEqualTo(401);
        assertThat(ask("/v1/status?api_key=" + key, "Authorization", "Bearer " + key)
                        .status())
                .as("stuck in the query, beside another one")
                .isEqualTo(401);
    }

    @Test
    void theLinkThatExplainsARefusalHoldsNoKey() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        Answer refused = server.send(server.request("/gate/v1/haproxy/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices/admin?a=1&api%5Fkey=" + key.text())
                .build());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("explain").asString())
                .contains("path=%2Fv1%2Finvoices%2Fadmin%3Fa%3D1&")
                .doesNotContain("lkk_");
        assertThat(ask("/v1/nothing?other=" + key.text(), "X-API-Key", key.text())
                        .body())
                .contains("no_endpoint")
                .doesNotContain(key.text());
    }

    @Test
    void aLeakedKeyIsRevokedWhenItIsReported() {
        ApiKey key = key("invoice_reader");
        takeKeys(ALL_PLACES);
        server.send(server.request("/api/v1/leaks")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"secret\":\"" + key.text() + "\"}"))
                .build());
        assertThat(askByHeader(key).status()).isEqualTo(401);
        assertThat(billing.admin
                        .get("/tokens/" + key.clientId())
                        .json()
                        .get("status")
                        .asString())
                .isEqualTo("revoked");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"senderConstraint\": \"dpop\"",
                "\"actsFor\": \"billing\"",
                "\"defaultResource\": \"https://billing.example\"",
                "\"nameInAccessTokens\": \"nightly\""
            })
    void whatIsForAccessTokensOnlyIsRefusedForAKey(String term) {
        Answer refused = billing.admin.post("/tokens", """
                {"role": "invoice_reader", "authentication": {"method": "api_key"}, "expiresAt": "%s", %s}""".formatted(inDays(30), term));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("An API key obtains no access tokens");
    }

    @Test
    void theAccountSaysWhatAKeyMustHave() {
        String without = "{\"role\": \"invoice_reader\", \"authentication\": {\"method\": \"api_key\"}}";
        Answer endless = billing.admin.post("/tokens", without);
        assertThat(endless.status()).isEqualTo(422);
        assertThat(endless.body()).contains("within 365 days").contains("expiresAt");

        assertThat(billing.admin
                        .send("PATCH", "/account", "{\"longestKeyDays\": null, \"keysNeedAddresses\": true}")
                        .status())
                .isEqualTo(200);
        Answer fromAnywhere = billing.admin.post("/tokens", without);
        assertThat(fromAnywhere.status()).isEqualTo(422);
        assertThat(fromAnywhere.body()).contains("allowedAddresses");

        assertThat(billing.admin
                        .send("PATCH", "/account", "{\"keysNeedAddresses\": false}")
                        .status())
                .isEqualTo(200);
        Answer made = billing.admin.post("/tokens", without).created();

        // A limit that is changed must be allowed by what is asked now; one that stays need not.
        String token = "/tokens/" + made.json().get("clientId").asString();
        Instant soon = Instant.now().plus(Duration.ofDays(2)).truncatedTo(ChronoUnit.SECONDS);
        assertThat(change(token, "{\"expiresAt\": \"" + soon + "\", \"allowedAddresses\": [\"192.0.2.1\"]}")
                        .status())
                .isEqualTo(200);
        billing.admin.send("PATCH", "/account", "{\"longestKeyDays\": 1, \"keysNeedAddresses\": true}");
        Answer everywhere = change(token, "{\"allowedAddresses\": []}");
        assertThat(everywhere.status()).isEqualTo(422);
        assertThat(everywhere.body()).contains("allowedAddresses").doesNotContain("expiresAt");
        Answer longer = change(token, "{\"expiresAt\": \"" + soon.plusSeconds(60) + "\"}");
        assertThat(longer.status()).isEqualTo(422);
        assertThat(longer.body()).contains("expiresAt").doesNotContain("allowedAddresses");
        assertThat(change(token, "{\"description\": \"Same limits\", \"expiresAt\": \"" + soon.minusSeconds(60) + "\"}")
                        .status())
                .isEqualTo(200);

        // Nor does a second key give an old token a second life.
        server.change("update api_token set created_at = "
                + Instant.now().minus(Duration.ofDays(3)).toEpochMilli());
        Answer second = billing.admin.post(token + "/secrets", "");
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.json().get("code").asString()).isEqualTo("too_old");
        billing.admin.send("PATCH", "/account", "{\"longestKeyDays\": null, \"keysNeedAddresses\": false}");
        billing.admin.post(token + "/secrets", "").created();
    }

    private Answer change(String token, String terms) {
        return billing.admin.send("PATCH", token, terms);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"header\": \"Authorization\"}",
                "{\"header\": \"Cookie\"}",
                "{\"header\": \"Referer\"}",
                "{\"header\": \"X-Request-Id\"}",
                "{\"header\": \"Keep-Alive\"}",
                "{\"header\": \"If-Match\"}",
                "{\"header\": \"Latchkey-Key\"}",
                "{\"header\": \"X-Forwarded-For\"}",
                "{\"header\": \"X Key\"}",
                "{\"header\": \"X_Key\"}",
                "{\"header\": \"\"}",
                "{\"query\": \"_method\"}",
                "{\"query\": \"a&b\"}"
            })
    void aPlaceThatMeansSomethingElseIsRefused(String places) {
        Answer refused = billing.admin.send("PATCH", "/apis/billing", "{\"apiKeys\": " + places + "}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("apiKeys");
    }

    @Test
    void whoeverAsksForADecisionLearnsThatAnApiTakesNoKeys() {
        ApiKey key = key("invoice_reader");
        String question = """
                {"subject": {"type": "token", "id": "%s"}, "action": {"name": "GET"},
                 "resource": {"type": "path", "id": "billing/v1/invoices"}}""".formatted(key.clientId());
        String search = """
                {"subject": {"type": "token"}, "action": {"name": "GET"},
                 "resource": {"type": "path", "id": "billing/v1/invoices"}}""";
        Answer refused = askForDecision("evaluation", question);
        assertThat(refused.json().get("decision").asBoolean()).isFalse();
        assertThat(refused.body()).contains("The API takes no API keys.");
        assertThat(askForDecision("search/subject", search).body())
                .contains(billing.reader.clientId())
                .doesNotContain(key.clientId());
        takeKeys("{\"basic\": true}");
        assertThat(askForDecision("evaluation", question).body()).isEqualToIgnoringWhitespace("{\"decision\":true}");
        assertThat(askForDecision("search/subject", search).body()).contains(key.clientId());
    }

    private Answer askForDecision(String what, String question) {
        return server.send(server.request("/access/v1/" + what)
                .header("Authorization", "Bearer " + server.accessToken(server.bootstrap()))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question))
                .build());
    }

    @Test
    void whatAnApiTakesIsInTheAuditLog() {
        takeKeys("{\"bearer\": true, \"header\": \"X-API-Key\"}");
        assertThat(billing.admin.get("/events?pageSize=1").body())
                .contains("api.update")
                .contains("API keys")
                .contains("Authorization: Bearer, the header field X-API-Key");
    }
}
