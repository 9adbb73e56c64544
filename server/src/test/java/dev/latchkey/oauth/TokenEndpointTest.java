package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 6749 at the token endpoint, over real HTTP. */
class TokenEndpointTest {
    private static RunningServer server;
    private static Credentials program;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        program = server.admin().createToken("Program", "public");
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

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static String formCredentials() {
        return "&client_id=" + program.clientId() + "&client_secret=" + program.clientSecret();
    }

    @Test
    void section5Point1TheReplyIsComplete() {
        Answer answer = server.requestAccessToken(program, "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("Pragma")).isEqualTo("no-cache");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.json().get("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.json().get("expires_in").asInt()).isEqualTo(600);
        assertThat(answer.json().has("scope"))
                .as("its role allows nothing, and no scope is empty (section 3.3)")
                .isFalse();
    }

    @Test
    void section2Point3TheSecretMayComeInTheFormButNotInBothPlaces() {
        assertThat(post("grant_type=client_credentials" + formCredentials()).status())
                .isEqualTo(200);
        assertThat(post(
                                "grant_type=client_credentials" + formCredentials(),
                                "Authorization",
                                basic(program.clientId(), program.clientSecret()))
                        .json()
                        .get("error")
                        .asString())
                .isEqualTo("invalid_request");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "''|400|invalid_request",
                "grant_type=password|400|unsupported_grant_type",
                "grant_type=client_credentials&grant_type=client_credentials|400|invalid_request",
                "grant_type=client_credentials&scope=tokens:read|400|invalid_scope",
                "grant_type=client_credentials&scope=nothing|400|invalid_scope",
                "grant_type=client_credentials&resource=https%3A%2F%2Fother.example|400|invalid_target",
                "grant_type=client_credentials&audience=other|400|invalid_target",
                "grant_type=%zz|400|invalid_request"
            })
    void section5Point2EveryErrorHasItsCode(String form, int status, String error) {
        Answer answer = post(form + (form.isEmpty() ? "x=1" : "") + formCredentials());
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().get("error").asString()).isEqualTo(error);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void section5Point2BasicIsChallengedWithBasic() {
        Answer answer = post("grant_type=client_credentials", "Authorization", basic(program.clientId(), "wrong"));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).startsWith("Basic ");
        assertThat(post("grant_type=client_credentials").status()).isEqualTo(401);
        assertThat(post("grant_type=client_credentials", "Authorization", "Bearer x")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aBodyOfAnotherTypeIsRefused() {
        Answer answer = server.send(server.request("/oauth/v2/token")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"grant_type\":\"client_credentials\"}"))
                .build());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").asString()).isEqualTo("invalid_request");
        assertThat(answer.json().get("error_description").asString())
                .as("the characters of section 5.2")
                .matches("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+");
        assertThat(post("grant_type=client_credentials&scope=%22%5C%C3%A4" + formCredentials())
                        .json()
                        .get("error_description")
                        .asString())
                .matches("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+");
        assertThat(server.get("/oauth/v2/token").status()).isEqualTo(405);
    }

    @Test
    void rfc8414TheMetadataLeadsToTheEndpoints() {
        var metadata = server.get("/.well-known/oauth-authorization-server").json();
        assertThat(metadata.get("issuer").asString()).isEqualTo(server.url());
        assertThat(metadata.get("token_endpoint").asString()).isEqualTo(server.url() + "/oauth/v2/token");
        String jwks = metadata.get("jwks_uri").asString().substring(server.url().length());
        assertThat(server.get(jwks).json().get("keys").get(0).has("d")).isFalse();
        assertThat(server.get(jwks).header("Cache-Control")).contains("max-age");
    }

    /** RFC 6749 section 2.3.1: both halves are form-encoded before they are joined. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id:secret|id|secret",
                "id:se:cret|id|se:cret",
                "a%3Ab:c%26d|a:b|c&d",
                "a+b:c%20d|a b|c d",
                "%C3%A4:%E2%82%AC|ä|€"
            })
    void basicCredentialsAreFormDecoded(String pair, String id, String secret) {
        BasicCredentials credentials = BasicCredentials.parse(
                "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        assertThat(credentials.clientId()).isEqualTo(id);
        assertThat(credentials.clientSecret()).isEqualTo(secret);
        assertThat(credentials.toString()).doesNotContain(secret);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"Basic !!!|x", "Basic|x", "Basic aWQ=|without a colon", "Digest aWQ6cw==|x", "Basic /zpz|not UTF-8"
            })
    void brokenBasicCredentialsAreRefused(String header, String why) {
        assertThatThrownBy(() -> BasicCredentials.parse(header)).as(why).isInstanceOf(OAuthError.class);
    }
}
