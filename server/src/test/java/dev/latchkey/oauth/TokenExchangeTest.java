package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.oauth.ProgramKey.Draft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Outside tokens become access tokens: RFC 8693 and RFC 7523 section 2.1, with an issuer that this test plays. */
class TokenExchangeTest {
    private static final ProgramKey KEY = ProgramKey.make();

    private static HttpServer elsewhere;
    private static RunningServer server;
    private static String issuer;
    private static String clientId;

    @BeforeAll
    static void start() throws IOException {
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String authority = "localhost:" + elsewhere.getAddress().getPort();
        issuer = "http://" + authority + "/realm";
        serve(
                "/realm/.well-known/openid-configuration",
                "{\"issuer\":\"" + issuer + "\",\"jwks_uri\":\"http://" + authority + "/keys\"}");
        serve(
                "/liar/.well-known/openid-configuration",
                "{\"issuer\":\"https://other.example\",\"jwks_uri\":\"http://" + authority + "/keys\"}");
        serve("/keys", KEY.jwks());
        elsewhere.start();
        Map<String, String> settings = new HashMap<>(Callers.BELIEVED);
        settings.put("key-hosts", authority);
        server = RunningServer.start(TestEngine.SQLITE, settings);
        clientId = trusting(issuer, "{\"sub\":\"repo:acme/shop:*\",\"/cluster.local/namespace\":\"prod\"}");
    }

    private static void serve(String path, String json) {
        elsewhere.createContext(path, exchange -> {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    @AfterAll
    static void stop() {
        server.close();
        elsewhere.stop(0);
    }

    /** The client id of a new API token that trusts the issuer under these conditions. */
    private static String trusting(String from, String claims) {
        return server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Build\",\"role\":\"public\",\"authentication\":{\"method\":\"federated\","
                                + "\"issuer\":\"" + from + "\",\"claims\":" + claims + "}}")
                .created()
                .json()
                .get("clientId")
                .asString();
    }

    private static Draft outside() {
        return KEY.assertion("repo:acme/shop:main", server.url())
                .claim("iss", issuer)
                .claim("cluster.local", Map.of("namespace", "prod"));
    }

    private static Answer exchanged(String token, String more) {
        return Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + clientId
                        + "&subject_token_type=urn:ietf:params:oauth:token-type:jwt&subject_token=" + token + more);
    }

    private static Answer vouched(String token, String more) {
        return Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&client_id=" + clientId + "&assertion=" + token
                        + more);
    }

    private static void assertRefused(Draft token) {
        assertRefused(token.signed());
    }

    private static void assertRefused(String token) {
        Answer answer = exchanged(token, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        Answer other = vouched(token, "");
        assertThat(other.status()).as(other.body()).isEqualTo(400);
        assertThat(other.json().get("error").asString()).isEqualTo("invalid_grant");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    @Test
    void section2AnOutsideTokenIsExchanged() {
        Answer answer = exchanged(outside().signed(), "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().get("issued_token_type").asString())
                .isEqualTo("urn:ietf:params:oauth:token-type:access_token");
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.json().get("expires_in").asInt()).isEqualTo(600);
        assertThat(answer.json().has("scope")).as("there is no empty scope").isFalse();
        assertThat(answer.json().has("refresh_token")).isFalse();
        Answer me = server.send(server.request("/api/v1/me")
                .header(
                        "Authorization",
                        "Bearer " + answer.json().get("access_token").asString())
                .build());
        assertThat(me.status()).isEqualTo(200);
        assertThat(me.body()).contains(clientId);
    }

    @Test
    void rfc7523Section2Point1AnOutsideTokenIsAGrant() {
        Answer answer = vouched(outside().signed(), "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().has("issued_token_type")).isFalse();
    }

    @Test
    void thePlatformMayPresentTheSameTokenUntilItExpires() {
        String token = outside().signed();
        assertThat(exchanged(token, "").status()).isEqualTo(200);
        assertThat(exchanged(token, "").status()).isEqualTo(200);
    }

    @Test
    void section2Point1WhatIsMissingIsSaid() {
        for (String form : List.of("", "&subject_token=x", "&subject_token_type=x")) {
            Answer answer = Callers.postForm(
                    server,
                    "/oauth/v2/token",
                    "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + clientId + form);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
            assertThat(answer.json().get("error_description").asString()).contains("subject_token");
        }
    }

    @Test
    void section2Point1AnActorIsRefused() {
        for (String more : List.of("&actor_token=x", "&actor_token_type=x")) {
            Answer answer = exchanged(outside().signed(), more);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        }
    }

    @Test
    void section2Point1OtherTypesAreRefused() {
        Answer answer = Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + clientId
                        + "&subject_token_type=urn:ietf:params:oauth:token-type:saml2&subject_token="
                        + outside().signed());
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        assertThat(exchanged(outside().signed(), "&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token")
                        .json()
                        .get("error")
                        .asString())
                .isEqualTo("invalid_request");
    }

    @Test
    void section2Point2Point2ATokenThatDoesNotHoldIsAnInvalidRequest() {
        for (String token : List.of("x", "a.b.c", "x".repeat(20_000))) {
            Answer answer = exchanged(token, "");
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        }
    }

    @Test
    void section2Point2Point2AnUnknownTargetIsInvalid() {
        Answer answer = exchanged(outside().signed(), "&resource=" + encoded("https://unknown.example"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_target");
    }

    @Test
    void aScopeNarrowsHereToo() {
        assertThat(vouched(outside().signed(), "&scope=tokens:read")
                        .json()
                        .get("error")
                        .asString())
                .isEqualTo("invalid_scope");
    }

    @Test
    void rfc7523Section3Point1AGrantThatDoesNotHoldIsInvalid() {
        assertThat(vouched("x", "").json().get("error").asString()).isEqualTo("invalid_grant");
    }

    @Test
    void anotherIssuerIsRefused() {
        assertRefused(outside().claim("iss", issuer + "/"));
        assertRefused(outside().claim("iss", null));
    }

    @Test
    void anotherAudienceIsRefused() {
        assertRefused(outside().claim("aud", "https://other.example"));
        assertRefused(outside().claim("aud", null));
        assertRefused(outside().claim("aud", List.of(server.url(), "https://other.example")));
    }

    @Test
    void aTokenThatSaysTooLittleIsRefused() {
        for (String claim : List.of("sub", "exp")) {
            assertRefused(outside().claim(claim, null));
        }
    }

    @Test
    void anOutsideTokenCountsWithinItsTime() {
        long now = ProgramKey.now();
        assertRefused(outside().claim("exp", now - 60));
        assertRefused(outside().claim("nbf", now + 60));
        assertRefused(outside().claim("iat", now + 60));
        assertThat(exchanged(outside().claim("exp", now - 10).signed(), "").status())
                .as("clocks differ a little")
                .isEqualTo(200);
    }

    @Test
    void noneAndForeignKeysAreRefused() {
        outside().unsigned().forEach(TokenExchangeTest::assertRefused);
        outside().signedWithThePublicKey().forEach(TokenExchangeTest::assertRefused);
        ProgramKey thief = ProgramKey.make();
        assertRefused(outside().by(thief));
        assertRefused(outside().by(thief).header("jwk", thief.publicKey().toJSONObject()));
        assertRefused(outside().by(thief).header("jku", "http://thief.example/keys"));
        assertRefused(outside().by(thief).header("kid", thief.publicKey().getKeyID()));
    }

    @Test
    void theConditionsOnTheClaimsHold() {
        assertRefused(outside().claim("sub", "repo:acme/shopping:main"));
        assertRefused(outside().claim("sub", "x repo:acme/shop:main"));
        assertRefused(outside().claim("cluster.local", Map.of("namespace", "test")));
        assertRefused(outside().claim("cluster.local", null));
        assertRefused(outside().claim("cluster.local", "prod"));
    }

    @Test
    void anIssuerWhoseMetadataNamesAnotherIsNotBelieved() {
        String liar = issuer.replace("/realm", "/liar");
        String other = trusting(liar, "{\"sub\":\"x\"}");
        Answer answer = Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&client_id=" + other + "&assertion="
                        + outside().claim("iss", liar).claim("sub", "x").signed());
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_grant");
    }

    @Test
    void aSecretWithAnOutsideTokenIsRefusedAndATokenWithASecretTrustsNoIssuer() {
        assertThat(exchanged(outside().signed(), "&client_secret=x")
                        .json()
                        .get("error")
                        .asString())
                .isEqualTo("invalid_request");
        Answer answer = Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&client_id="
                        + server.bootstrap().clientId() + "&assertion="
                        + outside().signed());
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_grant");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "{}",
                "{\"sub\":\"*\"}",
                "{\"sub\":\"\"}",
                "none",
                "{\"iss\":\"x\"}",
                "{\"sub\":\"**\",\"a\":\"*\"}",
                "{\"ref\":\"refs/heads/main\"}",
                "{\"sub\":\"x\",\"/a~2\":\"y\"}",
                "{\"sub\":\"x\",\"a\":[]}",
                "{\"sub\":\"x\",\"a\":null}"
            })
    void whoTrustsAnIssuerSaysWhichOfItsTokens(String claims) {
        Answer answer = server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Build\",\"role\":\"public\",\"authentication\":{\"method\":\"federated\","
                                + "\"issuer\":\"" + issuer + "\"" + (claims == null ? "" : ",\"claims\":" + claims)
                                + "}}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.body()).contains("authentication.claims");
    }

    @ParameterizedTest
    @CsvSource({
        "abc,abc,true",
        "abc,ab,false",
        "abc,a*,true",
        "abc,*c,true",
        "abc,a*c,true",
        "abc,*b*,true",
        "ab,a*b*b,false",
        "abab,*ab*ab,true",
        "aXbXc,a*b*c,true",
        "aXcXb,a*b*c,false",
        "a,*a*a,false",
        "'',*,true"
    })
    void aStarStandsForAnything(String text, String pattern, boolean matches) {
        assertThat(Federation.matches(text, pattern)).isEqualTo(matches);
    }
}
