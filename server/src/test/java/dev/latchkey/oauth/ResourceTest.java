package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 8707: an access token is for the one API that the program names. */
class ResourceTest {
    private static final String BILLING = Billing.AUDIENCE;

    private static RunningServer server;
    private static Credentials program;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        RunningServer.Api admin = server.admin();
        new Billing(server);
        admin.post(
                        "/roles",
                        "{\"name\":\"clerk\",\"privileges\":["
                                + "{\"api\":\"billing\",\"privilege\":\"invoices:read\",\"effect\":\"allow\"},"
                                + "{\"api\":\"latchkey\",\"privilege\":\"tokens:read\",\"effect\":\"allow\"}]}")
                .created();
        program = admin.createToken("Program", "clerk");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer asked(String resource, String more) {
        return server.requestAccessToken(
                program, "&resource=" + URLEncoder.encode(resource, StandardCharsets.UTF_8) + more);
    }

    private static List<String> audience(Answer answer) throws ParseException {
        return SignedJWT.parse(answer.json().get("access_token").asString())
                .getJWTClaimsSet()
                .getAudience();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://other.example",
                BILLING + "#fragment",
                BILLING + "?query",
                BILLING + "//",
                "HTTPS://billing.example",
                "/v1",
                "billing",
                "//billing.example",
                "https:",
                "https://billing.example https://other.example"
            })
    void section2WhatIsNoAddressOfAnApiIsAnInvalidTarget(String resource) {
        Answer answer = asked(resource, "");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_target");
    }

    @Test
    void section2SeveralResourcesAreAnInvalidTarget() {
        Answer answer = asked(BILLING, "&resource=" + server.url() + "/api/v1");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_target");
    }

    @Test
    void section2TheAccessTokenIsForTheNamedResourceOnly() throws Exception {
        Answer answer = asked(BILLING, "");
        assertThat(audience(answer)).containsExactly(BILLING);
        String accessToken = answer.json().get("access_token").asString();
        Answer elsewhere = server.send(server.request("/api/v1/tokens")
                .header("Authorization", "Bearer " + accessToken)
                .build());
        assertThat(elsewhere.status()).isEqualTo(401);
        assertThat(elsewhere.json().get("code").asString()).isEqualTo("invalid_token");
    }

    @Test
    void section3Rfc9068WithoutAResourceItIsTheManagementApi() throws Exception {
        Answer answer = server.requestAccessToken(program, "");
        assertThat(audience(answer)).containsExactly(server.url() + "/api/v1");
        assertThat(audience(asked(server.url() + "/api/v1", ""))).containsExactly(server.url() + "/api/v1");
    }

    @Test
    void section2Point2TheScopeIsThatOfTheResource() throws Exception {
        Answer narrowed = asked(BILLING, "&scope=invoices:read");
        assertThat(narrowed.json().get("scope").asString()).isEqualTo("invoices:read");
        assertThat(SignedJWT.parse(narrowed.json().get("access_token").asString())
                        .getJWTClaimsSet()
                        .getStringClaim("scope"))
                .isEqualTo("invoices:read");
        assertThat(asked(BILLING, "").json().get("scope").asString()).isEqualTo("invoices:read");
        for (Answer answer : List.of(
                asked(BILLING, "&scope=tokens:read"),
                asked(BILLING, "&scope=invoices:read+tokens:read"),
                server.requestAccessToken(program, "&scope=invoices:read"))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_scope");
        }
    }
}
