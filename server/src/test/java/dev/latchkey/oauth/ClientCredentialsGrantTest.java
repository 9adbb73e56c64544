package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6749 sections 2.3, 3.2, 3.3, 4.4 and 5 at the token endpoint, rule by rule. */
class ClientCredentialsGrantTest {
    private static RunningServer server;
    private static Credentials program;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("token_reader", "tokens:read", "roles:read");
        program = server.admin().createToken("Program", "token_reader");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer post(String form, String... headers) {
        HttpRequest.Builder request = server.request("/oauth/v2/token")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return server.send(request.build());
    }

    private static String basic(Credentials credentials) {
        String pair = credentials.clientId() + ":" + credentials.clientSecret();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** The same request, right in every other way. */
    private static Answer asked(String more) {
        return post("grant_type=client_credentials" + more, "Authorization", basic(program));
    }

    private static String error(Answer answer) {
        return answer.json().get("error").asString();
    }

    @Test
    void section2Point3TwoWaysToAuthenticateAtOnceAreRefused() {
        String secret = "&client_id=" + program.clientId() + "&client_secret=" + program.clientSecret();
        String assertion = "&client_assertion_type="
                + URLEncoder.encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", StandardCharsets.UTF_8)
                + "&client_assertion=e30.e30.e30";
        Map.of(
                        asked(secret), "Send a client secret with HTTP Basic or a client secret in the form, not both.",
                        asked(assertion), "Send a client secret with HTTP Basic or a client assertion, not both.",
                        post("grant_type=client_credentials" + secret + assertion),
                                "Send a client secret in the form or a client assertion, not both.",
                        post("grant_type=client_credentials" + secret, "Authorization", nameOnly()),
                                "Send client id and secret together, either with HTTP Basic or in the form.")
                .forEach((answer, description) -> {
                    assertThat(answer.status()).isEqualTo(400);
                    assertThat(error(answer)).isEqualTo("invalid_request");
                    assertThat(answer.json().get("error_description").asString())
                            .isEqualTo(description);
                });
    }

    private static String nameOnly() {
        return "Basic "
                + Base64.getEncoder().encodeToString((program.clientId() + ":").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void section2Point3Point1CredentialsInTheAddressDoNotCount() {
        Answer answer = server.send(server.request(
                        "/oauth/v2/token?client_id=" + program.clientId() + "&client_secret=" + program.clientSecret())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                .build());
        assertThat(answer.status()).isEqualTo(401);
        assertThat(error(answer)).isEqualTo("invalid_client");
    }

    @Test
    void section2Point3Point1GuessingIsSlowedDown() {
        Credentials guessed = server.admin().createToken("Guessed", "public");
        Credentials wrong = new Credentials(guessed.clientId(), "lks_wrong");
        Answer answer = server.requestAccessToken(wrong, "");
        assertThat(answer.status()).isEqualTo(401);
        for (int i = 0; i < 20 && answer.status() == 401; i++) {
            answer = server.requestAccessToken(wrong, "");
        }
        assertThat(answer.status()).isEqualTo(429);
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
    }

    @Test
    void section3Point2OnlyPostIsTaken() {
        for (String method : new String[] {"GET", "PUT", "DELETE"}) {
            Answer answer = server.send(server.request("/oauth/v2/token?grant_type=client_credentials")
                    .header("Authorization", basic(program))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build());
            assertThat(answer.status()).as(method).isEqualTo(405);
            assertThat(answer.header("Allow")).contains("POST");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"scope", "resource", "audience", "client_id", "client_secret", "client_assertion"})
    void section3Point2AParameterWithoutAValueCountsAsLeftOut(String name) {
        assertThat(asked("&" + name + "=").status()).isEqualTo(200);
    }

    @Test
    void section3Point2AGrantTypeWithoutAValueIsMissing() {
        Answer answer = post("grant_type=", "Authorization", basic(program));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(error(answer)).isEqualTo("invalid_request");
    }

    @Test
    void section3Point2AnUnknownParameterIsIgnored() {
        assertThat(asked("&colour=blue&colour=green").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"grant_type", "scope", "client_id", "client_secret", "client_assertion"})
    void section3Point2NoParameterOccursTwice(String name) {
        Answer answer = asked("&" + name + "=a&" + name + "=b");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(error(answer)).isEqualTo("invalid_request");
        assertThat(answer.json().get("error_description").asString()).contains(name);
    }

    @Test
    void section3Point2Point1AClientIdAloneDoesNotAuthenticate() {
        for (Answer answer : new Answer[] {
            post("grant_type=client_credentials&client_id=" + program.clientId()),
            post("grant_type=client_credentials&client_id=" + program.clientId() + "&client_secret="),
            post("grant_type=client_credentials", "Authorization", basic(new Credentials(program.clientId(), ""))),
            post("grant_type=client_credentials")
        }) {
            assertThat(answer.status()).isEqualTo(401);
            assertThat(error(answer)).isEqualTo("invalid_client");
        }
    }

    @Test
    void section3Point3TheReplyTellsTheScope() {
        assertThat(asked("&scope=tokens:read").json().get("scope").asString()).isEqualTo("tokens:read");
        assertThat(asked("&scope=tokens:read+roles:read").json().get("scope").asString())
                .isEqualTo("roles:read tokens:read");
    }

    @Test
    void section3Point3WithoutAScopeItIsWhatTheRoleAllows() {
        assertThat(asked("").json().get("scope").asString().split(" ")).contains("roles:read", "tokens:read");
    }

    /** Only authenticated callers may learn whether a grant, a scope or a resource exists. */
    @ParameterizedTest
    @ValueSource(strings = {"grant_type=password", "grant_type=client_credentials&scope=x", ""})
    void section4Point4Point2AStrangerLearnsNothingOfTheRequest(String form) {
        Answer answer = post(form, "Authorization", basic(new Credentials("zzzzzz.zzzzzzzzzzzzzzzz", "lks_wrong")));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(error(answer)).isEqualTo("invalid_client");
    }

    @Test
    void section4Point4Point3ThereIsNoRefreshToken() {
        assertThat(asked("").json().has("refresh_token")).isFalse();
        assertThat(error(post("grant_type=refresh_token&refresh_token=x", "Authorization", basic(program))))
                .isEqualTo("unsupported_grant_type");
    }

    @Test
    void section5Point1TheReplyTellsTheAccessTokenItsTypeAndItsLifetime() {
        Answer answer = asked("");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("access_token").asString()).contains(".");
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.json().get("expires_in").asInt()).isPositive();
    }
}
