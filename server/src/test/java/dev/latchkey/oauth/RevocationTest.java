package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** RFC 7009: a program ends an access token of its own, or itself. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class RevocationTest {
    private static final String PATH = "/oauth/v2/revoke";

    @Parameter
    private TestEngine engine;

    private RunningServer server;
    private Billing billing;
    private Credentials program;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, Callers.BELIEVED);
        billing = new Billing(server);
        server.admin().createRole("token_reader", "tokens:read");
        program = server.admin().createToken("Program", "token_reader");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String basic(Credentials credentials) {
        return "Basic "
                + Base64.getEncoder()
                        .encodeToString((credentials.clientId() + ":" + credentials.clientSecret())
                                .getBytes(StandardCharsets.UTF_8));
    }

    private Answer revoke(Credentials credentials, String form) {
        return Callers.postForm(server, PATH, form, "Authorization", basic(credentials));
    }

    private int called(String accessToken) {
        return server.send(server.request("/api/v1/tokens")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    private int atTheGate(String accessToken) {
        return server.send(server.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", "GET")
                        .header("X-Original-URI", "/v1/invoices")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    @Test
    void section2AnAccessTokenStopsAtOnce() {
        String ended = server.accessToken(program);
        String other = server.accessToken(program);
        assertThat(called(ended)).isEqualTo(200);
        Answer answer = revoke(program, "token=" + ended);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(called(ended)).isEqualTo(401);
        assertThat(called(other)).as("only the one").isEqualTo(200);
        assertThat(called(server.accessToken(program))).isEqualTo(200);
        assertThat(Callers.postForm(
                                server,
                                "/oauth/v2/introspect",
                                "token=" + ended,
                                "Authorization",
                                basic(server.bootstrap()))
                        .body())
                .isEqualTo("{\"active\":false}\n");
        String forBilling = billing.accessToken(billing.reader);
        assertThat(atTheGate(forBilling)).isEqualTo(200);
        assertThat(revoke(billing.reader, "token=" + forBilling).status()).isEqualTo(200);
        assertThat(atTheGate(forBilling)).isEqualTo(401);
    }

    @Test
    void aRevokedAccessTokenStaysRevokedOverARestart() {
        String ended = server.accessToken(program);
        String other = server.accessToken(program);
        revoke(program, "token=" + ended);
        server.restart();
        assertThat(called(ended)).isEqualTo(401);
        assertThat(called(other)).isEqualTo(200);
    }

    @Test
    void theLogSaysWhoEndedAnAccessTokenAndNotWhatItWas() {
        String ended = server.accessToken(program);
        revoke(program, "token=" + ended);
        String events = server.admin().get("/events").body();
        assertThat(events).contains("access_token.revoke").contains(program.clientId());
        assertThat(events).doesNotContain(ended);
    }

    @Test
    void aProgramEndsItsOwnApiTokenAndAllItsAccessTokens() {
        String before = server.accessToken(program);
        assertThat(revoke(program, "token=" + program.clientSecret()).status()).isEqualTo(200);
        assertThat(called(before)).isEqualTo(401);
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(401);
        assertThat(server.admin()
                        .get("/tokens/" + program.clientId())
                        .json()
                        .get("status")
                        .asString())
                .isEqualTo("revoked");

        Credentials second = server.admin().createToken("Second", "token_reader");
        assertThat(revoke(second, "token=" + second.clientId()).status()).isEqualTo(200);
        assertThat(server.requestAccessToken(second, "").status()).isEqualTo(401);
    }

    @Test
    void noOneEndsTheApiTokenOfAnother() {
        Credentials other = server.admin().createToken("Other", "token_reader");
        revoke(program, "token=" + other.clientId());
        revoke(program, "token=" + other.clientSecret());
        assertThat(server.requestAccessToken(other, "").status()).isEqualTo(200);
    }

    @Test
    void section2Point1ARequestWithoutATokenIsInvalid() {
        for (String form : List.of("", "token=", "token=a&token=b")) {
            Answer answer = revoke(program, form);
            assertThat(answer.status()).as(form).isEqualTo(400);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        }
    }

    @Test
    void section2Point1ACallerWithoutAuthenticationRevokesNothing() {
        String accessToken = server.accessToken(program);
        for (Answer answer : List.of(
                Callers.postForm(server, PATH, "token=" + accessToken),
                Callers.postForm(server, PATH, "token=" + accessToken + "&client_id=" + program.clientId()),
                Callers.postForm(server, PATH, "token=" + accessToken, "Authorization", "Bearer " + accessToken),
                revoke(new Credentials(program.clientId(), "lks_wrong"), "token=" + accessToken),
                revoke(new Credentials(program.clientId(), "lks_wrong"), "token=" + program.clientSecret()))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().get("error").asString()).isEqualTo("invalid_client");
        }
        assertThat(called(accessToken)).isEqualTo(200);
    }

    @Test
    void section2Point1NoOneRevokesTheAccessTokenOfAnother() {
        Credentials other = server.admin().createToken("Other", "token_reader");
        String accessToken = server.accessToken(other);
        Answer answer = revoke(program, "token=" + accessToken);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        assertThat(called(accessToken)).isEqualTo(200);
    }

    @Test
    void section2Point1AWrongHintChangesNothing() {
        for (String hint : List.of("access_token", "refresh_token", "x")) {
            String accessToken = server.accessToken(program);
            assertThat(revoke(program, "token=" + accessToken + "&token_type_hint=" + hint)
                            .status())
                    .isEqualTo(200);
            assertThat(called(accessToken)).isEqualTo(401);
        }
    }

    @Test
    void section2Point2AnInvalidTokenIsNoError() {
        String ended = server.accessToken(program);
        for (String token : List.of(ended, ended, "x", "..", "bnVsbA.bnVsbA.bnVsbA", ended + "x", "x".repeat(9_000))) {
            assertThat(revoke(program, "token=" + token).status()).isEqualTo(200);
        }
    }
}
