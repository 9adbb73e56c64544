package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** RFC 6750: how an access token is presented, and how one that grants no access is refused. */
class BearerTest {
    private static final String PATH = "/api/v1/tokens";

    private static RunningServer server;
    private static Credentials program;
    private static String accessToken;
    private static Billing billing;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("token_reader", "tokens:read");
        program = server.admin().createToken("Program", "token_reader");
        accessToken = server.accessToken(program);
        billing = new Billing(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer with(String... headers) {
        return server.send(server.request(PATH).headers(headers).build());
    }

    private static Answer atTheGate(String... headers) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", "POST")
                .header("X-Original-URI", "/v1/invoices");
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return server.send(request.build());
    }

    @Test
    void section2Point1TheSchemeIsBearerInAnyCase() {
        for (String scheme : List.of("Bearer ", "bearer ", "BEARER ")) {
            assertThat(with("Authorization", scheme + accessToken).status()).isEqualTo(200);
        }
        for (String wrong : List.of("", "Bearer", "Bearer: ", "Token ", "Basic ")) {
            assertThat(with("Authorization", wrong + accessToken).status())
                    .as(wrong)
                    .isEqualTo(401);
        }
    }

    @Test
    void section2TwoAuthorizationFieldsAreRefused() {
        for (Answer answer : List.of(
                with("Authorization", "Bearer " + accessToken, "Authorization", "Bearer " + accessToken),
                with("Authorization", "Bearer " + accessToken, "Authorization", "Basic eDp5"),
                atTheGate("Authorization", "Bearer " + accessToken, "Authorization", "Basic eDp5"))) {
            assertThat(answer.status()).isEqualTo(400);
        }
    }

    @Test
    void section2Point2AnAccessTokenInTheBodyDoesNotCount() {
        Answer answer = server.send(server.request(PATH)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("access_token=" + accessToken))
                .build());
        assertThat(answer.status()).isEqualTo(401);
    }

    @Test
    void section2Point3AnAccessTokenInTheAddressDoesNotCount() {
        assertThat(server.get(PATH + "?access_token=" + accessToken).status()).isEqualTo(401);
    }

    @Test
    void section5Point3ACookieIsNoAccessToken() {
        for (String name : List.of("access_token", "Authorization", "session")) {
            assertThat(with("Cookie", name + "=" + accessToken).status()).isEqualTo(401);
        }
    }

    @Test
    void section3WithoutACredentialTheChallengeSaysNothingOfAnError() {
        for (Answer answer : List.of(server.get(PATH), atTheGate())) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate"))
                    .startsWith("Bearer realm=\"")
                    .doesNotContain("error");
        }
    }

    @Test
    void section3Point1AnInvalidAccessTokenIsToldWhy() {
        for (Answer answer : List.of(
                with("Authorization", "Bearer x"),
                with("Authorization", "Bearer bnVsbA.bnVsbA.bnVsbA"),
                with("Authorization", "Bearer " + accessToken + "x"),
                atTheGate("Authorization", "Bearer x"),
                atTheGate("Authorization", "Bearer " + accessToken))) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate"))
                    .contains("error=\"invalid_token\"")
                    .contains("error_description=\"");
        }
    }

    @Test
    void section3Point1AMissingPrivilegeIsToldAsScope() {
        String forBilling = billing.accessToken(billing.reader);
        Answer own = server.send(server.request("/api/v1/roles")
                .header("Authorization", "Bearer " + accessToken)
                .build());
        assertThat(own.header("WWW-Authenticate")).contains("scope=\"roles:read\"");
        Answer foreign = atTheGate("Authorization", "Bearer " + forBilling);
        assertThat(foreign.header("WWW-Authenticate")).contains("scope=\"invoices:write\"");
        assertThat(Stream.of(own, foreign)).allSatisfy(answer -> {
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.header("WWW-Authenticate")).contains("error=\"insufficient_scope\"");
        });
    }

    @Test
    void section3NoAttributeOccursTwice() {
        Pattern attribute = Pattern.compile("(\\w+)=\"([^\"]*)\"");
        for (Answer answer : List.of(
                server.get(PATH),
                with("Authorization", "Bearer a\"\\ x"),
                with("Authorization", "Bearer " + accessToken + "x"),
                server.send(server.request("/api/v1/roles")
                        .header("Authorization", "Bearer " + accessToken)
                        .build()),
                atTheGate(),
                atTheGate("Authorization", "Bearer " + accessToken))) {
            for (String challenge : answer.response().headers().allValues("WWW-Authenticate")) {
                // One challenge after another begins with a scheme; attributes are name="value".
                for (String one : challenge.split(",? ?(?=(?:Bearer|DPoP) )")) {
                    Set<String> seen = new HashSet<>();
                    Matcher found = attribute.matcher(one);
                    while (found.find()) {
                        assertThat(seen.add(found.group(1))).as(one).isTrue();
                        assertThat(found.group(2)).as(one).matches("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+");
                    }
                    assertThat(one.isEmpty() || !seen.isEmpty()).as(one).isTrue();
                }
            }
            assertThat(answer.header("WWW-Authenticate")).isNotEmpty();
        }
    }

    @Test
    void section5Point3AnAccessTokenLastsAnHourAtMost() {
        assertThat(server.requestAccessToken(program, "")
                        .json()
                        .get("expires_in")
                        .asInt())
                .isBetween(1, 3600);
        assertThat(AccessTokens.LIFETIME).isLessThanOrEqualTo(Duration.ofHours(1));
    }
}
