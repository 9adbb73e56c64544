package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.latchkey.Waiting;
import dev.latchkey.trace.CurrentRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One line a request: what it says, what it must not say, and what happens when no one reads it. */
class RequestLogTest {
    private static final Routes ROUTES = Routes.builder()
            .add("GET", "/things/{id}", request -> {
                CurrentRequest.isBy("lkc_0123456789");
                return Response.text(200, "twelve bytes");
            })
            .add("POST", "/things", request -> Response.noContent())
            .build();

    private static HttpResponse<String> send(HttpServer server, String method, String target) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + target))
                            .header("Authorization", "Basic c2VjcmV0LXVzZXI6c2VjcmV0LXBhc3N3b3Jk")
                            .header("Referer", "https://example.com/secret-referer")
                            .method(method, BodyPublishers.ofString("secret-body"))
                            .build(),
                    BodyHandlers.ofString());
        }
    }

    private record Written(HttpResponse<String> response, String line) {}

    private static Written written(RequestLog.Format format, String method, String target) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HttpResponse<String> response;
        try (RequestLog log = new RequestLog(format, out);
                HttpServer server =
                        HttpServer.start(HttpConfig.builder().requestLog(log).build(), ROUTES)) {
            response = send(server, method, target);
        }
        String lines = out.toString(StandardCharsets.UTF_8);
        assertThat(lines.lines()).hasSize(1);
        assertThat(lines).endsWith("\n").doesNotContainIgnoringCase("secret", "c2VjcmV0");
        return new Written(response, lines.strip());
    }

    @Test
    void aLineOfJsonSaysWhatWasRequestedByWhomAndHowItEnded() throws Exception {
        Written written = written(new JsonLines(), "GET", "/things/secret-thing?key=secret-query");
        JsonNode line = JsonMapper.shared().readTree(written.line());
        assertThat(line.propertyNames())
                .containsExactlyInAnyOrder(
                        "at",
                        "requestId",
                        "method",
                        "route",
                        "protocol",
                        "status",
                        "bytes",
                        "milliseconds",
                        "address",
                        "clientId");
        assertThat(line.get("requestId").asString())
                .isEqualTo(
                        written.response().headers().firstValue("X-Request-Id").orElseThrow());
        assertThat(line.get("method").asString()).isEqualTo("GET");
        assertThat(line.get("route").asString()).isEqualTo("/things/{id}");
        assertThat(line.get("status").asInt()).isEqualTo(200);
        assertThat(line.get("bytes").asInt()).isEqualTo(12);
        assertThat(line.get("milliseconds").asDouble()).isPositive();
        assertThat(line.get("address").asString()).isEqualTo("127.0.0.1");
        assertThat(line.get("clientId").asString()).isEqualTo("lkc_0123456789");
        assertThat(line.get("at").asString()).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
    }

    @Test
    void aPathWithoutARouteIsNotInTheLine() throws Exception {
        JsonNode line = JsonMapper.shared()
                .readTree(written(new JsonLines(), "GET", "/secret/path").line());
        assertThat(line.has("route")).isFalse();
        assertThat(line.has("clientId")).isFalse();
        assertThat(line.get("status").asInt()).isEqualTo(404);
    }

    @Test
    void theCommonFormatHasTheRequestsIdAndItsTimeAtTheEnd() throws Exception {
        Written written = written(new CommonLines(), "GET", "/things/secret-thing?key=secret-query");
        assertThat(written.line())
                .matches(
                        "127\\.0\\.0\\.1 - lkc_0123456789 \\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000\\]"
                                + " \"GET /things/\\{id\\} HTTP/[12][.01]*\" 200 12 \"[0-9a-f]{32}\" \\d+\\.\\d{6}")
                .contains(
                        written.response().headers().firstValue("X-Request-Id").orElseThrow());
    }

    @Test
    void theCommonFormatShowsAStrangeMethodAsText() throws Exception {
        assertThat(written(new CommonLines(), "A'B|C", "/nothing").line())
                .contains("\"A?B?C - HTTP/")
                .contains("\" 404 ");
    }

    @Test
    void requestsDoNotWaitForWhatReadsTheLinesAndTheMissingOnesAreCounted() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        OutputStream stuck = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                try {
                    reads.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                read.write(bytes, from, length);
            }
        };
        int sent = RequestLog.MOST_WAITING + 5_000;
        List<ILoggingEvent> said;
        try (LogLines logged = LogLines.of(RequestLog.class.getName());
                RequestLog log = new RequestLog(new CommonLines(), stuck)) {
            CurrentRequest request = new CurrentRequest("4bf92f3577b34da6");
            RequestLog.Call call = new RequestLog.Call("GET", "/hello", "HTTP/1.1", "192.0.2.1");
            for (int i = 0; i < sent; i++) {
                log.add(new RequestLog.Entry(0, call, 200, 0, 1_000, request));
            }
            assertThat(log.missing()).isPositive();
            reads.countDown();
            Waiting.until("the lines", () -> lines(read) + log.missing() == sent);
            Waiting.until("the word about the missing ones", () -> !logged.all().isEmpty());
            said = logged.all();
            assertThat(said)
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .startsWith(log.missing() + " requests are missing in the request log"));
        }
    }

    private static long lines(ByteArrayOutputStream read) {
        return read.toString(StandardCharsets.UTF_8).lines().count();
    }
}
