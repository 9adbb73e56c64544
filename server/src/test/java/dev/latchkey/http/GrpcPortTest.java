package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Waiting;
import dev.latchkey.grpc.UnaryMethod;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC's protocol frame by frame, and the bounds of its callers. */
class GrpcPortTest {
    private static final String PATH = "/test.Echo/Say";
    private static final int MOST_BYTES = 10_000;
    private static final HexFormat HEX = HexFormat.of();
    private static final HttpConfig USUAL = HttpConfig.local();

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Connections connections = new Connections(2_000, 2_000, List.of());
    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    Path folder;

    @AfterEach
    void close() throws Exception {
        released.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T opened(T each) {
        opened.add(each);
        return each;
    }

    private HttpServer start(HttpConfig config, TimeLimits times) {
        return opened(HttpServer.start(
                config.toBuilder().connections(connections).port(0).forGrpc().build(),
                UnaryMethod.served(
                        PATH,
                        MOST_BYTES,
                        RequestRecorder.NONE,
                        this::answer,
                        problem -> bytes("refused: " + problem.code())),
                times));
    }

    private HttpServer start() {
        return start(USUAL, TimeLimits.USUAL);
    }

    private RawHttp2 connect(HttpServer server) throws IOException {
        return opened(new RawHttp2(server.port()));
    }

    private byte[] answer(ByteBuffer message, String peer) {
        String said = StandardCharsets.UTF_8.decode(message).toString();
        return switch (said) {
            case "who" -> bytes(peer);
            case "break" -> throw new IllegalStateException("password=hunter2");
            case "wait" -> {
                entered.countDown();
                try {
                    assertThat(released.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                yield bytes("done");
            }
            default -> bytes("you said " + said);
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] framed(String message) {
        byte[] bytes = bytes(message);
        return ByteBuffer.allocate(5 + bytes.length)
                .put((byte) 0)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }

    private static int begin(RawHttp2 caller, String... fields) throws IOException {
        String[] all = new String[4 + fields.length];
        System.arraycopy(new String[] {"content-type", "application/grpc", "te", "trailers"}, 0, all, 0, 4);
        System.arraycopy(fields, 0, all, 4, fields.length);
        return caller.headers(caller.block("POST", PATH, all), false);
    }

    private static RawHttp2.Whole call(RawHttp2 caller, byte[] body, String... fields) throws IOException {
        int stream = begin(caller, fields);
        caller.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, body);
        return caller.whole(stream);
    }

    private static String said(RawHttp2.Whole answer) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.fields()).containsEntry("grpc-status", "0").containsEntry("content-type", "application/grpc");
        ByteBuffer body = ByteBuffer.wrap(answer.body());
        assertThat(body.get()).as("compressed").isZero();
        assertThat(body.getInt()).isEqualTo(body.remaining());
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    private static String status(RawHttp2.Whole answer) {
        assertThat(answer.status()).as("of HTTP").isEqualTo(200);
        assertThat(answer.fields()).containsEntry("content-type", "application/grpc");
        assertThat(answer.body()).isEmpty();
        assertThat(answer.fields().get("grpc-message")).isNotBlank();
        return answer.fields().get("grpc-status");
    }

    @Test
    void aMessageIsAnsweredWithOneAndTheStatusComesAfterIt() throws IOException {
        RawHttp2 caller = connect(start());
        int stream = begin(caller);
        caller.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, framed("hello"));
        List<Integer> frames = new ArrayList<>();
        RawHttp2.Frame frame;
        do {
            frame = caller.read();
            if (frame.stream() == stream) {
                frames.add(frame.type());
                assertThat((frame.flags() & RawHttp2.END_STREAM) != 0)
                        .as("the last frame")
                        .isEqualTo(frames.size() == 3);
            }
        } while (frames.size() < 3);
        assertThat(frames).containsExactly(RawHttp2.HEADERS, RawHttp2.DATA, RawHttp2.HEADERS);
    }

    @Test
    void aMessageMayComeInPiecesAndBeEmpty() throws IOException {
        RawHttp2 caller = connect(start());
        int stream = begin(caller);
        byte[] framed = framed("in pieces");
        for (int i = 0; i < framed.length; i++) {
            caller.frame(
                    RawHttp2.DATA, i == framed.length - 1 ? RawHttp2.END_STREAM : 0, stream, new byte[] {framed[i]});
        }
        assertThat(said(caller.whole(stream))).isEqualTo("you said in pieces");
        assertThat(said(call(caller, framed("")))).isEqualTo("you said ");
    }

    @ParameterizedTest
    @CsvSource({
        "no message, '', 12",
        "half a prefix, 0000, 13",
        "nothing after the prefix, 0000000005, 13",
        "less than it said, 00000000056162, 13",
        "longer than may be, 0000002711, 8",
        "longer than anything, 00ffffffff, 8",
        "two messages, 000000000161000000000162, 12",
        "more than it said, 000000000161ff, 12",
        "compressed somehow, 010000000161, 13",
        "an unknown flag, 020000000161, 13",
    })
    void whatIsNotOneWholeMessageFails(String what, String hex, String status) throws IOException {
        RawHttp2 caller = connect(start());
        assertThat(status(call(caller, HEX.parseHex(hex)))).as(what).isEqualTo(status);
        assertThat(said(call(caller, framed("next")))).isEqualTo("you said next");
    }

    @Test
    void aMessageThatIsTooLongIsNotKeptAndTheNextOneIsAnswered() throws IOException {
        RawHttp2 caller = connect(start());
        int stream = begin(caller);
        byte[] frame = new byte[MOST_BYTES];
        ByteBuffer.wrap(frame).put((byte) 0).putInt(3 * MOST_BYTES);
        for (int i = 0; i < 3; i++) {
            caller.frame(RawHttp2.DATA, 0, stream, frame);
        }
        caller.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, new byte[1]);
        assertThat(status(caller.whole(stream))).isEqualTo("8");
        assertThat(said(call(caller, framed("next")))).isEqualTo("you said next");
    }

    @Test
    void aCompressedMessageIsRefusedForItsFieldsAndWhatIsTakenIsNamed() throws IOException {
        RawHttp2 caller = connect(start());
        RawHttp2.Whole refused = call(caller, HEX.parseHex("010000000161"), "grpc-encoding", "gzip");
        assertThat(status(refused)).isEqualTo("12");
        assertThat(refused.fields()).containsEntry("grpc-accept-encoding", "identity");
        assertThat(said(call(caller, framed("plain"), "grpc-encoding", "identity", "grpc-accept-encoding", "gzip")))
                .isEqualTo("you said plain");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/grpc",
                "application/grpc+proto",
                "Application/gRPC",
                "application/grpc; charset=utf-8",
            })
    void everySpellingOfGrpcsTypeIsTakenAlsoWithoutTe(String type) throws IOException {
        RawHttp2 caller = connect(start());
        int stream = caller.headers(
                caller.block(
                        "POST", PATH, "content-type", type, "grpc-timeout", "3000m", "x-forwarded-for", "192.0.2.1"),
                false);
        caller.frame(RawHttp2.DATA, RawHttp2.END_STREAM, stream, framed("who"));
        assertThat(said(caller.whole(stream))).isEqualTo("127.0.0.1");
    }

    /** Envoy names its cluster there unless told otherwise. */
    @ParameterizedTest
    @ValueSource(strings = {"latchkey", "ext_authz", "127.0.0.1:9090", "latchkey.default.svc.cluster.local"})
    void whateverIsNamedAsTheHostDecidesNothing(String host) throws IOException {
        assertThat(said(call(connect(start()).asking(host), framed("who")))).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/grpc-web", "application/grpc+json", "text/html", ""})
    void whatIsNoCallIsRefusedInHttp(String type) throws IOException {
        RawHttp2 caller = connect(start());
        for (String path : List.of(PATH, "/")) {
            RawHttp2.Answer answer = caller.exchange("POST", path, framed("a"), "content-type", type);
            assertThat(answer.status()).isEqualTo(415);
            assertThat(answer.body()).contains("application/grpc");
        }
        assertThat(caller.exchange("GET", PATH).status()).isEqualTo(405);
    }

    @Test
    void anUnknownMethodIsRefusedBeforeItsMessageComes() throws IOException {
        RawHttp2 caller = connect(start());
        for (String path : List.of("/test.Echo/Sing", "/grpc.health.v1.Health/Check", "/", "/a//b")) {
            int stream = caller.headers(caller.block("POST", path, "content-type", "application/grpc"), false);
            RawHttp2.Whole answer = caller.whole(stream);
            assertThat(status(answer)).as(path).isEqualTo(path.equals("/a//b") ? "13" : "12");
        }
    }

    @Test
    void whatBreaksIsRefusedInTheMethodsWordsAndWithoutItsReason() throws IOException {
        assertThat(said(call(connect(start()), framed("break")))).isEqualTo("refused: internal_error");
    }

    @Test
    void whatIsTooMuchIsRefusedInTheMethodsWords() throws Exception {
        HttpServer server = start(HttpConfig.builder().maxConcurrentRequests(1).build(), TimeLimits.USUAL);
        RawHttp2 first = connect(server);
        int waiting = begin(first);
        first.frame(RawHttp2.DATA, RawHttp2.END_STREAM, waiting, framed("wait"));
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(said(call(connect(server), framed("me too")))).isEqualTo("refused: unavailable");
        released.countDown();
        assertThat(said(first.whole(waiting))).isEqualTo("done");
    }

    @Test
    void aCallThatNeverBringsItsMessageEnds() throws Exception {
        HttpServer server = start(USUAL, TimeLimits.USUAL.withBody(Duration.ofMillis(200)));
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<byte[], byte[]> call = channel(server)
                // As a stream, because otherwise the header would wait for the message.
                .newCall(
                        METHOD.toBuilder()
                                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                                .build(),
                        CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        assertThat(end.get(10, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        assertThat(connections.waitingCount()).isZero();
    }

    @Test
    void aThousandCallsMayBeUnderWayOnOneConnection() throws IOException {
        RawHttp2 caller = connect(start());
        List<Integer> streams = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            streams.add(begin(caller));
        }
        // One too many is refused, and no other.
        int more = begin(caller);
        RawHttp2.Frame frame = caller.read();
        while (frame.stream() != more) {
            frame = caller.read();
        }
        assertThat(frame.type()).isEqualTo(RawHttp2.RST_STREAM);
        for (int stream : streams.subList(1, streams.size())) {
            caller.frame(RawHttp2.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8});
        }
        caller.frame(RawHttp2.DATA, RawHttp2.END_STREAM, streams.getFirst(), framed("first"));
        assertThat(said(caller.whole(streams.getFirst()))).isEqualTo("you said first");
    }

    @Test
    void callsMayBeTakenBackByTheThousandAndNotByTheTenThousand() throws IOException {
        RawHttp2 caller = connect(start());
        for (int i = 0; i < 3_000; i++) {
            caller.frame(RawHttp2.RST_STREAM, 0, begin(caller), new byte[] {0, 0, 0, 8});
        }
        assertThat(said(call(caller, framed("still here")))).isEqualTo("you said still here");
        try {
            for (int i = 0; i < 40_000; i++) {
                caller.frame(RawHttp2.RST_STREAM, 0, begin(caller), new byte[] {0, 0, 0, 8});
            }
        } catch (IOException e) {
            // It was closed in the meantime.
        }
        assertThat(caller.isClosedByServer()).isTrue();
    }

    @Test
    void eachAnswerEarnsAPingAndFloodsOfPingsEndTheConnection() throws IOException {
        RawHttp2 caller = connect(start());
        for (int i = 0; i < 500; i++) {
            assertThat(said(call(caller, framed("again")))).isEqualTo("you said again");
            caller.frame(RawHttp2.PING, 0, 0, new byte[8]);
        }
        assertThat(said(call(caller, framed("still here")))).isEqualTo("you said still here");
        try {
            for (int i = 0; i < 2_000; i++) {
                caller.frame(RawHttp2.PING, 0, 0, new byte[8]);
            }
        } catch (IOException e) {
            // It was closed in the meantime.
        }
        assertThat(caller.isClosedByServer()).isTrue();
    }

    @Test
    void http1IsNotSpoken() throws IOException {
        try (RawConnection caller = new RawConnection(start().port())) {
            caller.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(new String(caller.bytes(1_000), StandardCharsets.US_ASCII))
                    .doesNotContain("HTTP");
        }
    }

    private static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(PATH.substring(1))
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private ManagedChannel channel(HttpServer server) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
        opened.add(channel::shutdownNow);
        return channel;
    }

    private static String ask(ManagedChannel channel, String message) {
        return new String(
                ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, bytes(message)),
                StandardCharsets.UTF_8);
    }

    /**
     * The client measures its bandwidth with pings during its calls, which would not show that it had to connect again.
     */
    @Test
    void aRealClientKeepsItsConnection() {
        ManagedChannel channel = channel(start());
        assertThat(ask(channel, "first")).isEqualTo("you said first");
        assertThat(channel.getState(false)).isEqualTo(ConnectivityState.READY);
        AtomicBoolean left = new AtomicBoolean();
        channel.notifyWhenStateChanged(ConnectivityState.READY, () -> left.set(true));
        for (int i = 0; i < 3_000; i++) {
            assertThat(ask(channel, "quick")).isEqualTo("you said quick");
        }
        assertThat(left).isFalse();
    }

    @Test
    void overTlsARenewedCertificateCountsForTheNextConnection() throws Exception {
        TestCertificate first = TestCertificate.make("EC");
        HttpConfig.Tls tls = new HttpConfig.Tls(
                first.writeCertificate(folder.resolve("cert.pem")), first.writeKey(folder.resolve("key.pem")));
        HttpServer server = start(HttpConfig.builder().tls(tls).build(), TimeLimits.USUAL);
        ManagedChannel before = channel(server, first);
        assertThat(ask(before, "hello")).isEqualTo("you said hello");
        TestCertificate second = TestCertificate.make("RSA");
        second.writeKey(folder.resolve("key.pem"));
        second.writeCertificate(folder.resolve("cert.pem"));
        Waiting.until("the renewed certificate counts", () -> {
            try {
                return ask(channel(server, second), "hello again").equals("you said hello again");
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                return false;
            }
        });
        assertThat(ask(before, "still here")).isEqualTo("you said still here");
    }

    private ManagedChannel channel(HttpServer server, TestCertificate trusted) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", server.port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(trusted.certificate())
                        .build())
                .build();
        opened.add(channel::shutdownNow);
        return channel;
    }
}
