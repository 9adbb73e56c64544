package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.Waiting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers have a limited time to finish what they begin, however small their steps; pauses in between are allowed. */
class SlowCallersTest {
    private static final TimeLimits HEADER_IN_TIME =
            TimeLimits.USUAL.withHeader(Duration.ofMillis(400)).withGrace(Duration.ofSeconds(1));
    private static final TimeLimits ANSWER_IN_TIME =
            TimeLimits.USUAL.withAnswer(Duration.ofMillis(400)).withGrace(Duration.ofSeconds(1));
    private static final String ENDLESS = "x".repeat(200);
    private static final byte[] PAGE = new byte[3_000_000];
    private static final byte[] LARGE = new byte[8_000_000];

    private final Routes routes = Routes.builder()
            .add("GET", "/quick", request -> Response.text(200, "quick"))
            .add("GET", "/page", request -> Response.of(200, "application/octet-stream", PAGE))
            .add("GET", "/nothing", request -> Response.noContent())
            .add("GET", "/large", request -> Response.of(200, "application/octet-stream", LARGE))
            .add("POST", "/echo", request -> Response.of(200, "text/plain", request.body()))
            .build();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Connections connections = new Connections(100, 100, List.of());

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T each) {
        opened.add(each);
        return each;
    }

    private HttpServer start(TimeLimits times) {
        return opened(
                HttpServer.start(HttpConfig.builder().connections(connections).build(), routes, times));
    }

    private HttpServer startWithTls(TestCertificate certificate, TimeLimits times) throws Exception {
        HttpConfig.Tls tls = new HttpConfig.Tls(
                certificate.writeCertificate(folder.resolve("cert.pem")),
                certificate.writeKey(folder.resolve("key.pem")));
        return opened(HttpServer.start(
                HttpConfig.builder().tls(tls).connections(connections).build(), routes, times));
    }

    private RawConnection connect(HttpServer server) throws IOException {
        return opened(new RawConnection(server.port()));
    }

    private RawConnection connect(HttpServer server, SSLContext trusting) throws IOException {
        SSLSocket socket = (SSLSocket) trusting.getSocketFactory().createSocket("localhost", server.port());
        socket.startHandshake();
        return opened(new RawConnection(socket));
    }

    private static void assertTooLate(RawConnection.Answer answer) {
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.field("Connection")).isEqualTo("close");
        assertThat(answer.field("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.field("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.body()).contains("\"code\":\"timeout\"");
    }

    /** The connection is closed and no longer counted. */
    private void assertNoConnectionIsLeft() throws InterruptedException {
        Waiting.until("the connections", () -> connections.count() == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET",
                "GET /",
                "GET /quick HTTP/1.1\r\nX-Y: ",
                "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nX-Y: "
            })
    void aHeaderThatTricklesIsRefused(String begin) throws Exception {
        RawConnection connection = connect(start(HEADER_IN_TIME));
        assertThat(connection.send(begin).trickle(ENDLESS)).isTrue();
        assertTooLate(connection.answer());
        assertThat(connection.isClosedByServer()).isTrue();
        assertNoConnectionIsLeft();
    }

    @Test
    void emptyLinesAreNoRequest() throws Exception {
        RawConnection connection = connect(start(HEADER_IN_TIME));
        assertThat(connection.trickle("\r\n".repeat(100))).isTrue();
        assertTooLate(connection.answer());
    }

    @Test
    void aHeaderThatTricklesAfterGoodRequestsIsRefused() throws Exception {
        RawConnection connection = connect(start(HEADER_IN_TIME));
        assertThat(connection.get("/quick").status()).isEqualTo(200);
        // the next request begins in the same packet as the last one ends
        connection.send("GET /quick HTTP/1.1\r\nHost: x\r\n\r\nGET /quick HT");
        assertThat(connection.answer().status()).isEqualTo(200);
        assertThat(connection.trickle("TP/1.1\r\nX-Y: " + ENDLESS)).isTrue();
        assertTooLate(connection.answer());
    }

    @Test
    void aHandshakeThatTricklesIsCutOff() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        RawConnection connection = connect(startWithTls(certificate, HEADER_IN_TIME));
        assertThat(connection.trickle(clientHello(certificate.trusted()))).isTrue();
        assertThat(connection.isClosedByServer()).isTrue();
        assertNoConnectionIsLeft();
    }

    private static byte[] clientHello(SSLContext context) throws Exception {
        SSLEngine engine = context.createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        return Arrays.copyOf(hello.array(), hello.position());
    }

    @Test
    void aHeaderThatTricklesWithinTlsIsRefused() throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        HttpServer server = startWithTls(certificate, HEADER_IN_TIME);
        RawConnection connection = connect(server, certificate.trusted());
        assertThat(connection.send("GET /quick HTTP/1.1\r\nX-Y: ").trickle(ENDLESS))
                .isTrue();
        RawConnection.Answer answer = connection.answer();
        assertTooLate(answer);
        assertThat(answer.field("Strict-Transport-Security")).isNotEmpty();
        assertThat(connection.isClosedByServer()).isTrue();
        assertNoConnectionIsLeft();
    }

    @Test
    void aPrefaceOfHttp2ThatTricklesIsCutOff() throws Exception {
        RawConnection connection = connect(start(HEADER_IN_TIME));
        assertThat(connection.trickle(RawHttp2.PREFACE)).isTrue();
        assertNoConnectionIsLeft();
    }

    @Test
    void settingsThatTrickleAreCutOff() throws Exception {
        HttpServer server = start(HEADER_IN_TIME);
        RawConnection connection = connect(server);
        connection.send(RawHttp2.PREFACE);
        // the server's own settings come at once
        assertThat(connection.bytes(9)[3]).isEqualTo((byte) RawHttp2.SETTINGS);
        // ten settings that mean nothing, which is allowed
        byte[] settings = new byte[9 + 60];
        settings[2] = 60;
        settings[3] = (byte) RawHttp2.SETTINGS;
        for (int i = 0; i < settings.length && connections.count() > 0; i++) {
            try {
                connection.send(Character.toString(settings[i]));
                Waiting.pause(Duration.ofMillis(20));
            } catch (IOException e) {
                break;
            }
        }
        assertNoConnectionIsLeft();
    }

    @Test
    void aHeaderOfHttp2ThatTricklesIsCutOff() throws Exception {
        RawHttp2 connection = opened(new RawHttp2(start(HEADER_IN_TIME).port()));
        assertThat(connection.exchange("GET", "/quick").status()).isEqualTo(200);
        int stream = connection.nextStream();
        byte[] block = connection.block("GET", "/quick", "x-y", ENDLESS);
        connection.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, Arrays.copyOf(block, 1));
        for (int i = 1; i < block.length && connections.count() > 0; i++) {
            try {
                connection.frame(RawHttp2.CONTINUATION, 0, stream, new byte[] {block[i]});
                Waiting.pause(Duration.ofMillis(20));
            } catch (IOException e) {
                break;
            }
        }
        assertThat(connection.isClosedByServer()).isTrue();
        assertNoConnectionIsLeft();
    }

    @Test
    void framesThatAskForNothingKeepNoConnection() throws Exception {
        RawHttp2 connection = opened(new RawHttp2(start(HEADER_IN_TIME).port()));
        assertThat(connection.exchange("GET", "/quick").status()).isEqualTo(200);
        for (int i = 0; i < 200 && connections.count() > 0; i++) {
            try {
                connection.frame(RawHttp2.PING, 0, 0, new byte[8]);
                Waiting.pause(Duration.ofMillis(20));
            } catch (IOException e) {
                break;
            }
        }
        assertThat(connection.isClosedByServer()).isTrue();
        assertNoConnectionIsLeft();
    }

    @Test
    void whoPausesBetweenRequestsIsLeftAlone() throws Exception {
        HttpServer server = start(HEADER_IN_TIME);
        RawConnection connection = connect(server);
        for (int i = 0; i < 3; i++) {
            assertThat(connection.get("/quick").status()).isEqualTo(200);
            // nothing is begun for longer than a header may take
            assertThat(connect(server).send("GET /quick HTTP/1.1\r\nX-Y: ").trickle(ENDLESS))
                    .isTrue();
        }
        assertThat(connection.get("/quick").status()).isEqualTo(200);
    }

    @Test
    void whoAsksNowAndThenIsLeftAloneForAsLongAsItLasts() throws Exception {
        TimeLimits times = TimeLimits.USUAL.withHeader(Duration.ofSeconds(2));
        TestCertificate certificate = TestCertificate.make("EC");
        RawConnection tls = connect(startWithTls(certificate, times), certificate.trusted());
        HttpServer plain = start(times);
        RawHttp2 http2 = opened(new RawHttp2(plain.port()));
        // Together they take longer than one header may.
        long end = System.nanoTime() + Duration.ofSeconds(3).toNanos();
        while (System.nanoTime() < end) {
            assertThat(tls.get("/quick").status()).isEqualTo(200);
            assertThat(http2.exchange("GET", "/quick").status()).isEqualTo(200);
            Waiting.pause(Duration.ofMillis(200));
        }
    }

    @Test
    void aBodyHasItsOwnTime() throws Exception {
        RawConnection connection = connect(start(HEADER_IN_TIME));
        connection.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n");
        assertThat(connection.trickle("slow body..."))
                .as("answered when it was whole")
                .isTrue();
        assertThat(connection.answer().body()).isEqualTo("slow body...");
    }

    @Test
    void anAnswerThatIsNotFetchedIsGivenUp() throws Exception {
        HttpServer server = start(ANSWER_IN_TIME);
        Socket socket = opened(new Socket());
        socket.setReceiveBufferSize(4_096);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
        socket.getOutputStream().write("GET /large HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 400 && connections.count() > 0; i++) {
            // Each byte that is read would restart Jetty's own timeout.
            assertThat(socket.getInputStream().readNBytes(2_000)).isNotEmpty();
            Waiting.pause(Duration.ofMillis(20));
        }
        assertNoConnectionIsLeft();
    }

    @Test
    void anAnswerThatIsNotFetchedOverHttp2EndsAloneAndNotTheConnection() throws Exception {
        RawHttp2 connection = opened(new RawHttp2(start(ANSWER_IN_TIME).port()));
        // SETTINGS_INITIAL_WINDOW_SIZE (4) is 0: no body may be sent
        connection.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
        assertThatThrownBy(() -> connection.exchange("GET", "/large"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("type " + RawHttp2.RST_STREAM);
        assertThat(connection.exchange("GET", "/nothing").status()).isEqualTo(204);
    }

    @Test
    void answersThatAreNotFetchedDoNotFillTheMemory() throws Exception {
        HttpServer server = start(TimeLimits.USUAL);
        RawHttp2 connection = opened(new RawHttp2(server.port()));
        connection.frame(RawHttp2.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0});
        // 3 MB each; an address may have 8 MB of them
        List<Integer> held = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            held.add(connection.headers(connection.block("GET", "/page"), true));
        }
        Waiting.until("the connections", () -> connections.heldBytes() == 2 * PAGE.length);
        int beyond = connection.headers(connection.block("GET", "/page"), true);
        assertThatThrownBy(() -> connection.answer(beyond)).hasMessageContaining("type " + RawHttp2.RST_STREAM);
        assertThat(connect(server).get("/page").body()).as("read at once").hasSize(PAGE.length);
        for (int stream : held) {
            connection.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
        Waiting.until("the connections", () -> connections.heldBytes() == 0);
    }

    @Test
    void bodiesThatWaitCountLikeConnections() throws Exception {
        connections = new Connections(100, 5, List.of());
        HttpServer server = start(TimeLimits.USUAL);
        RawHttp2 connection = opened(new RawHttp2(server.port()));
        List<Integer> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            waiting.add(connection.headers(connection.block("POST", "/echo"), false));
        }
        Waiting.until("the connections", () -> connections.waitingCount() == 5);
        RawHttp2 another = opened(new RawHttp2(server.port()));
        RawHttp2.Answer refused = another.answer(another.headers(another.block("POST", "/echo"), false));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("Too many requests are in progress");
        assertThat(connect(server).get("/quick").status())
                .as("a request that arrives at once")
                .isEqualTo(200);
        for (int stream : waiting) {
            connection.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, new byte[1]);
            assertThat(connection.answer(stream).status()).isEqualTo(200);
        }
        int stream = another.headers(another.block("POST", "/echo"), false);
        Waiting.until("the connections", () -> connections.waitingCount() == 1);
        another.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, new byte[1]);
        assertThat(another.answer(stream).status()).isEqualTo(200);
        Waiting.until("the connections", () -> connections.waitingCount() == 0);
    }
}
