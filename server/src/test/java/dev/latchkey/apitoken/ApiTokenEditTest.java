package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What can change about a token after it was created, who may change it, and revoking many at once. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApiTokenEditTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Api admin;
    private Credentials program;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
        admin.createRole("reader", "tokens:read");
        program = admin.createToken("Program", "reader");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer edit(String json) {
        return admin.send("PATCH", "/tokens/" + program.clientId(), json);
    }

    private Answer edited(String json) {
        Answer answer = edit(json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private void assertInvalid(Answer answer, String field) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo(field);
    }

    private int tokenRequest() {
        return server.requestAccessToken(program, "").status();
    }

    private String userId(String email) {
        for (var user : admin.get("/users").json().get("items")) {
            if (user.get("email").asString().equals(email)) {
                return user.get("id").asString();
            }
        }
        throw new AssertionError(email);
    }

    @Test
    void anEditShowsInOneEventWithWhatItWasAndWhatItIs() {
        edited("""
                {"description": "Nightly", "expiresAt": "2031-01-01T00:00:00Z", "allowedAddresses": ["127.0.0.0/8", "::1"]}""");
        var event = admin.get("/tokens/" + program.clientId() + "/events")
                .json()
                .get("items")
                .get(0);
        assertThat(event.get("operation").asString()).isEqualTo("api_token.update");
        assertThat(event.get("changes").toString())
                .contains(
                        "\"Program\"",
                        "\"Nightly\"",
                        "\"2031-01-01T00:00:00Z\"",
                        "\"127.0.0.0/8, 0:0:0:0:0:0:0:1/128\"");
        // Nothing differs any more, so nothing is logged.
        edited("{\"description\": \"Nightly\"}");
        assertThat(admin.get("/tokens/" + program.clientId() + "/events").json().get("items"))
                .hasSize(2);
    }

    @Test
    void limitsCountFromTheNextRequestOn() {
        String accessToken = server.accessToken(program);
        edited("{\"allowedAddresses\": [\"192.0.2.0/24\"]}");
        assertThat(tokenRequest()).isEqualTo(401);
        assertThat(server.send(server.request("/api/v1/tokens")
                                .header("Authorization", "Bearer " + accessToken)
                                .build())
                        .status())
                .isEqualTo(401);
        edited("{\"allowedAddresses\": []}");
        assertThat(tokenRequest()).isEqualTo(200);

        edited("{\"notBefore\": \"2031-01-01T00:00:00Z\"}");
        assertThat(tokenRequest()).isEqualTo(401);
        edited("{\"notBefore\": null}");
        assertThat(tokenRequest()).isEqualTo(200);
    }

    @Test
    void nullTakesAnExpiryAwayAndAbsenceLeavesIt() {
        String expiry = "2031-01-01T00:00:00Z";
        assertThat(edited("{\"expiresAt\": \"" + expiry + "\"}").body()).contains(expiry);
        assertThat(edited("{\"description\": \"Other\"}").body()).contains(expiry);
        assertThat(edited("{\"expiresAt\": null}").json().has("expiresAt")).isFalse();
    }

    @Test
    void aWrongValueIsNamedAndChangesNothing() {
        String before = admin.get("/tokens/" + program.clientId()).body();
        assertInvalid(edit("{\"description\": \" \"}"), "description");
        assertInvalid(edit("{\"expiresAt\": \"2001-01-01T00:00:00Z\"}"), "expiresAt");
        assertInvalid(edit("{\"allowedAddresses\": [\"everywhere\"]}"), "allowedAddresses");
        assertInvalid(edit("{\"senderConstraint\": \"glue\"}"), "senderConstraint");
        assertInvalid(edit("{\"actsFor\": \"nothing\"}"), "actsFor");
        assertInvalid(edit("{\"owner\": \"nobody\"}"), "owner");
        assertInvalid(
                edit("{\"authentication\": {\"method\": \"tls_client_auth\", \"sanDns\": \"a.example\"}}"),
                "authentication.method");
        assertInvalid(edit("{\"colour\": \"red\"}"), "colour");
        assertThat(admin.get("/tokens/" + program.clientId()).body()).isEqualTo(before);
    }

    @Test
    void anEditOfAnotherVersionIsRefused() {
        String tag = admin.get("/tokens/" + program.clientId()).header("ETag");
        assertThat(patched(tag, "{\"description\": \"First\"}").status()).isEqualTo(200);
        assertThat(patched(tag, "{\"description\": \"Second\"}").status()).isEqualTo(412);
    }

    private Answer patched(String tag, String json) {
        return server.send(admin.to("/tokens/" + program.clientId())
                .header("If-Match", tag)
                .header("Content-Type", "application/json")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    @Test
    void whoDoesNotCoverTheRoleMayChangeNothing() {
        admin.createRole("clerk", "tokens:create");
        Api clerk = server.api(admin.createToken("Clerk", "clerk"));
        String path = "/tokens/" + program.clientId();
        for (String more : List.of(
                "\"description\": \"Not in use\"",
                "\"expiresAt\": \"2031-01-01T00:00:00Z\"",
                "\"allowedAddresses\": [\"0.0.0.0/0\"]",
                "\"senderConstraint\": \"dpop\"",
                "\"actsFor\": \"billing\"")) {
            assertThat(clerk.send("PATCH", path, "{" + more + "}").status())
                    .as(more)
                    .isEqualTo(403);
        }
    }

    @Test
    void keysAreReplacedInPlace() {
        new Billing(server);
        String jwks =
                "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"%s\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
        String clientId = admin.post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"reader\",\"authentication\":{\"method\":\"private_key_jwt\",\"jwks\":"
                                + jwks.formatted("old") + "}}")
                .created()
                .json()
                .get("clientId")
                .asString();
        Answer changed = admin.send(
                "PATCH",
                "/tokens/" + clientId,
                "{\"authentication\":{\"method\":\"private_key_jwt\",\"jwks\":" + jwks.formatted("new") + "}}");
        assertThat(changed.json().get("authentication").toString())
                .contains("\"new\"")
                .doesNotContain("\"old\"");
    }

    @Test
    void aRevokedTokenKeepsItsLimits() {
        admin.post("/tokens/" + program.clientId() + "/revoke", "{}");
        assertThat(edit("{\"expiresAt\": \"2031-01-01T00:00:00Z\"}").status()).isEqualTo(409);
        edited("{\"description\": \"Was the old one\"}");
        assertThat(tokenRequest()).isEqualTo(401);
    }

    @Test
    void whoLeavesIsShownAsGoneAndTheirTokensAreFound() {
        String bea = admin.post("/users", "{\"email\":\"bea@example.com\",\"name\":\"Bea\",\"roles\":[]}")
                .created()
                .json()
                .get("id")
                .asString();
        Answer owned = edited("{\"owner\": \"" + bea + "\"}");
        assertThat(owned.json().get("owner").toString()).contains("bea@example.com", "\"departed\":false");
        assertThat(admin.get("/tokens?owner=" + bea).json().get("items")).hasSize(1);
        assertThat(admin.get("/tokens?owner=departed").json().get("items")).isEmpty();

        assertThat(admin.delete("/users/" + bea).status()).isEqualTo(204);
        assertThat(admin.get("/tokens?owner=departed").body()).contains(program.clientId(), "\"departed\":true");
        // The rest can still be edited, but a person who does not exist cannot become the owner.
        edited("{\"description\": \"Orphan\"}");
        String ada = userId(RunningServer.ADMIN_EMAIL);
        edited("{\"owner\": \"" + ada + "\"}");
        assertInvalid(edit("{\"owner\": \"" + bea + "\"}"), "owner");
        edited("{\"owner\": null}");
        assertThat(admin.get("/tokens?owner=none").body()).contains(program.clientId());
    }

    @Test
    void aNewPersonUnderAnOldEmailIsAnotherOwner() {
        String invitation = "{\"email\":\"bea@example.com\",\"name\":\"Bea\",\"roles\":[]}";
        String first = admin.post("/users", invitation).json().get("id").asString();
        edited("{\"owner\": \"" + first + "\"}");
        admin.delete("/users/" + first);
        String second = admin.post("/users", invitation).json().get("id").asString();
        Answer owned = edited("{\"owner\": \"" + second + "\"}");
        assertThat(owned.json().get("owner").toString()).contains(second, "\"departed\":false");
    }

    @Test
    void noTokenLivesLongerThanTheAccountAllows() {
        admin.send("PATCH", "/account", "{\"longestTokenDays\": 30}");
        String soon = Instant.now().plus(Duration.ofDays(29)).toString();
        String late = Instant.now().plus(Duration.ofDays(31)).toString();
        assertInvalid(admin.post("/tokens", "{\"description\":\"Eternal\",\"role\":\"reader\"}"), "expiresAt");
        assertInvalid(
                admin.post("/tokens", "{\"description\":\"Late\",\"role\":\"reader\",\"expiresAt\":\"" + late + "\"}"),
                "expiresAt");
        admin.post("/tokens", "{\"description\":\"Soon\",\"role\":\"reader\",\"expiresAt\":\"" + soon + "\"}")
                .created();
        // Those that there are stay as they are, and may always end earlier.
        edited("{\"description\": \"Still without an end\"}");
        assertThat(tokenRequest()).isEqualTo(200);
        edited("{\"expiresAt\": \"" + late + "\"}");
        edited("{\"expiresAt\": \"" + soon + "\"}");
        assertInvalid(edit("{\"expiresAt\": \"" + late + "\"}"), "expiresAt");
        assertInvalid(edit("{\"expiresAt\": null}"), "expiresAt");
        // Nor by a month and another one.
        server.change("update api_token set created_at = "
                + Instant.now().minus(Duration.ofDays(20)).toEpochMilli());
        edited("{\"expiresAt\": \"" + Instant.now().plus(Duration.ofDays(5)) + "\"}");
        edited("{\"expiresAt\": \"" + Instant.now().plus(Duration.ofDays(9)) + "\"}");
        assertInvalid(edit("{\"expiresAt\": \"" + soon + "\"}"), "expiresAt");
        admin.send("PATCH", "/account", "{\"longestTokenDays\": null}");
        edited("{\"expiresAt\": null}");
    }

    @Test
    void aTokenThatIsOlderThanAnyMayBecomeIsTightenedButGetsNoNewCredential() {
        String keys = "{\"method\":\"private_key_jwt\",\"jwksUri\":\"https://keys.example/1\"}";
        String keyed = admin.post(
                        "/tokens", "{\"description\":\"Key\",\"role\":\"reader\",\"authentication\":" + keys + "}")
                .created()
                .json()
                .get("clientId")
                .asString();
        admin.send("PATCH", "/account", "{\"longestTokenDays\": 30}");
        admin.post("/tokens/" + program.clientId() + "/secrets", "").created();
        admin.delete("/tokens/" + program.clientId() + "/secrets/1");
        server.change("update api_token set created_at = "
                + Instant.now().minus(Duration.ofDays(31)).toEpochMilli());

        Answer secret = admin.post("/tokens/" + program.clientId() + "/secrets", "");
        assertThat(secret.status()).as(secret.body()).isEqualTo(409);
        assertThat(secret.json().get("code").asString()).isEqualTo("too_old");
        assertInvalid(
                admin.send("PATCH", "/tokens/" + keyed, "{\"authentication\":" + keys.replace("/1", "/2") + "}"),
                "authentication");

        edited("{\"allowedAddresses\": [\"127.0.0.0/8\", \"::1\"]}");
        edited("{\"expiresAt\": \"" + Instant.now().plus(Duration.ofDays(90)) + "\"}");
        edited("{\"senderConstraint\": \"dpop\"}");
        assertInvalid(edit("{\"expiresAt\": \"" + Instant.now().plus(Duration.ofDays(100)) + "\"}"), "expiresAt");
    }

    @Test
    void theAccountsLimitIsForThoseWhoManageTheAccount() {
        assertInvalid(admin.send("PATCH", "/account", "{\"longestTokenDays\": 0}"), "longestTokenDays");
        assertInvalid(admin.send("PATCH", "/account", "{\"name\": \"\"}"), "name");
        Api reader = server.api(program);
        assertThat(reader.send("PATCH", "/account", "{\"longestTokenDays\": 1}").status())
                .isEqualTo(403);
        assertThat(admin.send("PATCH", "/account", "{\"name\": \"Renamed\"}")
                        .json()
                        .get("name")
                        .asString())
                .isEqualTo("Renamed");
        assertThat(reader.get("/account").body()).contains("Renamed").doesNotContain("longestTokenDays");
    }

    @Test
    void severalAreRevokedAtTheSameMomentOrNone() {
        Credentials second = admin.createToken("Second", "reader");
        String ids = "\"" + program.clientId() + "\",\"" + second.clientId() + "\"";
        Answer half = admin.post("/tokens/revoke", "{\"clientIds\":[" + ids + ",\"k7m2qd.0000000000000000\"]}");
        assertThat(half.status()).isEqualTo(404);
        assertThat(tokenRequest()).isEqualTo(200);

        Answer revoked = admin.post("/tokens/revoke", "{\"clientIds\":[" + ids + "],\"reason\":\"left the project\"}");
        assertThat(revoked.status()).as(revoked.body()).isEqualTo(200);
        assertThat(revoked.json().get("items"))
                .allSatisfy(token -> assertThat(token.get("status").asString()).isEqualTo("revoked"));
        assertThat(tokenRequest()).isEqualTo(401);
        assertThat(server.requestAccessToken(second, "").status()).isEqualTo(401);
        for (String clientId : List.of(program.clientId(), second.clientId())) {
            assertThat(admin.get("/tokens/" + clientId + "/events").body()).contains("left the project");
        }
        assertInvalid(admin.post("/tokens/revoke", "{\"clientIds\":[]}"), "clientIds");
        assertThat(server.api(admin.createToken("Reader", "reader"))
                        .post("/tokens/revoke", "{\"clientIds\":[" + ids + "]}")
                        .status())
                .isEqualTo(403);
    }
}
