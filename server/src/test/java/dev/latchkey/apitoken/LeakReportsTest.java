package dev.latchkey.apitoken;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reports of leaked secrets: several at once, and as GitHub's secret scanning sends and signs them. */
class LeakReportsTest {
    private static final String PUBLISHED = "/meta/public_keys/secret_scanning";

    /** GitHub's own example: the report, its signature, and the key that made it. */
    private static final String EXAMPLE =
            "[{\"token\":\"NMIfyYncKcRALEXAMPLE\",\"type\":\"mycompany_api_token\",\"url\":\"https://github.com/octocat/Hello-World/blob/"
                    + "12345600b9cbe38a219f39a9941c9319b600c002/foo/bar.txt\",\"source\":\"content\"}]";

    private static final String EXAMPLE_ID = "f9525bf080f75b3506ca1ead061add62b8633a346606dc5fe544e29231c6ee0d";
    private static final String EXAMPLE_SIGNATURE =
            "MEUCIQDfLvT8/zM8F1aB3cM0ZwyeWF1m5YR6IhcUIv1OKQYL0wIgBZ5lVXB3gHK+dT8+xt0WgRVLqvsTPFiDO9QP/7eJ4yE=";
    private static final String EXAMPLE_KEY = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP
            HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==
            -----END PUBLIC KEY-----
            """;

    private static final AtomicInteger FETCHES = new AtomicInteger();
    private static final TestClock CLOCK = new TestClock();

    private static volatile String published = "";
    private static HttpServer github;
    private static KeyPair key;
    private static RunningServer server;
    private static RunningServer.Api admin;

    @BeforeAll
    static void start() throws IOException, GeneralSecurityException {
        key = newKey("secp256r1");
        github = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        github.createContext(PUBLISHED, exchange -> {
            FETCHES.incrementAndGet();
            byte[] body = published.getBytes(StandardCharsets.UTF_8);
            if (body.length == 0) {
                exchange.sendResponseHeaders(503, -1);
            } else {
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        github.start();
        String host = "localhost:" + github.getAddress().getPort();
        server = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "key-hosts",
                        host,
                        "secret-scanning-keys-url",
                        "http://" + host + PUBLISHED,
                        "trusted-proxies",
                        "127.0.0.1,::1"),
                CLOCK);
    }

    @AfterAll
    static void stop() {
        server.close();
        github.stop(0);
    }

    /** The clock moves on, past what an access token lives and past the time between two fetches. */
    @BeforeEach
    void later() {
        CLOCK.advance(Duration.ofMinutes(61));
        published = keys("own", pem(key), EXAMPLE_ID, EXAMPLE_KEY);
        admin = server.admin();
    }

    private static KeyPair newKey(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** As GitHub publishes them. */
    private static String keys(String... idsAndKeys) {
        StringBuilder keys = new StringBuilder();
        for (int i = 0; i < idsAndKeys.length; i += 2) {
            keys.append(i == 0 ? "" : ",")
                    .append(JsonMapper.shared()
                            .writeValueAsString(Map.of(
                                    "key_identifier", idsAndKeys[i], "key", idsAndKeys[i + 1], "is_current", i == 0)));
        }
        return "{\"public_keys\":[" + keys + "]}";
    }

    private static Answer report(String json, String... fields) {
        HttpRequest.Builder request = server.request("/api/v1/leaks")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json));
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return server.send(request.build());
    }

    private static Answer signed(String json, String id, KeyPair by) throws GeneralSecurityException {
        return signedFrom("192.0.2.1", json, id, by);
    }

    private static Answer signedFrom(String address, String json, String id, KeyPair by)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(by.getPrivate());
        signature.update(json.getBytes(StandardCharsets.UTF_8));
        return report(
                json,
                "X-Forwarded-For",
                address,
                "Github-Public-Key-Identifier",
                id,
                "Github-Public-Key-Signature",
                Base64.getEncoder().encodeToString(signature.sign()));
    }

    private static String find(String secret) {
        return "{\"token\":\"" + secret
                + "\",\"type\":\"latchkey\",\"url\":\"https://github.example/a/b\",\"source\":\"content\"}";
    }

    private static boolean isLive(Credentials credentials) {
        return server.requestAccessToken(credentials, "").status() == 200;
    }

    private static String unknown() {
        return Secret.generate(new SecureRandom()).value();
    }

    private static String sha256(String text) throws GeneralSecurityException {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aListRevokesEachLiveSecretInIt() {
        Credentials one = admin.createToken("One", "public");
        Credentials two = admin.createToken("Two", "public");
        Answer answer = report("[{\"secret\":\"" + one.clientSecret() + "\",\"foundAt\":\"a\"},{\"secret\":\""
                + unknown() + "\"},{\"secret\":\"" + two.clientSecret() + "\",\"foundAt\":\"b " + two.clientSecret()
                + "\"}]");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.body()).isEqualTo(report("[]").body());
        assertThat(isLive(one)).isFalse();
        assertThat(isLive(two)).isFalse();
        assertThat(admin.get("/tokens/" + two.clientId() + "/events").body())
                .contains("b lks_...")
                .doesNotContain(two.clientSecret());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"secret\":\"x\",\"foundAt\":\"a\"},{\"foundAt\":\"b\"}]|[1].secret",
                "[{\"secret\":\"x\"},{\"secret\":\"y\",\"foundAt\":\"a\\nb\"}]|[1].foundAt",
                "[{\"secret\":\"x\",\"where\":\"a\"}]|[0].where",
                "[{\"token\":\"x\"},{\"secret\":\"y\"}]|[0].token",
                "[null]|[0]",
                "[\"x\"]|[0]",
                "{\"token\":\"x\"}|token"
            })
    void aMalformedReportNamesTheFieldAndRevokesNothing(String reportAndField) {
        String[] parts = reportAndField.split("\\|");
        Credentials live = admin.createToken("Live", "public");
        Answer answer = report(parts[0].replace("\"x\"", "\"" + live.clientSecret() + "\""));
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("\"field\":\"" + parts[1] + "\"").doesNotContain(live.clientSecret());
        assertThat(isLive(live)).isTrue();
    }

    @Test
    void githubLearnsWhichOfItsFindsWereReal() throws GeneralSecurityException {
        Credentials leaked = admin.createToken("Leaked", "public");
        String unknown = unknown();
        Answer answer = signed(
                "[" + find(leaked.clientSecret()) + "," + find(unknown) + "," + find(leaked.clientSecret()) + "]",
                "own",
                key);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode labels = answer.json();
        assertThat(labels.size()).isEqualTo(3);
        assertThat(labels.get(0).propertyNames()).containsExactlyInAnyOrder("token_hash", "token_type", "label");
        assertThat(labels.get(0).get("token_hash").asString()).isEqualTo(sha256(leaked.clientSecret()));
        assertThat(labels.get(0).get("token_type").asString()).isEqualTo("latchkey");
        assertThat(labels.get(0).get("label").asString()).isEqualTo("true_positive");
        assertThat(labels.get(1).get("label").asString()).isEqualTo("false_positive");
        assertThat(labels.get(2).get("label").asString()).as("reported twice").isEqualTo("true_positive");
        assertThat(answer.body()).doesNotContain(leaked.clientSecret(), unknown);
        assertThat(isLive(leaked)).isFalse();
        assertThat(admin.get("/tokens/" + leaked.clientId() + "/events").body())
                .contains("leak report", "https://github.example/a/b");
    }

    @Test
    void theExampleInGithubsDocumentationIsAccepted() {
        Answer answer = report(
                EXAMPLE, "GITHUB-PUBLIC-KEY-IDENTIFIER", EXAMPLE_ID, "GITHUB-PUBLIC-KEY-SIGNATURE", EXAMPLE_SIGNATURE);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get(0).get("token_type").asString()).isEqualTo("mycompany_api_token");
        assertThat(answer.json().get(0).get("label").asString()).isEqualTo("false_positive");
    }

    @Test
    void aWrongSignatureIsRefused() throws GeneralSecurityException {
        Credentials leaked = admin.createToken("Leaked", "public");
        String json = "[" + find(leaked.clientSecret()) + "]";
        assertThat(signed(json, "own", newKey("secp256r1")).status()).isEqualTo(403);
        for (String signature : new String[] {EXAMPLE_SIGNATURE, "nonsense", "AAAA"}) {
            Answer refused =
                    report(json, "Github-Public-Key-Identifier", "own", "Github-Public-Key-Signature", signature);
            assertThat(refused.status()).as(signature).isEqualTo(403);
            assertThat(refused.json().get("code").asString()).isEqualTo("invalid_signature");
        }
        assertThat(isLive(leaked)).isTrue();
        assertThat(signed(json, "own", key).status()).isEqualTo(200);
    }

    @Test
    void githubsFindsWithoutASignatureAreLikeAnyones() throws GeneralSecurityException {
        Credentials leaked = admin.createToken("Leaked", "public");
        Answer answer = report("[{\"token\":\"" + leaked.clientSecret() + "\",\"new_member\":true,\"url\":\"\"}]");
        assertThat(answer.status()).isEqualTo(202);
        assertThat(isLive(leaked)).isFalse();

        Credentials other = admin.createToken("Other", "public");
        assertThat(signed("[" + find(other.clientSecret()) + "]", "not published", key)
                        .status())
                .as("a key that is not published")
                .isEqualTo(202);
        assertThat(isLive(other)).isFalse();
    }

    @Test
    void aLeakIsEndedEvenIfTheKeysCannotBeFetched() throws GeneralSecurityException {
        for (String broken : new String[] {
            "", "{}", "not JSON", keys("own", "nonsense"), keys("own", pem(newKey("secp384r1"))), "x".repeat(100_000)
        }) {
            CLOCK.advance(Duration.ofDays(2));
            published = broken;
            RunningServer.Api now = server.admin();
            Credentials leaked = now.createToken("Leaked", "public");
            assertThat(signed("[" + find(leaked.clientSecret()) + "]", "own", key)
                            .status())
                    .as(broken.length() > 1_000 ? "long" : broken)
                    .isEqualTo(202);
            assertThat(isLive(leaked)).isFalse();
        }
    }

    @Test
    void keysAreKeptForAnHourAndForADayWhenGithubDoesNotAnswer() throws GeneralSecurityException {
        String json = "[" + find(unknown()) + "]";
        assertThat(signed(json, "own", key).status()).isEqualTo(200);
        int fetches = FETCHES.get();
        for (int i = 0; i < 5; i++) {
            assertThat(signed(json, "own", key).status()).isEqualTo(200);
            assertThat(signed(json, "unknown " + i, key).status()).isEqualTo(202);
        }
        assertThat(FETCHES).as("unknown keys right after a fetch").hasValue(fetches);

        KeyPair next = newKey("secp256r1");
        published = keys("next", pem(next));
        CLOCK.advance(Duration.ofSeconds(31));
        assertThat(signed(json, "next", next).status()).as("a new key").isEqualTo(200);
        assertThat(FETCHES).hasValue(fetches + 1);

        published = "";
        CLOCK.advance(Duration.ofHours(23));
        assertThat(signed(json, "next", next).status()).isEqualTo(200);
        CLOCK.advance(Duration.ofHours(2));
        assertThat(signed(json, "next", next).status()).as("after a day").isEqualTo(202);
    }

    @Test
    void manyFindsInOneReportCountAsManyAndGithubNeverWaits() throws GeneralSecurityException {
        String address = "192.0.2.99";
        String hundred = "[" + String.join(",", Collections.nCopies(100, "{\"secret\":\"x\"}")) + "]";
        assertThat(report(hundred, "X-Forwarded-For", address).status()).isEqualTo(202);
        Answer refused = Stream.generate(() -> report("{\"secret\":\"x\"}", "X-Forwarded-For", address))
                .limit(50)
                .filter(answer -> answer.status() == 429)
                .findFirst()
                .orElseThrow();
        assertThat(refused.header("Retry-After")).isNotEmpty();
        assertThat(signedFrom(address, "[" + find("x") + "]", "own", key).status())
                .isEqualTo(200);
    }

    @Test
    void anyoneMaySendAHundredFindsAndGithubMore() throws GeneralSecurityException {
        String many = "[" + String.join(",", Collections.nCopies(101, find("x"))) + "]";
        Answer refused = report(many);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("at most 100");
        Answer answer = signed(many, "own", key);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().size()).isEqualTo(101);
    }
}
