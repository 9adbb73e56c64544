package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.oauth.ProgramKey.Draft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7523 sections 2.2 and 3, {@code private_key_jwt}: rule by rule, and what an attacker would try. */
class ClientAssertionsTest {
    private static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    private static final ProgramKey KEY = ProgramKey.make();
    private static final AtomicInteger FETCHES = new AtomicInteger();

    private static RunningServer server;
    private static HttpServer elsewhere;
    private static String clientId;

    @BeforeAll
    static void start() throws IOException {
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        elsewhere.createContext("/", exchange -> {
            FETCHES.incrementAndGet();
            byte[] keys = KEY.jwks().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        elsewhere.start();
        server = RunningServer.start(
                TestEngine.SQLITE, Map.of("key-hosts", authority(), "trusted-proxies", "127.0.0.1,::1"));
        clientId = program(KEY);
    }

    @AfterAll
    static void stop() {
        server.close();
        elsewhere.stop(0);
    }

    private static String authority() {
        return "localhost:" + elsewhere.getAddress().getPort();
    }

    /** The client id of a new API token with this key. */
    private static String program(ProgramKey key) {
        return created("{\"method\":\"private_key_jwt\",\"jwks\":" + key.jwks() + "}")
                .json()
                .get("clientId")
                .asString();
    }

    private static Answer created(String authentication) {
        return server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Signs\",\"role\":\"public\",\"authentication\":" + authentication + "}")
                .created();
    }

    private static Draft assertion() {
        return KEY.assertion(clientId, server.url());
    }

    private static Answer send(String assertion, String... more) {
        return Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=client_credentials&client_assertion_type=" + TYPE + "&client_assertion=" + assertion
                        + String.join("", more));
    }

    private static void assertAccepted(Draft draft) {
        Answer answer = send(draft.signed());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** Section 3.2, and RFC 6749 section 5.2. */
    private static void assertRefused(String assertion) {
        Answer answer = send(assertion);
        assertThat(answer.status()).as(assertion).isEqualTo(401);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }

    private static void assertRefused(Draft draft) {
        assertRefused(draft.signed());
    }

    @Test
    void section2Point2AnAssertionIsProofEnough() {
        assertAccepted(assertion());
        assertAccepted(assertion().header("kid", null));
        assertAccepted(assertion().header("typ", "JWT"));
        assertAccepted(assertion().header("typ", "client-authentication+jwt"));
    }

    @Test
    void aTokenWithAKeyHasNoSecret() {
        Answer created = created("{\"method\":\"private_key_jwt\",\"jwks\":" + KEY.jwks() + "}");
        assertThat(created.json().has("clientSecret")).isFalse();
        for (String secret : List.of("lks_wrong", KEY.jwks(), "null", " ")) {
            assertThat(server.requestAccessToken(new Credentials(clientId, secret), "")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void aTokenWithASecretHasNoKey() {
        Credentials secret = server.admin().createToken("Has a secret", "public");
        assertRefused(KEY.assertion(secret.clientId(), server.url()));
    }

    @Test
    void section2Point2AnotherTypeOfAssertionIsRefused() {
        for (String form : List.of(
                "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer&client_assertion="
                        + assertion().signed(),
                "&client_assertion=" + assertion().signed(),
                "&client_assertion_type=" + TYPE,
                "&client_assertion_type=" + TYPE.toUpperCase(java.util.Locale.ROOT) + "&client_assertion="
                        + assertion().signed())) {
            Answer answer = Callers.postForm(server, "/oauth/v2/token", "grant_type=client_credentials" + form);
            assertThat(answer.status()).as(form).isIn(400, 401);
            assertThat(answer.json().get("error").asString()).isIn("invalid_request", "invalid_client");
        }
    }

    @Test
    void section2Point2OneAssertionAndNoMore() {
        Answer twice =
                send(assertion().signed(), "&client_assertion=" + assertion().signed());
        assertThat(twice.status()).isEqualTo(400);
        assertRefused(assertion().signed() + "+" + assertion().signed());
        assertRefused(assertion().signed() + "," + assertion().signed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "..",
                "a.b.c",
                "e30.e30.e30",
                "e30.e30.",
                "bnVsbA.bnVsbA.bnVsbA",
                "W10.W10.W10",
                "eyJhbGciOiJFUzI1NiJ9.bnVsbA.e30",
                "eyJhbGciOiJFUzI1NiJ9.IiI.e30",
                "eyJhbGciOiJFUzI1NiJ9.W10.e30",
                "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.e30.e30.e30.e30",
                "%F0%9F%94%91.%F0%9F%94%91.%F0%9F%94%91"
            })
    void whatIsNoJwtIsRefused(String text) {
        assertRefused(text);
    }

    @Test
    void claimsOfTheWrongKindAreRefused() {
        for (String claim : List.of("iss", "sub", "jti", "exp", "iat", "nbf")) {
            assertRefused(assertion().claim(claim, List.of("x")));
            assertRefused(assertion().claim(claim, Map.of("x", "y")));
        }
        assertRefused(assertion().claim("exp", "tomorrow"));
        assertRefused(assertion().claim("exp", Long.MAX_VALUE));
        assertRefused(assertion().claim("exp", -1L));
        assertRefused(assertion().claim("aud", Map.of("x", "y")));
    }

    @Test
    void anOversizeAssertionIsRefused() {
        assertAccepted(assertion().claim("pad", "x".repeat(2_000)));
        assertRefused(assertion().claim("pad", "x".repeat(14_000)));
    }

    @Test
    void section3TheIssuerIsTheClient() {
        for (String other : new String[] {
            null, "", "https://ci.example", clientId + " ", clientId.toUpperCase(java.util.Locale.ROOT)
        }) {
            assertRefused(assertion().claim("iss", other));
        }
    }

    @Test
    void section3TheSubjectIsTheClient() {
        for (String other : new String[] {null, "", "zzzzzz.zzzzzzzzzzzzzzzz", clientId + " "}) {
            assertRefused(assertion().claim("sub", other));
        }
        String neighbour = program(ProgramKey.make());
        assertRefused(assertion().claim("sub", neighbour));
        assertRefused(assertion().claim("sub", neighbour).claim("iss", neighbour));
    }

    @Test
    void section3TheAudienceIsThisServer() {
        assertAccepted(assertion().claim("aud", server.url()));
        assertAccepted(assertion().claim("aud", List.of(server.url())));
        for (Object other : new Object[] {
            null,
            server.url() + "/oauth/v2/token",
            server.url() + "/oauth/v2/introspect",
            server.url() + "/oauth/v2/revoke",
            List.of(server.url(), server.url()),
            List.of(server.url(), server.url() + "/oauth/v2/token"),
            "",
            List.of(),
            "https://other.example",
            server.url() + "/",
            server.url() + "/api/v1",
            server.url().replace("http", "HTTP"),
            server.url() + ".evil.example",
            List.of(server.url(), "https://other.example")
        }) {
            assertRefused(assertion().claim("aud", other));
        }
    }

    /** RFC 10070 section 4. */
    @Test
    void aProgramWhoseLibraryNamesTheTokenEndpointNeedsTheSettingForIt() {
        String strict = program(KEY);
        assertRefused(KEY.assertion(strict, server.url() + "/oauth/v2/token"));
        String lenient = created(
                        "{\"method\":\"private_key_jwt\",\"tokenEndpointAudience\":true,\"jwks\":" + KEY.jwks() + "}")
                .json()
                .get("clientId")
                .asString();
        assertAccepted(KEY.assertion(lenient, server.url() + "/oauth/v2/token"));
        assertAccepted(KEY.assertion(lenient, server.url()));
        assertRefused(KEY.assertion(lenient, server.url() + "/oauth/v2/introspect"));
        assertRefused(KEY.assertion(lenient, server.url())
                .claim("aud", List.of(server.url(), server.url() + "/oauth/v2/token")));
    }

    /** Half a minute is what clocks may differ by, both ways. */
    @Test
    void section3AnAssertionCountsWithinItsTime() {
        long now = ProgramKey.now();
        assertAccepted(assertion().claim("exp", now + 3_600));
        assertAccepted(assertion().claim("exp", now - 15));
        assertAccepted(assertion().claim("nbf", now + 15));
        assertAccepted(assertion().claim("iat", now + 15));
        assertRefused(assertion().claim("exp", null));
        assertRefused(assertion().claim("exp", now - 45));
        assertRefused(assertion().claim("exp", now + 3_720));
        assertRefused(assertion().claim("nbf", now + 90));
        assertRefused(assertion().claim("iat", now + 90));
    }

    @Test
    void section3AnAssertionCountsOnce() {
        Draft draft = assertion().claim("jti", "once");
        String assertion = draft.signed();
        assertThat(send(assertion).status()).isEqualTo(200);
        assertRefused(assertion);
        assertRefused(draft.claim("exp", ProgramKey.now() + 100));
        ProgramKey neighbour = ProgramKey.make();
        assertAccepted(neighbour.assertion(program(neighbour), server.url()).claim("jti", "once"));
    }

    @Test
    void section3AnAssertionNeedsAnIdThatCanBeRemembered() {
        assertRefused(assertion().claim("jti", null));
        assertRefused(assertion().claim("jti", ""));
        assertRefused(assertion().claim("jti", "x".repeat(1_000)));
    }

    /** Anyone who sees an assertion that was refused must not be able to use up the id of a good one. */
    @Test
    void aForgedAssertionUsesUpNoId() {
        assertRefused(assertion().claim("jti", "wanted").by(ProgramKey.make()));
        assertAccepted(assertion().claim("jti", "wanted"));
    }

    @Test
    void anAssertionFromBeforeTheStartIsRefused() throws InterruptedException {
        String used = assertion().signed();
        assertThat(send(used).status()).isEqualTo(200);
        // Times of issue are whole seconds, so those of the second of the start count.
        long made = ProgramKey.now();
        Waiting.until("another second", () -> ProgramKey.now() >= made + 2);
        server.restart();
        assertRefused(used);
        assertRefused(assertion().claim("iat", ProgramKey.now() - 5));
        // One that does not say when it was made is taken for one of a minute.
        assertRefused(assertion().claim("iat", null).claim("exp", ProgramKey.now() + 50));
        assertRefused(assertion().claim("iat", null).claim("nbf", ProgramKey.now() - 5));
        assertAccepted(assertion().claim("iat", ProgramKey.now() + 2));
        assertAccepted(assertion().claim("iat", null).claim("exp", ProgramKey.now() + 62));
        assertAccepted(assertion()
                .claim("iat", null)
                .claim("nbf", ProgramKey.now() + 2)
                .claim("exp", ProgramKey.now() + 300));
    }

    @Test
    void section3AnAssertionThatDoesNotSayWhenItWasMadeLivesAMinute() {
        assertAccepted(assertion().claim("iat", null).claim("exp", ProgramKey.now() + 80));
        assertRefused(assertion().claim("iat", null).claim("exp", ProgramKey.now() + 120));
    }

    @Test
    void noneIsNoAlgorithm() {
        assertion().unsigned().forEach(ClientAssertionsTest::assertRefused);
    }

    @Test
    void thePublicKeyIsNoSharedSecret() {
        assertion().signedWithThePublicKey().forEach(ClientAssertionsTest::assertRefused);
        ProgramKey rsa = ProgramKey.make(JWSAlgorithm.RS256);
        rsa.assertion(program(rsa), server.url()).signedWithThePublicKey().forEach(ClientAssertionsTest::assertRefused);
    }

    @Test
    void aKeyInTheAssertionIsNotTrusted() {
        ProgramKey evil = ProgramKey.make();
        String address = "http://" + authority() + "/keys";
        int before = FETCHES.get();
        assertRefused(assertion().by(evil));
        assertRefused(assertion().by(evil).header("kid", evil.publicKey().getKeyID()));
        assertRefused(assertion().by(evil).header("jwk", evil.publicKey().toJSONObject()));
        assertRefused(assertion()
                .by(evil)
                .header("kid", null)
                .header("jwk", evil.publicKey().toJSONObject()));
        // KEY is at this address, so a server that followed it would accept the assertion of another client.
        String neighbour = program(evil);
        for (String field : List.of("jku", "x5u")) {
            assertRefused(KEY.assertion(neighbour, server.url()).header(field, address));
            assertRefused(KEY.assertion(neighbour, server.url())
                    .header(field, address)
                    .header("kid", null));
        }
        assertRefused(assertion().by(evil).header("x5c", List.of("MIIB")));
        for (String kid : List.of("../../../../dev/null", "' OR '1'='1", "/dev/null", "\u0000", "x".repeat(5_000))) {
            assertRefused(assertion().by(evil).header("kid", kid));
        }
        assertThat(FETCHES).hasValue(before);
    }

    @Test
    void anAlteredAssertionIsRefused() {
        String[] parts = assertion().signed().split("\\.");
        String[] others = assertion().signed().split("\\.");
        assertRefused(parts[0] + "." + others[1] + "." + parts[2]);
        assertRefused(parts[0] + "." + parts[1] + ".");
        assertRefused(parts[0] + "." + parts[1] + "." + "A".repeat(86));
        assertRefused(parts[0] + "." + parts[1]);
    }

    @Test
    void anAssertionHasOneSpelling() {
        String[] parts = assertion().signed().split("\\.");
        for (int part = 0; part < 3; part++) {
            for (String more : List.of("*", "%3D", "$$$$", "%2B", "%2F")) {
                String[] spelled = parts.clone();
                spelled[part] = parts[part] + more;
                assertRefused(String.join(".", spelled));
            }
        }
        assertThat(send(String.join(".", parts)).status()).isEqualTo(200);
    }

    @Test
    void anUnknownCriticalHeaderIsRefused() {
        assertRefused(assertion().header("crit", List.of("x")).header("x", true));
        assertRefused(assertion().header("crit", List.of("b64")).header("b64", true));
        assertRefused(assertion().header("crit", List.of()));
    }

    /** RFC 8725 section 3.11. */
    @Test
    void aJwtForSomethingElseIsNoAssertion() {
        assertRefused(assertion().header("typ", "at+jwt"));
        assertRefused(assertion().header("typ", "dpop+jwt"));
        assertRefused(server.accessToken(server.bootstrap()));
    }

    @Test
    void rfc7521Section4Point2TheClientIdIsTheSubject() {
        assertThat(send(assertion().signed(), "&client_id=" + clientId).status())
                .isEqualTo(200);
        Answer answer = send(assertion().signed(), "&client_id=zzzzzz.zzzzzzzzzzzzzzzz");
        assertThat(answer.status()).isIn(400, 401);
    }

    @Test
    void section3Point2WhatDoesNotHoldIsAnInvalidClient() {
        String first = send("x").body();
        for (Draft draft : List.of(
                assertion().claim("aud", "https://other.example"),
                assertion().claim("exp", 1L),
                assertion().by(ProgramKey.make()),
                KEY.assertion("zzzzzz.zzzzzzzzzzzzzzzz", server.url()))) {
            Answer answer = send(draft.signed());
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.body()).as("nothing to learn from").isEqualTo(first);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ES256", "ES384", "ES512", "EdDSA", "RS256", "RS512", "PS256", "PS384"})
    void section5EveryKindOfKeyWorks(String algorithm) {
        ProgramKey key = ProgramKey.make(JWSAlgorithm.parse(algorithm));
        assertAccepted(key.assertion(program(key), server.url()));
    }

    @Test
    void anAlgorithmOfAnotherKindOfKeyIsRefused() {
        ProgramKey rsa = ProgramKey.make(JWSAlgorithm.RS256);
        String id = program(rsa);
        assertRefused(rsa.assertion(id, server.url()).header("alg", "ES256"));
        assertRefused(rsa.assertion(id, server.url()).header("alg", "PS256"));
        assertRefused(assertion().header("alg", "ES384"));
        assertRefused(assertion().header("alg", "EdDSA"));
        assertRefused(assertion().header("alg", "RS256"));
    }

    @Test
    void theKeysMayBeAtAnAddress() {
        String address = "http://" + authority() + "/keys";
        String id = created("{\"method\":\"private_key_jwt\",\"jwksUri\":\"" + address + "\"}")
                .json()
                .get("clientId")
                .asString();
        assertAccepted(KEY.assertion(id, server.url()));
        assertRefused(KEY.assertion(id, server.url()).by(ProgramKey.make()));
        server.reload("key-hosts", "keys.example");
        assertRefused(KEY.assertion(id, server.url()));
        server.reload("key-hosts", authority());
        assertAccepted(KEY.assertion(id, server.url()));
    }

    @Test
    void privateKeysAndSecretsAreNotRegistered() {
        for (String keys : List.of(
                "{\"keys\":[" + KEY.privateKey().toJSONString() + "]}",
                "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}",
                "{\"keys\":[]}",
                "{}")) {
            Answer answer = server.admin()
                    .post(
                            "/tokens",
                            "{\"description\":\"x\",\"role\":\"public\",\"authentication\":"
                                    + "{\"method\":\"private_key_jwt\",\"jwks\":" + keys + "}}");
            assertThat(answer.status()).as(keys).isEqualTo(422);
            assertThat(answer.body()).doesNotContain("\"d\"", "c2VjcmV0");
        }
    }

    @Test
    void oneKeyThatCannotBeUsedDoesNotSpoilTheOthers() {
        String good = KEY.publicKey().toJSONString();
        String odd = "null,7,{\"kty\":\"XYZ\"},{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}";
        String id = created("{\"method\":\"private_key_jwt\",\"jwks\":{\"keys\":[" + odd + "," + good + "]}}")
                .json()
                .get("clientId")
                .asString();
        assertAccepted(KEY.assertion(id, server.url()));
        Answer none = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"x\",\"role\":\"public\",\"authentication\":{\"method\":"
                                + "\"private_key_jwt\",\"jwks\":{\"keys\":[" + odd + "]}}}");
        assertThat(none.status()).isEqualTo(422);
        assertThat(none.body()).contains("key number 1", "its curve is not one of");
    }

    @Test
    void publicKeysThatAnAttackerOnTheWayCouldSwapAreNotRegistered() {
        for (String authentication : List.of(
                "{\"method\":\"private_key_jwt\",\"jwksUri\":\"http://keys.example/jwks\"}",
                "{\"method\":\"federated\",\"issuer\":\"http://ci.example\",\"claims\":{\"sub\":\"x\"}}")) {
            Answer answer = server.admin()
                    .post(
                            "/tokens",
                            "{\"description\":\"x\",\"role\":\"public\",\"authentication\":" + authentication + "}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(422);
            assertThat(answer.body()).contains("https://");
        }
    }

    @Test
    void everyKindOfSubjectCanBeRegisteredOrIsRefusedWithAReason() {
        for (String subject : List.of(
                "businessCategory=Private Organization,jurisdictionCountryName=GB,serialNumber=01234567,O=Example",
                "E=ops@example.com,CN=legacy client",
                "1.2.840.113549.1.9.1=#160f6f7073406578616d706c652e636f6d,CN=hex encoded",
                "CN=#0c0568656c6c6f")) {
            created("{\"method\":\"tls_client_auth\",\"subjectDn\":\"" + subject + "\"}");
        }
        Answer unknown = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"x\",\"role\":\"public\",\"authentication\":{\"method\":\"tls_client_auth\","
                                + "\"subjectDn\":\"shoeSize=44\"}}");
        assertThat(unknown.status()).isEqualTo(422);
        assertThat(unknown.body()).contains("shoeSize", "Use its number");
    }
}
