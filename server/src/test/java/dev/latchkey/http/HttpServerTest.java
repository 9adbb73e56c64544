package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server over real sockets: routing, what every answer contains, and how failures look. */
class HttpServerTest {
    private static final Routes ROUTES = Routes.builder()
            .add(
                    "GET",
                    "/hello",
                    request -> Response.text(
                            200, "hello " + request.query().first("name").orElse("you")))
            .add("GET", "/things/{id}", request -> Response.json(200, Map.of("id", request.pathParameter("id"))))
            .add("PUT", "/things/{id}", request -> Response.noContent())
            .add("POST", "/echo", request -> Response.of(200, "application/octet-stream", request.body()))
            .add("POST", "/json", request -> Response.json(200, request.json(Thing.class)))
            .add(
                    "GET",
                    "/page",
                    request -> Response.html(200, "<p>page</p>")
                            .with("Content-Security-Policy", "default-src 'self'")
                            .with("Cache-Control", "private"))
            .add("GET", "/caller", request -> Response.text(200, request.remoteAddress() + " " + request.secure()))
            .add("GET", "/split", request -> Response.seeOther("/x\r\nSet-Cookie: evil=1"))
            .add("GET", "/refused", request -> {
                throw Problem.invalid("name", "Too short.")
                        .with("hint", "longer")
                        .withHeader("X-Why", "length");
            })
            .add("GET", "/broken", request -> {
                throw new IllegalStateException("password=hunter2");
            })
            .add("GET", "/broken/{secret}", request -> {
                throw new IllegalStateException("password=hunter2");
            })
            .add("GET", "/overflow", request -> {
                throw new StackOverflowError("deep secret");
            })
            .build();

    record Thing(String name) {}

    private static HttpServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        server = HttpServer.start(HttpConfig.local(), ROUTES);
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static HttpRequest.Builder to(String target) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + target));
    }

    private static HttpResponse<String> send(String method, String target, String body)
            throws IOException, InterruptedException {
        return client.send(
                to(target).method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String target) throws IOException, InterruptedException {
        return client.send(to(target).build(), BodyHandlers.ofString());
    }

    @Test
    void aRouteAnswersWithPathAndQueryParameters() throws Exception {
        assertThat(get("/hello?name=J%C3%B6rg+B").body()).isEqualTo("hello Jörg B");
        assertThat(get("/things/a%20b").body()).isEqualTo("{\"id\":\"a b\"}\n");
    }

    @Test
    void anUnknownPathIsNotFound() throws Exception {
        HttpResponse<String> response = get("/nothing");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(response.body())
                .isEqualTo("{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"code\":\"not_found\","
                        + "\"detail\":\"There is nothing at this path.\",\"requestId\":\""
                        + response.headers().firstValue("X-Request-Id").orElseThrow() + "\"}\n");
        assertThat(get("/hello/").statusCode()).isEqualTo(404);
        assertThat(get("/Hello").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "PATCH", "get", "TRACE", "PROPFIND"})
    void aMethodThatThePathDoesNotKnowIsToldWhichItKnows(String method) throws Exception {
        HttpResponse<String> response = send(method, "/things/1", "");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS, PUT");
        assertThat(response.body()).contains("\"code\":\"method_not_allowed\"").doesNotContain(method + "\"");
    }

    @Test
    void headIsGetWithoutABody() throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            for (String target : List.of("/hello", "/nothing", "/broken")) {
                RawConnection.Answer get = connection.get(target);
                connection.send("HEAD " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                RawConnection.Answer head = connection.answerWithoutBody();
                assertThat(head.status()).isEqualTo(get.status());
                assertThat(head.field("Content-Length")).isEqualTo(get.field("Content-Length"));
            }
        }
    }

    @Test
    void optionsTellsTheMethods() throws Exception {
        HttpResponse<String> response = send("OPTIONS", "/things/1", "");
        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS, PUT");
        assertThat(response.body()).isEmpty();
        assertThat(send("OPTIONS", "/nothing", "").statusCode()).isEqualTo(404);
    }

    @Test
    void everyAnswerCarriesTheSecurityFields() throws Exception {
        for (String target : List.of("/hello", "/nothing", "/broken", "/refused", "/a%2fb")) {
            HttpResponse<String> response = get(target);
            Map<String, List<String>> fields = response.headers().map();
            assertThat(fields)
                    .as(target)
                    .containsEntry("X-Content-Type-Options", List.of("nosniff"))
                    .containsEntry("Referrer-Policy", List.of("no-referrer"))
                    .containsEntry("Content-Security-Policy", List.of("default-src 'none'; frame-ancestors 'none'"))
                    .containsEntry("Cross-Origin-Resource-Policy", List.of("same-origin"))
                    .containsEntry("Cache-Control", List.of("no-store"))
                    .containsKey("Content-Length")
                    .doesNotContainKeys("Server", "X-Powered-By", "Strict-Transport-Security");
        }
    }

    @Test
    void aHandlerMayReplaceThem() throws Exception {
        Map<String, List<String>> fields = get("/page").headers().map();
        assertThat(fields)
                .containsEntry("Content-Security-Policy", List.of("default-src 'self'"))
                .containsEntry("Cache-Control", List.of("private"))
                .containsEntry("X-Content-Type-Options", List.of("nosniff"));
    }

    @Test
    void aProblemIsShownWhole() throws Exception {
        HttpResponse<String> response = get("/refused");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.headers().firstValue("X-Why")).contains("length");
        assertThat(response.body())
                .contains("\"errors\":[{\"field\":\"name\",\"message\":\"Too short.\"}]", "\"hint\":\"longer\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/broken", "/overflow"})
    void anUnexpectedFailureShowsAnIdAndNothingElse(String target) throws Exception {
        HttpResponse<String> response = get(target);
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body())
                .containsPattern("\"requestId\":\"[0-9a-f]{32}\"")
                .doesNotContain("hunter2", "secret", "IllegalState", "StackOverflow");
        assertThat(get(target).body()).isNotEqualTo(response.body());
    }

    @Test
    void aLineBreakInAFieldDoesNotBecomeAField() throws Exception {
        HttpResponse<String> response = get("/split");
        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().map()).doesNotContainKey("Set-Cookie");
    }

    @Test
    void theLogHasTheFailureUnderTheIdThatTheCallerWasToldWithPathAndClient() throws Exception {
        List<ILoggingEvent> lines = new ArrayList<>();
        String body;
        try (LogLines logged = LogLines.of("dev.latchkey")) {
            body = get("/broken/with-a-secret").body();
            lines.addAll(logged.all());
        }
        String requestId = body.replaceFirst(".*\"requestId\":\"", "")
                .replaceFirst("\".*", "")
                .strip();
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage())
                    .contains("GET /broken/{secret} from 127.0.0.1")
                    .doesNotContain("with-a-secret");
            assertThat(line.getMDCPropertyMap()).containsEntry("requestId", requestId);
            assertThat(line.getThrowableProxy().getMessage()).isEqualTo("password=hunter2");
        });
    }

    @Test
    void aCallerWhoTakesARequestBackLeavesNothingInTheLog() throws Exception {
        try (LogLines logged = LogLines.of("ROOT")) {
            for (int i = 0; i < 50; i++) {
                try (RawHttp2 connection = new RawHttp2(server.port())) {
                    for (String method : new String[] {"GET", "POST"}) {
                        int stream =
                                connection.headers(connection.block(method, "/echo", "content-length", "9"), false);
                        connection.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
                    }
                    assertThat(connection.exchange("GET", "/hello").status()).isEqualTo(200);
                }
                try (RawConnection gone = new RawConnection(server.port())) {
                    gone.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
                }
            }
            assertThat(get("/hello").statusCode()).isEqualTo(200);
            assertThat(logged.all()).isEmpty();
        }
    }

    @Test
    void credentialsAreSentOnce() throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            RawConnection.Answer answer = connection
                    .send(
                            "GET /hello HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n")
                    .answer();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.body()).contains("Send the Authorization field once.");
        }
    }

    @Test
    void aBodyComesThroughByteByByte() throws Exception {
        byte[] bytes = new byte[Routes.DEFAULT_MAX_BODY_BYTES];
        new java.util.Random(1).nextBytes(bytes);
        for (int length : new int[] {0, 1, 1_000, 9_000, bytes.length}) {
            byte[] body = java.util.Arrays.copyOf(bytes, length);
            for (var publisher : List.of(
                    BodyPublishers.ofByteArray(body),
                    BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body)))) {
                assertThat(client.send(to("/echo").POST(publisher).build(), BodyHandlers.ofByteArray())
                                .body())
                        .isEqualTo(body);
            }
        }
    }

    @Test
    void brokenJsonNeverBecomesAServerError() throws Exception {
        for (String body : List.of(
                "",
                "{",
                "[]",
                "null",
                "{\"name\":1}",
                "{\"name\":null}",
                "{\"nam\":\"x\"}",
                "{\"name\":\"\\u0000\"}",
                "[".repeat(10_000))) {
            HttpResponse<String> response = client.send(
                    to("/json")
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).as(body).isIn(400, 422);
            assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        }
        byte[] latin1 = "{\"name\":\"ä\"}".getBytes(StandardCharsets.ISO_8859_1);
        assertThat(client.send(
                                to("/json")
                                        .header("Content-Type", "application/json")
                                        .POST(BodyPublishers.ofByteArray(latin1))
                                        .build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBrokenQueryIsABadRequest() throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            for (String query : List.of("name=%zz", "name=%", "name=%ff", "name=%00")) {
                assertThat(connection.get("/hello?" + query).status()).as(query).isEqualTo(400);
            }
        }
    }

    @Test
    void forwardedAddressesAreIgnoredFromUntrustedAddresses() throws Exception {
        HttpResponse<String> response = client.send(
                to("/caller")
                        .header("X-Forwarded-For", "203.0.113.7")
                        .header("X-Forwarded-Proto", "https")
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("127.0.0.1 false");
    }

    @Test
    void noOneMakesAConnectionSecureBySayingSo() throws Exception {
        try (RawConnection connection = new RawConnection(server.port());
                RawHttp2 http2 = new RawHttp2(server.port()).claiming("https")) {
            RawConnection.Answer answer = connection
                    .send("GET https://localhost/caller HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .answer();
            assertThat(answer.body()).isEqualTo("127.0.0.1 false");
            assertThat(answer.field("Strict-Transport-Security")).isEmpty();
            assertThat(connection
                            .send("GET https://localhost/a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .answer()
                            .field("Strict-Transport-Security"))
                    .isEmpty();
            assertThat(http2.exchange("GET", "/caller").body()).isEqualTo("127.0.0.1 false");
        }
    }

    @Test
    void forwardedAddressesAreBelievedFromATrustedProxy() throws Exception {
        HttpConfig config = HttpConfig.builder()
                .trustedProxies(List.of(AddressRange.parse("127.0.0.0/8")))
                .build();
        try (HttpServer behindProxy = HttpServer.start(config, ROUTES);
                RawConnection connection = new RawConnection(behindProxy.port())) {
            RawConnection.Answer answer = connection
                    .send("GET /caller HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n"
                            + "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\r\n")
                    .answer();
            assertThat(answer.body()).isEqualTo("203.0.113.7 true");
            assertThat(answer.field("Strict-Transport-Security")).isEqualTo("max-age=31536000");
        }
    }

    @Test
    void behindAProxyThatIsNotNamedCookiesAreStillForHttpsAloneWhenTheIssuerIsAndTheLogSaysWhatIsMissing()
            throws Exception {
        HttpConfig config = HttpConfig.builder().publicHttps(true).build();
        try (HttpServer behindProxy = HttpServer.start(config, ROUTES);
                LogLines logged = LogLines.of("dev.latchkey");
                RawConnection connection = new RawConnection(behindProxy.port())) {
            for (int i = 0; i < 3; i++) {
                RawConnection.Answer answer = connection
                        .send("GET /caller HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n")
                        .answer();
                assertThat(answer.body()).isEqualTo("127.0.0.1 true");
                assertThat(answer.field("Strict-Transport-Security")).isEqualTo("max-age=31536000");
            }
            assertThat(logged.all())
                    .singleElement()
                    .satisfies(line -> assertThat(line.getFormattedMessage())
                            .contains("127.0.0.1", "trusted-proxies", "issuer is https"));
        }
    }

    @Test
    void anIpv6CallerIsKnownByItsPlainAddress() throws Exception {
        HttpConfig config = HttpConfig.builder().host("::1").build();
        try (HttpServer ipv6 = HttpServer.start(config, ROUTES)) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://[::1]:" + ipv6.port() + "/caller"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.body()).isEqualTo("0:0:0:0:0:0:0:1 false");
        }
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            HttpConfig config = HttpConfig.builder().port(other.getLocalPort()).build();
            assertThatThrownBy(() -> HttpServer.start(config, ROUTES))
                    .isInstanceOf(StartException.class)
                    .hasMessage("Port " + other.getLocalPort() + " is in use. Stop the other program, or choose another"
                            + " port with LATCHKEY_PORT or --port.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "no-such-host.invalid"})
    void anAddressThatIsNotOursIsSaidInOneLine(String host) {
        HttpConfig config = HttpConfig.builder().host(host).build();
        assertThatThrownBy(() -> HttpServer.start(config, ROUTES))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(host)
                .hasMessageContaining("LATCHKEY_HOST")
                .hasMessageNotContaining("\n");
    }
}
