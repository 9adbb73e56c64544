package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Signing keys from outside: the management API, the published keys, and the effect on access tokens. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class SigningKeysApiTest {
    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private RunningServer server;
    private RunningServer.Api admin;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, clock);
        admin = server.admin();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<JsonNode> keys() {
        List<JsonNode> keys = new ArrayList<>();
        admin.get("/signing-keys").json().get("items").forEach(keys::add);
        return keys;
    }

    private String keyThatIs(String state) {
        return keys().stream()
                .filter(key -> key.get("state").asString().equals(state))
                .map(key -> key.get("keyId").asString())
                .findFirst()
                .orElseThrow();
    }

    private static int status(RunningServer at, String accessToken) {
        return at.send(at.request("/api/v1/me")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    @Test
    void aKeyIsListedWithItsStateAndTimes() {
        JsonNode key = keys().getFirst();
        assertThat(key.get("state").asString()).isEqualTo("signing");
        assertThat(key.get("algorithm").asString()).isEqualTo("ES256");
        assertThat(key.get("signsFrom").asString()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(key.has("signsUntil")).isFalse();
        Answer rotated = admin.post("/signing-keys/rotate", "");
        assertThat(rotated.status()).isEqualTo(200);
        assertThat(rotated.json().get("state").asString()).isEqualTo("next");
        assertThat(rotated.json().get("signsFrom").asString())
                .as("an hour for caches that keep keys too long")
                .isEqualTo("2026-03-01T13:00:00Z");
        Answer sooner = admin.post("/signing-keys/rotate", "{\"leadMinutes\":10}");
        assertThat(sooner.json().get("signsFrom").asString()).isEqualTo("2026-03-01T12:10:00Z");
        assertThat(keys().getLast().get("verifiesUntil").asString()).isEqualTo("2026-03-01T12:21:00Z");
        clock.advance(SigningKeys.LEAST_ANNOUNCED);
        admin = server.admin();
        assertThat(keys().stream().map(each -> each.get("state").asString())).containsExactly("signing", "verifying");
        assertThat(admin.get("/events?operation=signing_key")
                        .json()
                        .get("items")
                        .size())
                .isEqualTo(3);
    }

    @Test
    void aWithdrawalEndsAllAccessTokensOfTheKeyAtOnce() {
        Credentials program = admin.createToken("Program", "public");
        String used = server.accessToken(program);
        String unused = server.accessToken(program);
        assertThat(status(server, used)).as("and from now on remembered").isEqualTo(200);
        Answer withdrawn =
                admin.post("/signing-keys/" + keyThatIs("signing") + "/withdraw", "{\"reason\":\"Found in a log\"}");
        assertThat(withdrawn.status()).isEqualTo(200);
        assertThat(withdrawn.json().get("state").asString()).isEqualTo("withdrawn");
        assertThat(status(server, used)).isEqualTo(401);
        assertThat(status(server, unused)).isEqualTo(401);
        assertThat(admin.get("/me").status()).as("one's own, too").isEqualTo(401);
        assertThat(status(server, server.accessToken(program))).isEqualTo(200);
        assertThat(server.get("/oauth/v2/jwks").body())
                .doesNotContain(withdrawn.json().get("keyId").asString());
        server.restart();
        assertThat(status(server, used)).as("after a restart").isEqualTo(401);
    }

    @Test
    void aRestartKeepsTheKeys() {
        String accessToken = server.accessToken(server.bootstrap());
        String published = server.get("/oauth/v2/jwks").body();
        server.restart();
        assertThat(server.get("/oauth/v2/jwks").body()).isEqualTo(published);
        assertThat(status(server, accessToken)).isEqualTo(200);
    }

    @Test
    void thePublishedKeysMayBeCachedAndTellWhenTheyHaveNotChanged() {
        Answer first = server.get("/oauth/v2/jwks");
        assertThat(first.header("Cache-Control")).isEqualTo("public, max-age=300");
        assertThat(first.header("Content-Type")).isEqualTo("application/jwk-set+json");
        assertThat(first.body()).doesNotContain("\"d\"");
        Answer again = server.send(server.request("/oauth/v2/jwks")
                .header("If-None-Match", first.header("ETag"))
                .build());
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.header("Cache-Control")).as("RFC 9110 section 15.4.5").isEqualTo("public, max-age=300");
        admin.post("/signing-keys/rotate", "{\"algorithm\":\"PS256\"}");
        Answer changed = server.send(server.request("/oauth/v2/jwks")
                .header("If-None-Match", first.header("ETag"))
                .build());
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.json().get("keys").size()).isEqualTo(2);
        JsonNode next = changed.json().get("keys").get(0);
        assertThat(next.get("alg").asString()).isEqualTo("PS256");
        assertThat(next.get("use").asString()).isEqualTo("sig");
    }

    @Test
    void thePolicyIsChangedUnderItsTag() {
        Answer policy = admin.get("/signing-keys/policy");
        assertThat(policy.json().toString()).isEqualTo("{\"algorithm\":\"ES256\",\"rotationDays\":30}");
        Answer changed = admin.send("PATCH", "/signing-keys/policy", "{\"algorithm\":\"EdDSA\",\"rotationDays\":0}");
        assertThat(changed.json().toString()).isEqualTo("{\"algorithm\":\"EdDSA\",\"rotationDays\":0}");
        assertThat(keyThatIs("next")).isNotEmpty();
        Answer late = server.send(admin.to("/signing-keys/policy")
                .header("Content-Type", "application/json")
                .header("If-Match", policy.header("ETag"))
                .method("PATCH", java.net.http.HttpRequest.BodyPublishers.ofString("{\"rotationDays\":1}"))
                .build());
        assertThat(late.status()).isEqualTo(412);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST|/signing-keys/rotate|{\"algorithm\":\"HS256\"}|422",
                "POST|/signing-keys/rotate|{\"algorithm\":\"none\"}|422",
                "POST|/signing-keys/rotate|{\"leadMinutes\":9}|422",
                "POST|/signing-keys/rotate|{\"leadMinutes\":10081}|422",
                "POST|/signing-keys/rotate|{\"algorithm\":\"es256\"}|422",
                "POST|/signing-keys/unknown/withdraw|{}|404",
                "PATCH|/signing-keys/policy|{\"rotationDays\":366}|422",
                "PATCH|/signing-keys/policy|{\"rotationDays\":-1}|422",
                "PATCH|/signing-keys/policy|{\"rotationDays\":1.5}|422",
                "PATCH|/signing-keys/policy|{\"unknown\":1}|422"
            })
    void wrongInputIsRefusedAndChangesNothing(String method, String path, String json, int status) {
        assertThat(admin.send(method, path, json).status()).isEqualTo(status);
        assertThat(keys()).hasSize(1);
        assertThat(admin.get("/signing-keys/policy").json().get("rotationDays").asInt())
                .isEqualTo(30);
    }

    @Test
    void whoMayNotManageTheAccountIsToldSo() {
        admin.createRole("reader", "tokens:read");
        RunningServer.Api reader = server.api(admin.createToken("Reader", "reader"));
        for (Answer answer : List.of(
                reader.get("/signing-keys"),
                reader.get("/signing-keys/policy"),
                reader.post("/signing-keys/rotate", "{}"),
                reader.post("/signing-keys/" + keyThatIs("signing") + "/withdraw", "{}"),
                reader.send("PATCH", "/signing-keys/policy", "{\"rotationDays\":1}"))) {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.json().get("privilege").asString()).isEqualTo("account:manage");
        }
        assertThat(keys()).hasSize(1);
    }

    @Test
    void theConsoleDoesTheSameWithoutScript() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        String csrf = browser.csrf();
        String signing = keyThatIs("signing");
        assertThat(browser.get("/signing-keys").body())
                .contains(signing)
                .contains("since ")
                .contains("Rotate key now");
        assertThat(browser.post("/signing-keys/rotate", Map.of("csrf", csrf, "leadMinutes", "10"))
                        .status())
                .isEqualTo(303);
        assertThat(browser.get("/signing-keys").body())
                .contains("will sign ")
                .doesNotContain("Rotate key now")
                .doesNotContain("Let the next key sign soon");
        Answer wrong = browser.post(
                "/signing-keys/policy",
                Map.of("csrf", csrf, "version", "1", "algorithm", "ES256", "rotationDays", "often"));
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.body()).contains("Enter 1 to 365 days").contains("value=\"often\"");
        assertThat(browser.post(
                                "/signing-keys/policy",
                                Map.of("csrf", csrf, "version", "1", "algorithm", "RS256", "rotationDays", "90"))
                        .status())
                .isEqualTo(303);
        assertThat(admin.get("/signing-keys/policy").json().get("rotationDays").asInt())
                .isEqualTo(90);
        assertThat(browser.get("/signing-keys/" + signing + "/withdraw").body())
                .contains("Every access token that it signed is refused at once.")
                .contains("A new key signs from now on.");
        assertThat(keyThatIs("signing")).as("asking changes nothing").isEqualTo(signing);
        assertThat(browser.post(
                                "/signing-keys/" + signing + "/withdraw",
                                Map.of("csrf", csrf, "reason", "Found <b>in</b> a log"))
                        .header("Location"))
                .isEqualTo("/signing-keys?done=key-withdrawn");
        assertThat(admin.get("/me").status()).isEqualTo(401);
        assertThat(browser.get("/signing-keys").body())
                .contains("Withdrawn")
                .contains("Found &lt;b&gt;in&lt;/b&gt; a log");
        assertThat(browser.post("/signing-keys/rotate", Map.of()).status())
                .as("without the form's own value")
                .isEqualTo(403);
    }
}
