package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no well-meaning client sends. */
class HttpServerAttackTest {
    private static final AtomicInteger HANDLED = new AtomicInteger();
    private static HttpServer server;

    @BeforeAll
    static void start() {
        Handler handler = request -> {
            HANDLED.incrementAndGet();
            return Response.text(200, request.method() + " " + request.path());
        };
        server = HttpServer.start(
                HttpConfig.local(),
                Routes.builder()
                        .add("GET", "/", handler)
                        .add("GET", "/{path...}", handler)
                        .add("POST", "/{path...}", handler)
                        .build());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RawConnection.Answer answer(String request) throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            return connection.send(request).answer();
        }
    }

    private static void assertRefused(String request, int status) throws Exception {
        int before = HANDLED.get();
        RawConnection.Answer answer = answer(request);
        assertThat(answer.status()).as(request).isEqualTo(status);
        assertThat(answer.field("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.field("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.field("Server")).isEmpty();
        assertThat(answer.body()).contains("\"status\":" + status).doesNotContain("jetty", "Exception", "evil");
        assertThat(HANDLED.get()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/evil/../x",
                "/evil/./x",
                "/evil/..",
                "/evil/.",
                "/..",
                "/../etc/passwd",
                "/evil/%2e%2e/x",
                "/evil/%2e",
                "/.%2e/evil",
                "/%2E./evil",
                "/evil%2fx",
                "/evil%2Fx",
                "/evil%5cx",
                "/evil\\x",
                "/evil//x",
                "//evil",
                "//evil/x",
                "/evil//",
                "/evil;x",
                "/evil;x=1/y",
                "/..;/evil",
                "/evil%3bx",
                "/evil%00",
                "/evil%0d%0aX: y",
                "/evil%0a",
                "/evil%7f",
                "/evil%",
                "/evil%2",
                "/evil%zz",
                "/evil%25",
                "/%252e%252e/evil",
                "/evil%ff",
                "/evil%c3",
                "/%c0%ae%c0%ae/evil",
                "/%c0%af",
                "/%u002e%u002e/evil",
                "/evil\u0001",
                "/evil\u00e4",
                "/evil#fragment",
                "/evil\u007f",
                "evil",
                "*",
                "http://user@localhost/evil",
                "http://localhost//evil",
                "http://localhost/evil/../x",
                "?evil"
            })
    void aTargetWithTwoReadingsIsRefusedWhole(String target) throws Exception {
        assertRefused("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /evil HTTP/1.1\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: a b\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nX-Y : z\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nX-Y: a\r\n folded\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nX Y: a\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nX-Y: a\u0000b\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\n: a\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
                "GET /evil x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /evil HTTP/1.1\nHost: localhost\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\n\r\n",
                "GET /evil HTTP/1.1\r\nX-Y: a\nHost: localhost\r\n\r\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\n\n",
                "GET /evil HTTP/1.1\r\nHost: localhost\r\nX-Y: a\rX-Z: b\r\n\r\n",
                "G\u0001T /evil HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET http://evil/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3, 3\r\n\r\nabc",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x3\r\n\r\nabc",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n",
                "POST /evil HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n"
            })
    void requestsThatTwoServersWouldFrameDifferentlyAreRefused(String request) throws Exception {
        assertRefused(request, 400);
    }

    @Test
    void callersWhoAreRefusedUnreadLearnThatTheConnectionCloses() throws Exception {
        assertThat(answer("GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n").field("Connection"))
                .isEqualTo("close");
        assertThat(answer("GET / HTTP/1.1\r\n\r\n").field("Connection"))
                .as("without a Host")
                .isEqualTo("close");
    }

    @Test
    void aHeaderThatIsTooLargeIsRefused() throws Exception {
        assertRefused("GET /evil HTTP/1.1\r\nHost: localhost\r\nX-Y: " + "y".repeat(33_000) + "\r\n\r\n", 431);
        assertRefused(
                "GET /evil HTTP/1.1\r\nHost: localhost\r\n" + "X-Y: yyyyyyyyyyyyyyyyyyyy\r\n".repeat(1_500) + "\r\n",
                431);
        assertRefused("GET /evil" + "y".repeat(33_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414);
    }

    @Test
    void aHeaderThatIsTooLargeInHttp2IsRefusedAndTheConnectionContinues() throws Exception {
        int before = HANDLED.get();
        try (RawHttp2 connection = new RawHttp2(server.port())) {
            for (int bytes : new int[] {33_000, 64 * 1024, 100_000}) {
                RawHttp2.Answer refused =
                        connection.exchange(connection.fragmented("GET", "/evil", "x-y", "y".repeat(bytes)));
                assertThat(refused.status()).as("%d bytes", bytes).isEqualTo(431);
                assertThat(refused.body()).contains("headers_too_large").doesNotContain("yyy");
            }
            assertThat(HANDLED.get()).isEqualTo(before);
            // Both sides still have the same field table.
            assertThat(connection.exchange("GET", "/a", "x-y", "z").body()).isEqualTo("GET /a");
            assertThat(connection.exchange("GET", "/a", "x-y", "z").body()).isEqualTo("GET /a");
            RawHttp2.Answer many = connection.exchange(connection.fragmented("GET", "/evil", fields(1_500)));
            assertThat(many.status()).isEqualTo(431);
            assertThat(connection
                            .exchange(connection.fragmented("GET", "/a", "x-y", "y".repeat(31_000)))
                            .body())
                    .isEqualTo("GET /a");
        }
    }

    @Test
    void whatIsNotEvenReadEndsTheConnection() throws Exception {
        try (RawHttp2 connection = new RawHttp2(server.port())) {
            assertThatThrownBy(() ->
                            connection.exchange(connection.fragmented("GET", "/evil", "x-y", "y".repeat(200_000))))
                    .isInstanceOf(IOException.class);
        }
    }

    private static String[] fields(int number) {
        String[] fields = new String[2 * number];
        for (int i = 0; i < number; i++) {
            fields[2 * i] = "x-" + i;
            fields[2 * i + 1] = "y";
        }
        return fields;
    }

    @Test
    void anotherVersionOfHttpIsRefused() throws Exception {
        assertRefused("GET /evil\r\nHost: localhost\r\n\r\n", 505);
        assertRefused("GET  HTTP/1.1\r\nHost: localhost\r\n\r\n", 505);
        assertRefused("GET /evil HTTP/3.7\r\nHost: localhost\r\n\r\n", 505);
    }

    @Test
    void thisIsNoProxy() throws Exception {
        assertRefused("CONNECT evil:80 HTTP/1.1\r\nHost: evil:80\r\n\r\n", 405);
    }

    @Test
    void whatIsUnusualButClearIsAnswered() throws Exception {
        assertThat(answer("GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .body())
                .isEqualTo("GET /a");
        assertThat(answer("GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n").body()).isEqualTo("GET /a");
        assertThat(answer("GET /a HTTP/1.0\r\n\r\n").status()).isEqualTo(200);
        assertThat(answer("\r\nGET /a HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
                .isEqualTo(200);
        assertThat(answer("GET /a?x=/../%2f//;y HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .status())
                .isEqualTo(200);
        assertThat(answer("GET /a/~b!$&'()*+,=:@-._ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .body())
                .isEqualTo("GET /a/~b!$&'()*+,=:@-._");
    }

    @Test
    void requestsInARowOnOneConnectionAreAnsweredInTurn() throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            connection.send(
                    "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(connection.answer().body()).isEqualTo("POST /a");
            assertThat(connection.answer().body()).isEqualTo("GET /b");
        }
    }

    @Test
    void anUpgradeToHttp2IsNotTaken() throws Exception {
        RawConnection.Answer answer =
                answer("GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n\r\n");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("GET /a");
    }

    @Test
    void http2WithoutTlsIsSpokenWithThoseWhoBeginWithIt() throws Exception {
        try (RawConnection connection = new RawConnection(server.port())) {
            // the client's preface and an empty SETTINGS frame; the server's own begins with its length and type 4
            connection.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            byte[] frame = connection.bytes(9);
            assertThat(frame[3]).isEqualTo((byte) 4);
        }
    }
}
