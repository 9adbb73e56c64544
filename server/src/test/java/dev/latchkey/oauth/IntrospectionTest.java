package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.factories.DefaultJWSVerifierFactory;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** RFC 7662 and RFC 9701: what an API may ask about access tokens. */
class IntrospectionTest {
    private static final String PATH = "/oauth/v2/introspect";
    private static final String JWT = "application/token-introspection+jwt";

    private static RunningServer server;
    private static Billing billing;

    /** The credential of the API billing. */
    private static Credentials api;

    private static String forBilling;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE, Callers.BELIEVED);
        billing = new Billing(server);
        api = billing.ownCredential();
        forBilling = billing.accessToken(billing.clerk);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String basic(Credentials credentials) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((credentials.clientId() + ":" + credentials.clientSecret())
                                .getBytes(StandardCharsets.UTF_8));
    }

    private static Answer asked(String form, String... headers) {
        return Callers.postForm(server, PATH, form, headers);
    }

    private static Answer askedByApi(String token) {
        return asked("token=" + token, "Authorization", basic(api));
    }

    private static void assertInactive(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"active\":false}\n");
    }

    @Test
    void section2Point1OnlyPostIsTaken() {
        assertThat(server.send(server.request(PATH + "?token=" + forBilling)
                                .header("Authorization", basic(api))
                                .build())
                        .status())
                .isEqualTo(405);
        // And a token in the address of a POST is ignored.
        Answer answer = Callers.postForm(server, PATH + "?token=" + forBilling, "x=y", "Authorization", basic(api));
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void section2Point1ARequestWithoutATokenIsInvalid() {
        for (String form : List.of("", "token=", "token=a&token=b")) {
            Answer answer = asked(form, "Authorization", basic(api));
            assertThat(answer.status()).as(form).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        }
    }

    @Test
    void section2Point1AWrongHintChangesNothing() {
        for (String hint : List.of("access_token", "refresh_token", "x")) {
            Answer answer = asked("token=" + forBilling + "&token_type_hint=" + hint, "Authorization", basic(api));
            assertThat(answer.json().get("active").asBoolean()).isTrue();
        }
    }

    @Test
    void section2Point1NoOneAsksWithoutACredential() {
        for (Answer answer : List.of(
                asked("token=" + forBilling),
                asked("token=" + forBilling + "&client_id=" + api.clientId()),
                asked("token=" + forBilling, "Authorization", basic(new Credentials(api.clientId(), "lks_x"))))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
            assertThat(answer.header("WWW-Authenticate")).startsWith("Basic ");
            assertThat(answer.body()).doesNotContain("active");
        }
    }

    @Test
    void section2Point1AProgramThatActsForNoApiIsToldNothing() {
        Answer answer = asked("token=" + forBilling, "Authorization", basic(billing.clerk));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain("active");
    }

    @Test
    void section2Point2AnActiveAccessTokenIsDescribed() throws Exception {
        JWTClaimsSet claims = SignedJWT.parse(forBilling).getJWTClaimsSet();
        Answer answer = askedByApi(forBilling);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.json().get("active").asBoolean()).isTrue();
        assertThat(answer.json().get("client_id").asString()).isEqualTo(billing.clerk.clientId());
        assertThat(answer.json().get("sub").asString()).isEqualTo(billing.clerk.clientId());
        assertThat(answer.json().get("aud").asString()).isEqualTo(Billing.AUDIENCE);
        assertThat(answer.json().get("iss").asString()).isEqualTo(server.url());
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.json().get("jti").asString()).isEqualTo(claims.getJWTID());
        assertThat(answer.json().get("exp").asLong() * 1_000)
                .isEqualTo(claims.getExpirationTime().getTime());
        assertThat(answer.json().get("scope").asString().split(" "))
                .contains("invoices:read", "invoices:write", "files:read");
        assertThat(answer.json().has("cnf")).isFalse();
    }

    /** A caller who may see API tokens may ask about all access tokens. */
    @Test
    void callersWhoMaySeeApiTokensMayAskAboutAll() {
        String own = server.accessToken(server.bootstrap());
        for (String token : List.of(forBilling, own)) {
            assertThat(asked("token=" + token, "Authorization", basic(server.bootstrap()))
                            .json()
                            .get("active")
                            .asBoolean())
                    .isTrue();
            assertThat(asked("token=" + token, "Authorization", "Bearer " + own)
                            .json()
                            .get("active")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void section2Point2AnApiLearnsNothingOfAccessTokensForOthers() {
        assertInactive(askedByApi(server.accessToken(billing.clerk)));
        billing.admin
                .post("/apis", "{\"name\":\"other\",\"audience\":\"https://other.example\",\"endpoints\":[]}")
                .created();
        assertInactive(askedByApi(server.requestAccessToken(billing.clerk, "&resource=https://other.example")
                .json()
                .get("access_token")
                .asString()));
    }

    @Test
    void section2Point2WhatDoesNotCountIsInactiveAndNothingElse() {
        String[] parts = forBilling.split("\\.");
        for (String token : List.of(
                "x",
                "..",
                "bnVsbA.bnVsbA.bnVsbA",
                parts[0] + "." + parts[1] + ".",
                forBilling + "x",
                api.clientSecret(),
                billing.clerk.clientSecret(),
                billing.clerk.clientId(),
                "x".repeat(9_000))) {
            assertInactive(askedByApi(token));
        }
        Credentials gone = billing.admin.createToken("Gone", "invoice_reader");
        String accessToken = billing.accessToken(gone);
        assertThat(askedByApi(accessToken).json().get("active").asBoolean()).isTrue();
        assertThat(billing.admin
                        .post("/tokens/" + gone.clientId() + "/revoke", "{}")
                        .status())
                .isEqualTo(200);
        assertInactive(askedByApi(accessToken));
    }

    @Test
    void section2Point3AnAccessTokenWithoutThePrivilegeIsAnsweredAsABearer() {
        Answer poor = asked("token=" + forBilling, "Authorization", "Bearer " + server.accessToken(billing.clerk));
        assertThat(poor.status()).isEqualTo(403);
        assertThat(poor.header("WWW-Authenticate")).contains("error=\"insufficient_scope\"");
        for (String wrong : List.of("x", forBilling)) {
            Answer answer = asked("token=" + forBilling, "Authorization", "Bearer " + wrong);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer ").contains("error=\"invalid_token\"");
        }
    }

    @Test
    void section4TheAnswerIsNotCached() {
        assertThat(askedByApi(forBilling).header("Cache-Control")).isEqualTo("no-store");
        assertThat(askedByApi("x").header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void section4ARemovedRightTakesEffectAtOnce() {
        billing.admin.createRole("seer", "tokens:read");
        Credentials seer = billing.admin.createToken("Sees", "seer");
        assertThat(asked("token=" + forBilling, "Authorization", basic(seer)).status())
                .isEqualTo(200);
        assertThat(billing.admin
                        .delete("/roles/seer/privileges/latchkey/tokens:read")
                        .status())
                .isLessThan(300);
        assertThat(asked("token=" + forBilling, "Authorization", basic(seer)).status())
                .isEqualTo(403);
    }

    @Test
    void theScopeIsWhatTheRoleAllowsNow() {
        billing.admin
                .post(
                        "/roles",
                        "{\"name\":\"passing\",\"privileges\":["
                                + "{\"api\":\"billing\",\"privilege\":\"invoices:read\",\"effect\":\"allow\"}]}")
                .created();
        String accessToken = billing.accessToken(billing.admin.createToken("Passing", "passing"));
        assertThat(askedByApi(accessToken).json().get("scope").asString()).isEqualTo("invoices:read");
        billing.admin.delete("/roles/passing/privileges/billing/invoices:read");
        assertThat(askedByApi(accessToken).json().has("scope")).isFalse();
    }

    private static SignedJWT signed(String token) throws Exception {
        Answer answer = asked("token=" + token, "Authorization", basic(api), "Accept", JWT);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo(JWT);
        SignedJWT jwt = SignedJWT.parse(answer.body());
        JWKSet keys = JWKSet.parse(server.get("/oauth/v2/jwks").body());
        AsymmetricJWK key = (AsymmetricJWK) keys.getKeyByKeyId(jwt.getHeader().getKeyID());
        JWSVerifier verifier = new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), key.toPublicKey());
        assertThat(jwt.verify(verifier)).isTrue();
        return jwt;
    }

    @Test
    void rfc9701TheAnswerMayBeSigned() throws Exception {
        SignedJWT jwt = signed(forBilling);
        assertThat(jwt.getHeader().getType().getType()).isEqualTo("token-introspection+jwt");
        JWTClaimsSet claims = jwt.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo(server.url());
        assertThat(claims.getAudience()).containsExactly(api.clientId());
        assertThat(claims.getIssueTime()).isNotNull();
        Map<String, Object> answer = claims.getJSONObjectClaim("token_introspection");
        assertThat(answer).containsEntry("active", true).containsEntry("client_id", billing.clerk.clientId());
    }

    @Test
    void rfc9701AnInactiveAnswerIsSignedToo() throws Exception {
        assertThat(signed("x").getJWTClaimsSet().getJSONObjectClaim("token_introspection"))
                .isEqualTo(Map.of("active", false));
    }

    @Test
    void rfc9701TheAnswerIsNoAccessToken() throws Exception {
        SignedJWT jwt = signed(forBilling);
        assertThat(jwt.getJWTClaimsSet().getClaims().keySet())
                .containsExactlyInAnyOrder("iss", "aud", "iat", "token_introspection");
        assertInactive(askedByApi(jwt.serialize()));
        assertThat(server.send(server.request("/api/v1/tokens")
                                .header("Authorization", "Bearer " + jwt.serialize())
                                .build())
                        .status())
                .isEqualTo(401);
    }
}
