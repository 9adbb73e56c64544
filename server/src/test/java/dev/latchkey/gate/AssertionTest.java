package dev.latchkey.gate;

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
import dev.latchkey.oauth.ProgramKey;
import java.net.http.HttpRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The signed statement with which an API checks that a call came through its gateway. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AssertionTest {
    @Parameter
    TestEngine engine;

    private static RunningServer server;
    private static Billing billing;

    @BeforeParameterizedClassInvocation
    static void start(TestEngine engine) {
        server = RunningServer.start(engine);
        billing = new Billing(server);
        set("{\"assertion\": true, \"apiKeys\": {\"header\": \"X-API-Key\"}}");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    private static void set(String terms) {
        Answer changed = billing.admin.send("PATCH", "/apis/billing", terms);
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static Answer ask(String dialect, String method, String target, String... fields) {
        HttpRequest.Builder request = server.request("/gate/v1/" + dialect + "/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target)
                .header("X-Forwarded-Method", method)
                .header("X-Forwarded-Uri", target);
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        Answer answer = server.send(request.build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static String bearer(Credentials credentials) {
        return "Bearer " + billing.accessToken(credentials);
    }

    /** Checked with the published keys, as any JWT library does it. */
    private static JWTClaimsSet verified(Answer answer) throws Exception {
        SignedJWT jwt = SignedJWT.parse(answer.header("Latchkey-Assertion"));
        assertThat(jwt.getHeader().getType().getType()).isEqualTo("latchkey-assertion+jwt");
        AsymmetricJWK key =
                (AsymmetricJWK) JWKSet.parse(server.get("/oauth/v2/jwks").body())
                        .getKeyByKeyId(jwt.getHeader().getKeyID());
        JWSVerifier verifier = new DefaultJWSVerifierFactory().createJWSVerifier(jwt.getHeader(), key.toPublicKey());
        assertThat(jwt.verify(verifier)).isTrue();
        return jwt.getJWTClaimsSet();
    }

    @Test
    void itSaysWhoCallsWhatAndIsValidForAMinute() throws Exception {
        JWTClaimsSet claims =
                verified(ask("nginx", "HEAD", "/v1/invoices/7?page=2", "Authorization", bearer(billing.clerk)));
        assertThat(claims.getIssuer()).isEqualTo(server.url());
        assertThat(claims.getAudience()).containsExactly(Billing.AUDIENCE);
        assertThat(claims.getSubject()).isEqualTo(billing.clerk.clientId());
        assertThat(claims.getStringClaim("client_id")).isEqualTo(billing.clerk.clientId());
        assertThat(claims.getStringClaim("account"))
                .isEqualTo(billing.clerk.clientId().substring(0, 6));
        assertThat(claims.getStringListClaim("roles")).containsExactly("invoice_clerk");
        assertThat(claims.getStringClaim("scope")).isEqualTo("files:read invoices:read invoices:write");
        assertThat(claims.getStringClaim("credential")).isEqualTo("access_token");
        assertThat(claims.getStringClaim("htm")).isEqualTo("HEAD");
        assertThat(claims.getStringClaim("htu")).isEqualTo("/v1/invoices/7");
        assertThat(claims.getExpirationTime().getTime() - claims.getIssueTime().getTime())
                .isEqualTo(60_000);
        assertThat(claims.getJWTID()).hasSize(26);
    }

    @Test
    void aCallWithAnApiKeyHasOneAsWellAndNoTwoAreTheSame() throws Exception {
        Billing.ApiKey key = billing.apiKey("invoice_reader", "");
        JWTClaimsSet first = verified(ask("haproxy", "GET", "/v1/me", "X-API-Key", key.text()));
        JWTClaimsSet second = verified(ask("haproxy", "GET", "/v1/me", "X-API-Key", key.text()));
        assertThat(first.getStringClaim("credential")).isEqualTo("api_key");
        assertThat(first.getSubject()).isEqualTo(key.clientId());
        assertThat(first.getJWTID()).isNotEqualTo(second.getJWTID());
    }

    @Test
    void theScopeIsWhatTheCallMayUse() throws Exception {
        String limited = server.requestAccessToken(
                        billing.clerk, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read")
                .json()
                .get("access_token")
                .asString();
        assertThat(verified(ask("nginx", "GET", "/v1/invoices", "Authorization", "Bearer " + limited))
                        .getStringClaim("scope"))
                .isEqualTo("invoices:read");
    }

    @Test
    void aLongPathIsNamedByItsDigestSoThatTheFieldStaysShort() throws Exception {
        String path = "/v1/files/" + "a".repeat(2_000);
        Answer answer = ask("nginx", "GET", path, "Authorization", bearer(billing.clerk));
        JWTClaimsSet claims = verified(answer);
        assertThat(claims.getClaim("htu")).isNull();
        assertThat(claims.getStringClaim("htu#S256")).isEqualTo(ProgramKey.hash(path));
        assertThat(answer.header("Latchkey-Assertion")).hasSizeLessThan(3_500);
    }

    @Test
    void anAnonymousCallOfAPublicEndpointHasNone() throws Exception {
        assertThat(ask("nginx", "GET", "/v1/status").response().headers().firstValue("Latchkey-Assertion"))
                .isEmpty();
        assertThat(ask("forward-auth", "GET", "/v1/status").response().headers().firstValue("Latchkey-Assertion"))
                .as("a gateway that forwards placeholders needs every field")
                .contains("");
        assertThat(verified(ask("nginx", "GET", "/v1/status", "Authorization", bearer(billing.reader)))
                        .getSubject())
                .isEqualTo(billing.reader.clientId());
    }

    @Test
    void thereIsNoneUnlessTheApiAsksForIt() throws Exception {
        set("{\"assertion\": false}");
        try {
            assertThat(ask("nginx", "GET", "/v1/invoices", "Authorization", bearer(billing.reader))
                            .response()
                            .headers()
                            .firstValue("Latchkey-Assertion"))
                    .isEmpty();
        } finally {
            set("{\"assertion\": true}");
        }
        assertThat(billing.admin.get("/apis/billing").json().get("assertion").asBoolean())
                .isTrue();
        assertThat(billing.admin.get("/events?pageSize=1").body()).contains("signed assertion");
        assertThat(billing.admin
                        .post("/apis", "{\"name\":\"plain\",\"audience\":\"https://plain.example\"}")
                        .created()
                        .json()
                        .get("assertion")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void itIsNotAnAccessToken() {
        String assertion = ask("nginx", "GET", "/v1/me", "Authorization", bearer(billing.clerk))
                .header("Latchkey-Assertion");
        Answer refused = server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/me")
                .header("Authorization", "Bearer " + assertion)
                .build());
        assertThat(refused.status()).isEqualTo(401);
        assertThat(server.postForm(
                                "/oauth/v2/introspect",
                                "token=" + assertion,
                                "Authorization",
                                "Basic " + billing.ownCredential().basic())
                        .body())
                .isEqualTo("{\"active\":false}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Latchkey-Assertion", "latchkey-assertion", "Latchkey_Assertion"})
    void aCallerWhoSendsTheFieldIsRefused(String name) {
        Answer refused = server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "GET")
                .header("X-Original-URI", "/v1/status")
                .header(name, "x.y.z")
                .build());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("code").asString()).isEqualTo("doubtful_request");
    }

    @Test
    void everySigningAlgorithmSignsThem() throws Exception {
        try (RunningServer other = RunningServer.start(TestEngine.SQLITE)) {
            Billing there = new Billing(other);
            there.admin.send("PATCH", "/apis/billing", "{\"assertion\": true}");
            for (String algorithm : List.of("EdDSA", "RS256")) {
                // The key before signed the access token of the last round, which ended with it.
                RunningServer.Api admin = other.admin();
                admin.send("PATCH", "/signing-keys/policy", "{\"algorithm\":\"" + algorithm + "\"}");
                admin.get("/signing-keys").json().get("items").forEach(key -> {
                    if (key.get("state").asString().equals("signing")) {
                        admin.post("/signing-keys/" + key.get("keyId").asString() + "/withdraw", "");
                    }
                });
                Answer answer = other.send(other.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", "GET")
                        .header("X-Original-URI", "/v1/invoices")
                        .header("Authorization", "Bearer " + there.accessToken(there.reader))
                        .build());
                assertThat(SignedJWT.parse(answer.header("Latchkey-Assertion"))
                                .getHeader()
                                .getAlgorithm()
                                .getName())
                        .isEqualTo(algorithm);
            }
        }
    }
}
