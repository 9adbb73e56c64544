package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.Waiting;
import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Keys that another system issued: imported by their hashes, they continue to work. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ImportedKeysTest {
    private static final HashRecipe PLAIN = new HashRecipe("", "");
    private static final String KEY = "acme_live_4eC39HqLyjWDarjtT1zdp7dc";
    private static final String UNTIL = Instant.now().plus(Duration.ofDays(100)).toString();

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
        assertThat(billing.admin.send("PATCH", "/apis/billing", """
                                {"apiKeys": {"bearer": true, "header": "X-API-Key", "basic": true, "query": "api_key"}}""").status()).isEqualTo(200);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String row(String key, String more) {
        return "{\"sha256\": \"" + PLAIN.sha256(key) + "\"" + more + "}";
    }

    private Answer send(String more, String... rows) {
        return billing.admin.post("/tokens/import", """
                {"importId": "acme-2026", "role": "invoice_reader", "expiresBy": "%s", "keys": [%s]%s}""".formatted(UNTIL, String.join(",", rows), more));
    }

    private JsonNode imported(String... rows) {
        Answer answer = send("", rows);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private Answer ask(String... fields) {
        return ask(server, fields);
    }

    private static Answer ask(RunningServer node, String... fields) {
        HttpRequest.Builder request = node.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/invoices");
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return node.send(request.build());
    }

    private Answer askWith(String key) {
        return ask("X-API-Key", key);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> reasons(JsonNode reply) {
        List<String> reasons = new ArrayList<>();
        reply.get("refused")
                .forEach(each -> reasons.add(
                        each.get("index").asInt() + " " + each.get("reason").asString()));
        return reasons;
    }

    @Test
    void anImportedKeyContinuesToWorkWhereverTheApiTakesKeys() {
        assertThat(askWith(KEY).json().get("detail").asString())
                .isEqualTo("This is not an API key of this server. Was it copied whole?");
        JsonNode reply = imported(row(KEY, """
                , "description": "Nightly export", "id": "key_7f", "createdAt": "2021-03-04T05:06:07Z",
                "lastAccessAt": "2025-01-02T03:04:05Z", "owner": "ADA@example.com"
                """));
        assertThat(reply.get("imported").asInt()).isEqualTo(1);
        String clientId = reply.get("firstClientId").asString();

        JsonNode token = billing.admin.get("/tokens/" + clientId).json();
        assertThat(token.get("foreign").asBoolean()).isTrue();
        assertThat(token.get("authentication").toString())
                .isEqualTo("{\"method\":\"api_key\",\"importId\":\"acme-2026\"}");
        assertThat(token.get("description").asString()).isEqualTo("Nightly export (key_7f)");
        assertThat(token.get("createdAt").asString()).isEqualTo("2021-03-04T05:06:07Z");
        assertThat(token.get("lastAccessAt").asString()).isEqualTo("2025-01-02T03:04:05Z");
        assertThat(token.has("lastAccessAddress")).isFalse();
        assertThat(Instant.parse(token.get("expiresAt").asString()).toEpochMilli())
                .isEqualTo(Instant.parse(UNTIL).toEpochMilli());
        assertThat(token.get("owner").get("name").asString()).isEqualTo(RunningServer.ADMIN_EMAIL);

        for (Answer allowed : new Answer[] {
            askWith(KEY),
            ask("Authorization", "Bearer " + KEY),
            ask("Authorization", basic(KEY, "")),
            ask("Authorization", basic("anything", KEY)),
            server.send(server.request("/gate/v1/haproxy/billing")
                    .header("X-Original-Method", "GET")
                    .header("X-Original-URI", "/v1/invoices?api_key=" + KEY)
                    .build())
        }) {
            assertThat(allowed.status()).isEqualTo(200);
            assertThat(allowed.header("Latchkey-Client-Id")).isEqualTo(clientId);
            assertThat(allowed.header("Latchkey-Credential")).isEqualTo("api_key");
        }
        assertThat(ask("Authorization", "Bearer " + billing.accessToken(billing.reader))
                        .header("Latchkey-Credential"))
                .as("access tokens are told apart")
                .isEqualTo("access_token");
        assertThat(askWith(KEY + "x").json().get("detail").asString()).isEqualTo("The API key is not valid.");
        assertThat(askWith("").status()).isEqualTo(401);
        assertThat(askWith("lkk_" + "0".repeat(65)).json().get("detail").asString())
                .isEqualTo("This is not an API key of this server. Was it copied whole?");
        Waiting.until(
                "the use is shown",
                () -> billing.admin.get("/tokens/" + clientId).json().has("lastAccessAddress"));
        assertThat(billing.admin.get("/tokens?search=key_7f").json().get("items"))
                .hasSize(1);
    }

    @Test
    void hashesInBase64AndWithAPrefixAndASuffixAreFoundAsWell() {
        String base64 = Base64.getEncoder().encodeToString(HexFormat.of().parseHex(PLAIN.sha256("plain-one")));
        imported("{\"sha256\": \"" + base64 + "\"}");
        HashRecipe salted = new HashRecipe("pepper:", ":salt");
        assertThat(send(
                                ", \"prefix\": \"pepper:\", \"suffix\": \":salt\"",
                                "{\"sha256\": \"" + salted.sha256("salted-one") + "\"}")
                        .json()
                        .get("imported")
                        .asInt())
                .isEqualTo(1);
        assertThat(askWith("plain-one").status()).isEqualTo(200);
        assertThat(askWith("salted-one").status()).isEqualTo(200);
        assertThat(askWith("pepper:plain-one:salt").status()).isEqualTo(401);
        server.restart();
        assertThat(askWith("salted-one").status()).as("after a restart").isEqualTo(200);
        for (int i = 3; i <= 9; i++) {
            Answer another = send(", \"suffix\": \"" + i + "\"", row("another-" + i, ""));
            assertThat(another.status()).isEqualTo(i == 9 ? 409 : 200);
        }
    }

    @Test
    void keysThatWereImportedWithoutTheirPrefixWorkOnceTheBatchIsSentAgainWithIt() {
        HashRecipe peppered = new HashRecipe("pepper:", "");
        String row = "{\"sha256\": \"" + peppered.sha256(KEY) + "\"}";
        String clientId = imported(row).get("firstClientId").asString();
        assertThat(askWith(KEY).status()).isEqualTo(401);
        String withPrefix = ", \"prefix\": \"pepper:\"";
        assertThat(send(withPrefix + ", \"dryRun\": true", row).status()).isEqualTo(200);
        assertThat(askWith(KEY).status()).as("after a dry run").isEqualTo(401);
        assertThat(send(withPrefix, row).json().get("existing").asInt()).isEqualTo(1);
        assertThat(askWith(KEY).header("Latchkey-Client-Id")).isEqualTo(clientId);
        int events = importEvents();
        send(withPrefix, row);
        assertThat(importEvents()).as("nothing more to change").isEqualTo(events);
    }

    @Test
    void noPartOfOneOfOurOwnKeysStaysInADescriptionThatIsCut() {
        String own = billing.apiKey("invoice_reader", "").text();
        String long99 = "x".repeat(99);
        JsonNode reply = imported(
                row("k1", ", \"id\": \"" + own + "\""),
                row("k2", ", \"description\": \"" + long99 + own + "\""),
                row("k3", ", \"description\": \"Export\", \"id\": \"" + own.substring(0, 8) + "\""));
        assertThat(reasons(reply))
                .satisfiesExactly(
                        id -> assertThat(id).startsWith("0 id: This contains the secret"),
                        text -> assertThat(text).startsWith("1 description: This contains the secret"));
        assertThat(reply.get("imported").asInt()).isEqualTo(1);
    }

    private int importEvents() {
        return billing.admin
                .get("/events?operation=api_token.import")
                .json()
                .get("items")
                .size();
    }

    @Test
    void aBatchThatIsSentAgainChangesNothingAndRevivesNoKey() {
        String clientId = imported(row(KEY, "")).get("firstClientId").asString();
        JsonNode again = imported(row(KEY, ", \"role\": \"invoice_clerk\""), row("another-key", ""));
        assertThat(again.get("existing").asInt()).isEqualTo(1);
        assertThat(again.get("imported").asInt()).isEqualTo(1);
        assertThat(askWith(KEY).header("Latchkey-Role")).isEqualTo("invoice_reader");

        assertThat(billing.admin.post("/tokens/" + clientId + "/revoke", "{}").status())
                .isEqualTo(200);
        assertThat(askWith(KEY).json().get("detail").asString()).isEqualTo("The API key was revoked or has expired.");
        assertThat(imported(row(KEY, "")).get("existing").asInt()).isEqualTo(1);
        assertThat(askWith(KEY).status()).isEqualTo(401);
        assertThat(askWith("another-key").status()).isEqualTo(200);
    }

    @Test
    void whatCannotBeImportedIsSaidAndEverythingElseIsImported() {
        JsonNode reply = imported(
                row(KEY, ""),
                "{\"sha256\": \"$2b$12$C6UzMDM.H6dfI/f/IKcEeO8m8b1C8i1w6pQ0m3m5m7m9m1m3m5m7m\"}",
                "{\"sha256\": \"$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA\"}",
                "{\"sha256\": \"" + "a".repeat(40) + "\"}",
                row(KEY, ""),
                row("k5", ", \"expiresAt\": \"2020-01-01T00:00:00Z\""),
                row("k6", ", \"owner\": \"eve@example.com\""),
                row("k7", ", \"role\": \"nothing\""),
                row("k8", ", \"createdAt\": \"2999-01-01T00:00:00Z\""),
                row("k9", ", \"allowedAddresses\": [\"somewhere\"]"),
                row("", ""),
                row("k11", ", \"role\": \"invoice_clerk\""));
        assertThat(reply.get("imported").asInt()).isEqualTo(2);
        assertThat(reasons(reply))
                .containsExactly(
                        "1 No key can be looked up by a salted hash (bcrypt). Issue a new key in its place.",
                        "2 No key can be looked up by a salted hash (Argon2). Issue a new key in its place.",
                        "3 This has the length of SHA-1. Only SHA-256 can be imported.",
                        "4 The request has this key twice.",
                        "5 expiresAt: The key has expired.",
                        "6 owner: There is no user with this id, or the user is disabled.",
                        "7 role: There is no such role.",
                        "8 createdAt: Send a time in the past, after 1970.",
                        "9 allowedAddresses: Enter addresses and networks such as 192.0.2.7 or 2001:db8::/32.",
                        "10 This is the hash of an empty key.");
        assertThat(askWith(KEY).header("Latchkey-Role")).isEqualTo("invoice_reader");
        assertThat(askWith("k11").header("Latchkey-Role")).isEqualTo("invoice_clerk");
    }

    @Test
    void anExpiryThatTheAccountDoesNotAllowIsRefusedUnlessTheImportLimitsIt() {
        Answer endless = billing.admin.post("/tokens/import", """
                {"importId": "x", "role": "invoice_reader", "keys": [%s]}""".formatted(row(KEY, "")));
        assertThat(reasons(endless.json())).singleElement().asString().contains("expiresAt: ", "within 365 days");
        JsonNode reply = imported(row(KEY, ", \"expiresAt\": \"2099-01-01T00:00:00Z\""));
        assertThat(reply.get("imported").asInt()).isEqualTo(1);
    }

    @Test
    void aDryRunSaysTheSameAndChangesNothing() {
        JsonNode reply = send(", \"dryRun\": true", row(KEY, ""), row("k2", ", \"role\": \"nothing\""))
                .json();
        assertThat(reply.get("imported").asInt()).isEqualTo(1);
        assertThat(reply.get("refused")).hasSize(1);
        assertThat(reply.has("firstClientId")).isFalse();
        assertThat(askWith(KEY).json().get("detail").asString()).contains("not an API key of this server");
        assertThat(billing.admin
                        .get("/events?operation=api_token.import")
                        .json()
                        .get("items"))
                .isEmpty();
    }

    @Test
    void aThousandKeysAreOneEventAndAreCountedAndFound() {
        String[] rows = IntStream.range(0, 1_000)
                .mapToObj(i -> row("key-" + i, ", \"id\": \"acme-" + i + "\""))
                .toArray(String[]::new);
        long before = tokensOfReader();
        JsonNode reply = imported(rows);
        assertThat(reply.get("imported").asInt()).isEqualTo(1_000);
        JsonNode events =
                billing.admin.get("/events?operation=api_token.import").json().get("items");
        assertThat(events).hasSize(1);
        assertThat(events.get(0).toString())
                .contains("\"acme-2026\"", "\"keys\"", "\"1000\"", "invoice_reader")
                .contains(reply.get("firstClientId").asString())
                .contains(reply.get("lastClientId").asString());
        assertThat(tokensOfReader()).isEqualTo(before + 1_000);
        assertThat(billing.admin.get("/tokens?search=acme-777").json().get("items"))
                .hasSize(1);
        assertThat(askWith("key-0").status()).isEqualTo(200);
        assertThat(askWith("key-999").status()).isEqualTo(200);
        assertThat(send(
                                "",
                                IntStream.range(0, 1_001)
                                        .mapToObj(i -> row("b-" + i, ""))
                                        .toArray(String[]::new))
                        .body())
                .contains("Send 1 to 1000 keys at a time.");
    }

    private long tokensOfReader() {
        return billing.admin
                .get("/roles/invoice_reader")
                .json()
                .get("directTokens")
                .asLong();
    }

    @Test
    void anImportedKeyIsRotatedRestrictedAndReportedAsAllOthers() {
        String clientId = imported(row(KEY, "")).get("firstClientId").asString();
        String own = billing.admin
                .post("/tokens/" + clientId + "/secrets", "")
                .created()
                .json()
                .get("apiKey")
                .asString();
        assertThat(own).startsWith("lkk_");
        assertThat(askWith(own).status()).isEqualTo(200);
        assertThat(askWith(KEY).status()).isEqualTo(200);
        assertThat(billing.admin
                        .send("PATCH", "/tokens/" + clientId, "{\"allowedAddresses\": [\"192.0.2.0/24\"]}")
                        .status())
                .isEqualTo(200);
        assertThat(askWith(KEY).json().get("detail").asString())
                .isEqualTo("The API key may not be used from this address.");
        JsonNode edited =
                billing.admin.send("PATCH", "/tokens/" + clientId, """
                        {"allowedAddresses": [], "authentication": {"method": "api_key"}}""").json();
        assertThat(edited.get("foreign").asBoolean())
                .as("a fact that no edit changes")
                .isTrue();
        assertThat(billing.admin.delete("/tokens/" + clientId + "/secrets/1").status())
                .isEqualTo(204);
        assertThat(askWith(KEY).status()).isEqualTo(401);
        assertThat(askWith(own).status()).isEqualTo(200);

        imported(row("leaked-key", ""));
        assertThat(askWith("leaked-key").status()).isEqualTo(200);
        server.send(server.request("/api/v1/leaks")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"secret\":\"leaked-key\"}"))
                .build());
        assertThat(askWith("leaked-key").status()).isEqualTo(401);
    }

    @Test
    void callersImportOnlyWhatTheyCouldCreate() {
        billing.admin.createRole("creator", "tokens:create");
        RunningServer.Api creator = server.api(billing.admin.createToken("Creator", "creator"));
        String batch = "{\"importId\": \"x\", \"role\": \"%s\", \"expiresBy\": \"" + UNTIL + "\", \"keys\": [%s]}";
        Answer notCovered = creator.post("/tokens/import", batch.formatted("invoice_reader", row(KEY, "")));
        assertThat(notCovered.status()).isEqualTo(403);
        Answer partly = creator.post(
                "/tokens/import",
                batch.formatted(
                        "public",
                        row(KEY, ", \"role\": \"invoice_reader\"") + "," + row("k2", ", \"owner\": \"ada@example.com\"")
                                + "," + row("k3", "")));
        assertThat(partly.json().get("imported").asInt()).isEqualTo(1);
        assertThat(reasons(partly.json()))
                .satisfiesExactly(
                        role -> assertThat(role).startsWith("0 "),
                        owner -> assertThat(owner).contains("users:read"));
        RunningServer.Api reader = server.api(billing.reader);
        assertThat(reader.post("/tokens/import", batch.formatted("public", row("k4", "")))
                        .status())
                .isEqualTo(403);
        assertThat(billing.admin.post("/tokens", """
                                {"role": "public", "expiresAt": "%s",
                                 "authentication": {"method": "api_key", "importId": "acme"}}""".formatted(UNTIL)).body())
                .contains("authentication.importId", "POST /tokens/import");
    }

    @Test
    void aKeyWorksOnEveryNodeAndNeitherItsHashNorItselfIsInTheDatabase() {
        assumeTrue(engine == TestEngine.POSTGRESQL);
        try (RunningServer other = server.secondNode()) {
            imported(row(KEY, ""));
            Waiting.until(
                    "the other node takes the key",
                    () -> ask(other, "X-API-Key", KEY).status() == 200);
        }
        String stored = Jdbi.create(server.databaseUrl())
                .withHandle(handle ->
                        handle
                                .createQuery("select secret_hash from api_token_secret")
                                .mapTo(String.class)
                                .list()
                                .stream()
                                .collect(Collectors.joining(" ")));
        assertThat(stored).doesNotContain(KEY).doesNotContain(PLAIN.sha256(KEY));
    }
}
