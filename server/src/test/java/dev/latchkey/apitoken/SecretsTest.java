package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Two secrets for one token, leaks, and where and when a token is valid. */
class SecretsTest {
    private RunningServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private int grant(Credentials credentials) {
        return server.requestAccessToken(credentials, "").status();
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aTokenHasTwoSecretsAndEachItsOwnLastUse(TestEngine engine) {
        server = RunningServer.start(engine);
        RunningServer.Api admin = server.admin();
        Credentials first = admin.createToken("Program", "public");
        String secrets = "/tokens/" + first.clientId() + "/secrets";
        Answer added = admin.post(secrets, "").created();
        Credentials second = new Credentials(
                first.clientId(), added.json().get("clientSecret").asString());
        assertThat(second.clientSecret()).isNotEqualTo(first.clientSecret());
        assertThat(grant(second)).isEqualTo(200);

        var items = admin.get(secrets).json().get("items");
        assertThat(items).hasSize(2);
        assertThat(items.get(0).has("lastUsedAt")).as("the old one").isFalse();
        assertThat(items.get(1).has("lastUsedAt")).isTrue();
        assertThat(admin.get(secrets).body()).doesNotContain("lks_");
        assertThat(grant(first)).isEqualTo(200);
        server.restart();
        admin = server.admin();
        assertThat(admin.get(secrets).json().get("items").get(0).has("lastUsedAt"))
                .as("over a restart")
                .isTrue();

        assertThat(admin.post(secrets, "").json().get("code").asString()).isEqualTo("two_secrets");
        assertThat(admin.delete(secrets + "/1").status()).isEqualTo(204);
        assertThat(grant(first)).as("at once").isEqualTo(401);
        assertThat(grant(second)).isEqualTo(200);
        assertThat(admin.delete(secrets + "/1").status()).isEqualTo(404);
        assertThat(admin.delete(secrets + "/x").status()).isEqualTo(404);
        assertThat(admin.delete(secrets + "/2").json().get("code").asString()).isEqualTo("last_secret");
        assertThat(admin.get("/tokens/" + first.clientId() + "/events").body())
                .contains("api_token.add_secret", "api_token.remove_secret")
                .doesNotContain(second.clientSecret());
    }

    @Test
    void noOneAddsASecretToATokenThatTheyCouldNotCreate() {
        server = RunningServer.start(TestEngine.SQLITE);
        RunningServer.Api admin = server.admin();
        admin.createRole("creator", "tokens:create", "tokens:read");
        RunningServer.Api creator = server.api(admin.createToken("Creator", "creator"));
        Answer answer = creator.post("/tokens/" + server.bootstrap().clientId() + "/secrets", "");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().get("code").asString()).isEqualTo("role_exceeds_yours");
        assertThat(creator.post("/tokens", "{\"description\":\"x\",\"role\":\"public\",\"actsFor\":\"billing\"}")
                        .status())
                .as("acting for an API needs apis:manage")
                .isEqualTo(403);
    }

    @ParameterizedTest
    @EnumSource(TestEngine.class)
    void aReportedSecretEndsItsTokenAndTheAnswerTellsNothing(TestEngine engine) {
        server = RunningServer.start(engine);
        RunningServer.Api admin = server.admin();
        Credentials leaked = admin.createToken("Leaked", "public");
        Credentials other = admin.createToken("Other", "public");
        RunningServer.Api thief = server.api(leaked);
        String unknown = Secret.generate(new SecureRandom()).value();
        Answer live = report(leaked.clientSecret());
        assertThat(live.status()).isEqualTo(202);
        for (String secret : new String[] {unknown, "x", leaked.clientSecret(), unknown.substring(1)}) {
            Answer answer = report(secret);
            assertThat(answer.status()).isEqualTo(202);
            assertThat(answer.body()).isEqualTo(live.body());
        }
        assertThat(grant(leaked)).isEqualTo(401);
        assertThat(thief.get("/me").status()).as("what it obtained").isEqualTo(401);
        assertThat(grant(other)).isEqualTo(200);
        assertThat(admin.get("/tokens/" + leaked.clientId()).body())
                .contains("\"revokedBy\":{\"kind\":\"system\",\"id\":\"leak report\",\"name\":\"leak report\"}");
        assertThat(admin.get("/tokens/" + leaked.clientId() + "/events").body())
                .contains("leak report", "https://git.example/1")
                .doesNotContain(leaked.clientSecret());
        assertThat(report("x\",\"foundAt\":\"a\\nb").status()).isEqualTo(422);
    }

    private Answer report(String secret) {
        return server.send(server.request("/api/v1/leaks")
                .header("Content-Type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString("{\"secret\":\"" + secret + "\""
                        + (secret.contains("foundAt") ? "" : ",\"foundAt\":\"https://git.example/1\"") + "}"))
                .build());
    }

    @Test
    void theDocumentedExpressionFindsSecretsAndNothingElse() throws IOException {
        Matcher documented =
                Pattern.compile("(?m)^```\\n(lks_.*)\\n```").matcher(Files.readString(Path.of("../docs/leaks.md")));
        assertThat(documented.find()).isTrue();
        Pattern expression = Pattern.compile("\\b(" + documented.group(1) + ")\\b");
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < 1_000; i++) {
            String secret = Secret.generate(random).value();
            assertThat(expression.matcher("password=" + secret + ";").find()).isTrue();
            assertThat(expression
                            .matcher(secret.substring(0, secret.length() - 1))
                            .find())
                    .isFalse();
            assertThat(expression.matcher(secret + "x").find()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7,true",
        "192.0.2.8,false",
        "2001:db8::1,true",
        "2001:db9::1,false",
        "::ffff:192.0.2.7,true",
        "10.9.9.9,true"
    })
    void aTokenCountsOnlyFromItsAddresses(String address, boolean counts) {
        server = RunningServer.start(TestEngine.SQLITE, Map.of("trusted-proxies", "127.0.0.1,::1"));
        Answer created = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"x\",\"role\":\"public\","
                                + "\"allowedAddresses\":[\"192.0.2.7\",\"10.0.0.0/8\",\"2001:db8::/32\"]}")
                .created();
        String form = "grant_type=client_credentials&client_id="
                + created.json().get("clientId").asString() + "&client_secret="
                + created.json().get("clientSecret").asString();
        Answer answer = server.postForm("/oauth/v2/token", form, "X-Forwarded-For", address);
        assertThat(answer.status()).isEqualTo(counts ? 200 : 401);
        if (counts) {
            String accessToken = answer.json().get("access_token").asString();
            assertThat(server.send(server.request("/api/v1/me")
                                    .header("Authorization", "Bearer " + accessToken)
                                    .header("X-Forwarded-For", "198.51.100.1")
                                    .build())
                            .status())
                    .as("stolen, from elsewhere")
                    .isEqualTo(401);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"notBefore\":\"2030-01-02T00:00:00Z\",\"expiresAt\":\"2030-01-01T00:00:00Z\"'|notBefore",
                "'\"allowedAddresses\":[\"example.com\"]'|allowedAddresses",
                "'\"allowedAddresses\":[\"10.0.0.0/40\"]'|allowedAddresses",
                "'\"senderConstraint\":\"rope\"'|senderConstraint",
                "'\"actsFor\":\"nothing\"'|actsFor",
                "'\"authentication\":{\"method\":\"password\"}'|authentication.method"
            })
    void wrongInputNamesItsField(String json, String field) {
        server = RunningServer.start(TestEngine.SQLITE);
        Answer answer = server.admin().post("/tokens", "{\"description\":\"x\",\"role\":\"public\"," + json + "}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
    }

    @Test
    void theLogSaysWhomANewTokenTrustsAndWithinWhichLimits() {
        server = RunningServer.start(TestEngine.SQLITE);
        String clientId = server.admin()
                .post("/tokens", """
                        {"description": "Deploy", "role": "public", "notBefore": "2030-01-01T00:00:00Z",
                         "allowedAddresses": ["192.0.2.0/24"], "authentication": {"method": "federated",
                           "issuer": "https://issuer.example", "claims": {"sub": "acme/shop"}}}""")
                .created()
                .json()
                .get("clientId")
                .asString();
        assertThat(server.admin().get("/tokens/" + clientId + "/events").body())
                .contains("https://issuer.example", "acme/shop", "2030-01-01", "192.0.2.0/24");
    }

    @Test
    void aTokenThatIsNotValidYetWorksForNothing() {
        server = RunningServer.start(TestEngine.SQLITE);
        Answer created = server.admin()
                .post("/tokens", "{\"description\":\"x\",\"role\":\"public\",\"notBefore\":\"2030-01-01T00:00:00Z\"}")
                .created();
        assertThat(grant(new Credentials(
                        created.json().get("clientId").asString(),
                        created.json().get("clientSecret").asString())))
                .isEqualTo(401);
    }
}
