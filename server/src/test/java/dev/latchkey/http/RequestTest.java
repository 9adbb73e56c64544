package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RequestTest {
    record Body(String text) {}

    private static Request request(Map<String, String> headers, byte[] body) {
        return new Request(
                "POST",
                new Request.Resource("/x", "/x", Map.of("id", "7"), Parameters.NONE),
                Headers.of(headers),
                body,
                new Request.Sender("192.0.2.1", true, List.of()),
                BasePath.ROOT);
    }

    private static Request json(String contentType, String body) {
        return request(Map.of("content-type", contentType), body.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRefused(int status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(status));
    }

    @Test
    void theMediaTypeMayCarryParametersAndAnyCase() {
        assertThat(json("Application/JSON; charset=utf-8", "{\"text\":\"ä\"}").json(Body.class))
                .isEqualTo(new Body("ä"));
        assertThat(json("application/x-www-form-urlencoded;charset=UTF-8", "a=1")
                        .form()
                        .first("a"))
                .contains("1");
    }

    @Test
    void aBodyOfAnotherTypeIsNotGuessedAt() {
        assertRefused(415, () -> json("text/plain", "{\"text\":\"x\"}").json(Body.class));
        assertRefused(415, () -> json("application/jsonx", "{\"text\":\"x\"}").json(Body.class));
        assertRefused(415, () -> request(Map.of(), new byte[0]).json(Body.class));
        assertRefused(415, () -> json("application/json", "{}").form());
    }

    @Test
    void aCompressedBodyIsRefused() {
        assertRefused(
                415,
                () -> request(
                                Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"),
                                new byte[] {31, -117})
                        .json(Body.class));
    }

    @Test
    void onlyUtf8IsRead() {
        byte[] latin1 = "{\"text\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);
        byte[] utf16 = "{\"text\":\"x\"}".getBytes(StandardCharsets.UTF_16LE);
        Map<String, String> type = Map.of("Content-Type", "application/json");
        assertRefused(400, () -> request(type, latin1).json(Body.class));
        assertRefused(400, () -> request(type, utf16).json(Body.class));
        assertRefused(
                400,
                () -> request(Map.of("Content-Type", "application/x-www-form-urlencoded"), new byte[] {'a', '=', -1})
                        .form());
    }

    @Test
    void anAbsentBodyIsNullOnlyWhereThatIsAllowed() {
        assertThat(request(Map.of(), new byte[0]).jsonIfPresent(Body.class)).isNull();
        assertRefused(400, () -> json("application/json", "").json(Body.class));
    }

    @Test
    void aRequestInALogLineShowsNoCredentials() {
        Request request = request(
                Map.of("Authorization", "Bearer secret", "Cookie", "session=secret"),
                "client_secret=secret".getBytes(StandardCharsets.UTF_8));
        assertThat(request.toString()).isEqualTo("POST /x");
    }

    @Test
    void aPathParameterThatTheRouteLacksIsOurMistake() {
        assertThat(request(Map.of(), new byte[0]).pathParameter("id")).isEqualTo("7");
        assertThatThrownBy(() -> request(Map.of(), new byte[0]).pathParameter("name"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLongUserAgentIsCut() {
        assertThat(request(Map.of("User-Agent", "x".repeat(500)), new byte[0]).userAgent())
                .hasSize(200);
        assertThat(Request.shortUserAgent("x".repeat(199) + "\ud83d\ude00"))
                .as("without half a character")
                .isEqualTo("x".repeat(199));
        assertThat(Request.shortUserAgent("agent\u0000\u202e/1"))
                .as("as every database can keep it and everyone can read it")
                .isEqualTo("agent??/1");
    }
}
