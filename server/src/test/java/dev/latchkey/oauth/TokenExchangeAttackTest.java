package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.oauth.ProgramKey.Draft;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8693 and the JWT-bearer grant of RFC 7523: tokens of outside issuers for access tokens of ours. */
class TokenExchangeAttackTest {
    private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final String ISSUER = "https://ci.example";

    private static final ProgramKey KEY = ProgramKey.make(JWSAlgorithm.RS256);

    private static final AtomicInteger FETCHES = new AtomicInteger();

    private static volatile String rotating = "";
    private static RunningServer server;
    private static HttpServer elsewhere;
    private static String clientId;

    @BeforeAll
    static void start() throws IOException {
        elsewhere = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/keys", KEY.jwks());
        serve(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"" + address() + "\",\"jwks_uri\":\"" + address() + "/keys\"}");
        serve(
                "/liar/.well-known/openid-configuration",
                "{\"issuer\":\"" + address() + "\",\"jwks_uri\":\"" + address() + "/keys\"}");
        elsewhere.createContext("/rotating", exchange -> {
            FETCHES.incrementAndGet();
            byte[] content = rotating.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
        elsewhere.start();
        server = RunningServer.start(
                TestEngine.SQLITE,
                Map.of(
                        "trusted-proxies",
                        "127.0.0.1,::1",
                        "key-hosts",
                        "localhost:" + elsewhere.getAddress().getPort()));
        new Billing(server);
        clientId = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwks\":" + KEY.jwks()
                + ",\"claims\":{\"sub\":\"repo:acme/*\",\"ref\":\"refs/heads/main\"}}");
    }

    @AfterAll
    static void stop() {
        server.close();
        elsewhere.stop(0);
    }

    private static String address() {
        return "http://localhost:" + elsewhere.getAddress().getPort();
    }

    private static void serve(String path, String json) {
        byte[] content = json.getBytes(StandardCharsets.UTF_8);
        elsewhere.createContext(path, exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
    }

    private static String program(String authentication) {
        return server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"Build\",\"role\":\"invoice_clerk\",\"authentication\":" + authentication
                                + "}")
                .created()
                .json()
                .get("clientId")
                .asString();
    }

    /** What the outside issuer says about a build of ours. */
    private static Draft outside() {
        return KEY.assertion("repo:acme/shop", server.url())
                .claim("iss", ISSUER)
                .claim("ref", "refs/heads/main");
    }

    private static Answer exchange(String id, String token, String... more) {
        return Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=" + EXCHANGE + "&client_id=" + id + "&subject_token_type=" + JWT + "&subject_token=" + token
                        + String.join("", more));
    }

    private static Answer exchange(Draft draft) {
        return exchange(clientId, draft.signed());
    }

    private static Answer bearer(String id, String token, String... more) {
        return Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=" + BEARER + "&client_id=" + id + "&assertion=" + token + String.join("", more));
    }

    /** On both grants, each with its own error. */
    private static void assertRefused(String token) {
        assertRefused(clientId, token);
    }

    private static void assertRefused(String id, String token) {
        Answer exchanged = exchange(id, token);
        assertThat(exchanged.status()).as(token).isEqualTo(400);
        assertThat(exchanged.json().get("error").asString()).isEqualTo("invalid_request");
        Answer granted = bearer(id, token);
        assertThat(granted.status()).as(token).isEqualTo(400);
        assertThat(granted.json().get("error").asString()).isEqualTo("invalid_grant");
    }

    private static void assertRefused(Draft draft) {
        assertRefused(draft.signed());
    }

    private static void assertAccepted(Draft draft) {
        assertAccepted(clientId, draft);
    }

    private static void assertAccepted(String id, Draft draft) {
        for (Answer answer : List.of(exchange(id, draft.signed()), bearer(id, draft.signed()))) {
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        }
    }

    @Test
    void aSecretWithAnOutsideTokenIsRefused() {
        for (String form : List.of("&client_secret=x", "&client_assertion=e30.e30.e30")) {
            assertThat(exchange(clientId, outside().signed(), form).status()).isEqualTo(400);
            assertThat(bearer(clientId, outside().signed(), form).status()).isEqualTo(400);
        }
    }

    @Test
    void anOutsideTokenOpensOnlyTheApiTokenThatTrustsIt() {
        Credentials secret = server.admin().createToken("Has a secret", "public");
        assertRefused(secret.clientId(), outside().signed());
        assertRefused("zzzzzz.zzzzzzzzzzzzzzzz", outside().signed());
        String neighbour = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwks\":"
                + ProgramKey.make().jwks() + ",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertRefused(neighbour, outside().signed());
        // And it is not a client assertion.
        Answer answer = Callers.postForm(
                server,
                "/oauth/v2/token",
                "grant_type=client_credentials&client_id=" + clientId + "&client_assertion_type="
                        + "urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="
                        + KEY.assertion(clientId, server.url()).signed());
        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void anotherIssuerIsRefused() {
        for (Object issuer : new Object[] {null, "", ISSUER + "/", "https://CI.example", List.of(ISSUER)}) {
            assertRefused(outside().claim("iss", issuer));
        }
    }

    @Test
    void anotherAudienceIsRefused() {
        for (Object audience : new Object[] {
            null,
            "",
            "https://other.example",
            server.url() + "/",
            server.url() + "/api/v1",
            "https://github.com/acme",
            List.of(),
            Collections.singletonList(null),
            Arrays.asList(server.url(), null),
            List.of(server.url(), "https://other.example")
        }) {
            assertRefused(outside().claim("aud", audience));
        }
        String own = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER
                + "\",\"audience\":\"latchkey\",\"jwks\":" + KEY.jwks() + ",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertAccepted(own, outside().claim("aud", "latchkey"));
        assertRefused(own, outside().signed());
    }

    @Test
    void aTokenThatSaysTooLittleIsRefused() {
        for (String claim : List.of("iss", "sub", "aud", "exp", "ref")) {
            assertRefused(outside().claim(claim, null));
        }
        assertAccepted(outside().claim("jti", null));
        assertAccepted(outside().claim("iat", null));
    }

    /** Half a minute is what clocks may differ by, both ways. */
    @Test
    void anOutsideTokenCountsWithinItsTime() {
        long now = ProgramKey.now();
        assertAccepted(outside().claim("exp", now - 15));
        assertAccepted(outside().claim("exp", now + 3_600));
        assertAccepted(outside().claim("nbf", now + 15));
        assertRefused(outside().claim("exp", now - 45));
        assertRefused(outside().claim("nbf", now + 90));
        assertRefused(outside().claim("iat", now + 90));
        assertAccepted(outside().claim("exp", now + 86_400));
        assertRefused(outside().claim("exp", now + 86_400 + 60));
        assertRefused(outside().claim("exp", now + 100L * 365 * 86_400));
    }

    @Test
    void conditionsAreOfTheTypeThatTheClaimIs() {
        String id = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwks\":" + KEY.jwks()
                + ",\"claims\":{\"sub\":\"repo:acme/*\",\"protected\":true,\"run\":7,\"attempt\":\"1\","
                + "\"/groups/1\":\"second\"}}");
        assertThat(server.admin().get("/tokens/" + id).body())
                .contains("\"protected\":true", "\"run\":7", "\"attempt\":\"1\"");
        assertAccepted(id, typed());
        assertRefused(id, typed().claim("attempt", 1).signed());
        assertRefused(id, typed().claim("protected", "true").signed());
        assertRefused(id, typed().claim("protected", false).signed());
        assertRefused(id, typed().claim("run", "7").signed());
        assertRefused(id, typed().claim("run", 8).signed());
        assertRefused(id, typed().claim("groups", List.of("second", "first")).signed());
    }

    private static Draft typed() {
        return outside()
                .claim("protected", true)
                .claim("run", 7)
                .claim("attempt", "1")
                .claim("groups", List.of("first", "second"));
    }

    /** SPIFFE: bundles say jwt-svid instead of sig, and a JWT-SVID needs no iss. */
    @Test
    void aJwtSvidIsOfTheTrustDomainThatItsSubjectNames() {
        String bundle = "{\"spiffe_sequence\":1,\"keys\":[{\"use\":\"x509-svid\",\"kty\":\"EC\",\"x5c\":[\"MIIB\"]},"
                + KEY.publicKey().toJSONString().replaceFirst("\\{", "{\"use\":\"jwt-svid\",") + "]}";
        String id = program("{\"method\":\"federated\",\"issuer\":\"spiffe://example.org\",\"jwks\":" + bundle
                + ",\"claims\":{\"sub\":\"spiffe://example.org/*\"}}");
        Draft svid = KEY.assertion("spiffe://example.org/shop", server.url()).claim("iss", null);
        assertAccepted(id, svid);
        assertRefused(id, svid.claim("sub", "spiffe://example.org.evil/shop").signed());
        assertRefused(id, svid.claim("sub", "spiffe://other.example/shop").signed());
        assertRefused(
                id,
                svid.claim("sub", "spiffe://example.org/shop")
                        .claim("iss", "https://x.example")
                        .signed());
    }

    /** RFC 10070 section 4: an authorization grant may be for the token endpoint; a token that is exchanged is not. */
    @Test
    void aGrantMayBeForTheTokenEndpoint() {
        Draft draft = outside().claim("aud", server.url() + "/oauth/v2/token");
        assertThat(bearer(clientId, draft.signed()).status()).isEqualTo(200);
        assertThat(exchange(clientId, draft.signed()).status()).isEqualTo(400);
    }

    @Test
    void aNewKeyUnderTheSameIdIsFetched() {
        ProgramKey second = ProgramKey.make(JWSAlgorithm.RS256);
        String id = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwksUri\":\"" + address()
                + "/rotating\",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        rotating = KEY.jwks();
        assertAccepted(id, outside());
        rotating = second.jwks()
                .replace(second.publicKey().getKeyID(), KEY.publicKey().getKeyID());
        assertAccepted(id, outside().by(second));
        int fetched = FETCHES.get();
        for (int i = 0; i < 5; i++) {
            assertRefused(id, outside().by(ProgramKey.make(JWSAlgorithm.RS256)).signed());
        }
        assertThat(FETCHES).as("once in half a minute").hasValue(fetched);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "repo:evil/shop",
                "repo:acme",
                "REPO:acme/shop",
                "xrepo:acme/shop",
                " repo:acme/shop",
                "repo:acmee/shop",
                "*"
            })
    void theConditionsOnTheClaimsHold(String subject) {
        assertRefused(outside().claim("sub", subject));
        assertRefused(outside().claim("ref", "refs/heads/main2"));
        assertRefused(outside().claim("ref", Map.of("refs/heads/main", true)));
        assertAccepted(outside().claim("sub", "repo:acme/"));
    }

    @Test
    void noneAndForeignKeysAreRefused() {
        outside().unsigned().forEach(TokenExchangeAttackTest::assertRefused);
        outside().signedWithThePublicKey().forEach(TokenExchangeAttackTest::assertRefused);
        ProgramKey evil = ProgramKey.make(JWSAlgorithm.RS256);
        assertRefused(outside().by(evil));
        assertRefused(outside().by(evil).header("kid", evil.publicKey().getKeyID()));
        assertRefused(outside().by(evil).header("kid", null));
        assertRefused(outside().by(evil).header("jwk", evil.publicKey().toJSONObject()));
        assertRefused(outside().by(evil).header("jku", address() + "/keys"));
        assertRefused(outside().header("crit", List.of("x")).header("x", 1));
        assertRefused(outside().header("typ", "at+jwt"));
        assertRefused(server.accessToken(server.bootstrap()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "..", "a.b.c", "e30.e30.e30", "bnVsbA.bnVsbA.bnVsbA", "eyJhbGciOiJSUzI1NiJ9.W10.e30"})
    void whatIsNoJwtIsRefused(String text) {
        assertRefused(text);
    }

    @Test
    void anOversizeTokenIsRefused() {
        assertAccepted(outside().claim("pad", "x".repeat(2_000)));
        assertRefused(outside().claim("pad", "x".repeat(14_000)));
    }

    @Test
    void aRefusalTellsNothingOfTheReason() {
        Answer answer = exchange(outside().claim("exp", 1L));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        assertThat(answer.body())
                .as("nothing to learn from")
                .isEqualTo(
                        exchange("zzzzzz.zzzzzzzzzzzzzzzz", outside().signed()).body());
    }

    @Test
    void theKeysMayBeAtAnAddressOrBeDiscovered() {
        String at = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwksUri\":\"" + address()
                + "/keys\",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertAccepted(at, outside());
        String discovered = program(
                "{\"method\":\"federated\",\"issuer\":\"" + address() + "\",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertAccepted(discovered, outside().claim("iss", address()));
        assertRefused(
                discovered,
                outside()
                        .claim("iss", address())
                        .by(ProgramKey.make(JWSAlgorithm.RS256))
                        .signed());
        // Its metadata names a different issuer.
        String liar = program("{\"method\":\"federated\",\"issuer\":\"" + address()
                + "/liar\",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertRefused(liar, outside().claim("iss", address() + "/liar").signed());
    }

    @Test
    void aHostThatIsNotAllowedIsNotAsked() {
        String inside = program("{\"method\":\"federated\",\"issuer\":\"" + ISSUER + "\",\"jwksUri\":\"" + server.url()
                + "/oauth/v2/jwks\",\"claims\":{\"sub\":\"repo:acme/*\"}}");
        assertRefused(inside, outside().signed());
    }

    @Test
    void anOutsideTokenIsKeptNowhere() {
        String token = outside().claim("jti", UUID.randomUUID().toString()).signed();
        exchange(clientId, token);
        assertThat(server.admin().get("/events").body()).doesNotContain(token);
    }
}
