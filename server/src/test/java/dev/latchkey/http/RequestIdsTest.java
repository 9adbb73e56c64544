package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.latchkey.crypto.Secret;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The id of each request: whose it is, and where it can be seen. */
class RequestIdsTest {
    private static final String MADE = "[0-9a-f]{32}";

    private static final Logger LOG = LoggerFactory.getLogger("dev.latchkey.test.ids");

    private static final Lane LANE =
            new Lane("test", Lane.Pace.USUAL, new Lane.Bounds(4, 100, Duration.ofSeconds(20)), Problem::busy);

    private static final Routes ROUTES = Routes.builder()
            .add("GET", "/hello", request -> Response.text(200, "hello"))
            .add("GET", "/logs/{name}", RequestIdsTest::logs)
            .inLane(LANE)
            .add("GET", "/lane/{name}", RequestIdsTest::logs)
            .build();

    private static HttpServer server;
    private static HttpServer behindProxy;
    private static HttpClient client;

    private static Response logs(Request request) {
        LOG.warn("{}", request.pathParameter("name"));
        return Response.noContent();
    }

    @BeforeAll
    static void start() {
        server = HttpServer.start(HttpConfig.local(), ROUTES);
        behindProxy = HttpServer.start(
                HttpConfig.builder()
                        .trustedProxies(List.of(AddressRange.parse("127.0.0.0/8")))
                        .build(),
                ROUTES);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        behindProxy.close();
        server.close();
        LANE.close();
    }

    private static HttpRequest request(HttpServer to, String path, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to.port() + path));
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return request.build();
    }

    private static String id(HttpResponse<?> response) {
        assertThat(response.headers().allValues("X-Request-Id")).hasSize(1);
        return response.headers().firstValue("X-Request-Id").orElseThrow();
    }

    private static String idOf(HttpServer to, String path, String... fields) throws IOException, InterruptedException {
        return id(client.send(request(to, path, fields), BodyHandlers.discarding()));
    }

    @Test
    void eachReplyHasAnIdOfItsOwn() throws Exception {
        Set<String> ids = new HashSet<>();
        for (String path : List.of("/hello", "/hello", "/nothing", "/a//b", "/a%2Fb")) {
            String id = idOf(server, path);
            assertThat(id).matches(MADE);
            ids.add(id);
        }
        assertThat(ids).hasSize(5);
    }

    @Test
    void aRequestThatIsNotEvenHttpGetsAnIdInItsReplyAndItsProblem() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 400");
            String id = answer.replaceFirst("(?s).*X-Request-Id: (" + MADE + ")\r\n.*", "$1");
            assertThat(answer).contains("\"requestId\":\"" + id + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4bf92f3577b34da6a3ce929d0e0e4736",
                "0e2b8f4c-6d0f-4a0e-9d2c-1d7f4a1c9b3e",
                "0e2b8f4c-6d0f-4a0e-9d2c-1d7f4a1c9b3e#42",
                "192.0.2.1:4711_192.0.2.2:443_6929F2A0_0001:1F40"
            })
    void aTrustedProxysIdIsKept(String id) throws Exception {
        assertThat(idOf(behindProxy, "/hello", "X-Request-Id", id)).isEqualTo(id);
    }

    @Test
    void anyoneElsesIdIsReplaced() throws Exception {
        assertThat(idOf(server, "/hello", "X-Request-Id", "4bf92f3577b34da6a3ce929d0e0e4736"))
                .matches(MADE)
                .isNotEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "short",
                "with a space in it",
                "<b>not plain</b>",
                "\"quoted-id\"",
                "an-id-that-is-longer-than-sixty-four-characters-which-is-too-long-to-keep"
            })
    void anIdThatCouldBeReadAsSomethingElseIsReplaced(String id) throws Exception {
        assertThat(idOf(behindProxy, "/hello", "X-Request-Id", id)).matches(MADE);
    }

    @Test
    void aSecretInTheWrongFieldDoesNotBecomeAnId() throws Exception {
        String secret = Secret.generate(new SecureRandom()).value();
        assertThat(idOf(behindProxy, "/hello", "X-Request-Id", secret)).matches(MADE);
    }

    @Test
    void oneOfTwoIdsIsNotChosen() throws Exception {
        assertThat(idOf(behindProxy, "/hello", "X-Request-Id", "first-of-two", "X-Request-Id", "second-of-two"))
                .matches(MADE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/logs/", "/lane/"})
    void theLinesOfManyRequestsAtOnceHaveTheIdsOfTheirReplies(String path) throws Exception {
        List<CompletableFuture<HttpResponse<Void>>> sent = new ArrayList<>();
        List<ILoggingEvent> lines;
        List<String> ids = new ArrayList<>();
        try (LogLines logged = LogLines.of("dev.latchkey.test.ids")) {
            for (int i = 0; i < 60; i++) {
                sent.add(client.sendAsync(request(server, path + i), BodyHandlers.discarding()));
            }
            for (CompletableFuture<HttpResponse<Void>> one : sent) {
                ids.add(id(one.join()));
            }
            lines = logged.all();
        }
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(lines).hasSize(60).allSatisfy(line -> {
            int number = Integer.parseInt(line.getFormattedMessage());
            assertThat(line.getMDCPropertyMap()).containsEntry("requestId", ids.get(number));
        });
    }

    @Test
    void aLineThatIsWrittenForNoRequestHasNoId() {
        try (LogLines logged = LogLines.of("dev.latchkey.test.ids")) {
            LOG.warn("on its own");
            assertThat(logged.all())
                    .singleElement()
                    .satisfies(line -> assertThat(line.getMDCPropertyMap()).isEmpty());
        }
    }
}
