package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestRun;
import dev.latchkey.Waiting;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A server that stops while its callers keep calling. */
class StopUnderLoadTest {
    private static final int CALLERS = 6;
    private static final int CALLS = 200;

    private final Routes routes = Routes.builder()
            .add("POST", "/echo", request -> Response.of(200, "application/octet-stream", request.body()))
            .build();

    /** Calls all the time, on connections that its client keeps, until it cannot connect any more. */
    private static final class Caller implements Runnable {
        private final HttpClient client;
        private final HttpRequest request;
        private final AtomicInteger answered;
        private final ConcurrentLinkedQueue<String> lost;

        Caller(HttpClient client, int port, AtomicInteger answered, ConcurrentLinkedQueue<String> lost) {
            this.client = client;
            // A client would silently repeat a GET whose connection was reset.
            this.request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/echo"))
                    .POST(HttpRequest.BodyPublishers.ofString("hello"))
                    .build();
            this.answered = answered;
            this.lost = lost;
        }

        @Override
        public void run() {
            try (client) {
                while (true) {
                    int status = client.send(request, BodyHandlers.discarding()).statusCode();
                    if (status != 200) {
                        lost.add("status " + status);
                    }
                    answered.incrementAndGet();
                }
            } catch (ConnectException e) {
                // Nothing listens any more: expected at the end.
            } catch (IOException e) {
                lost.add(e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = HttpClient.Version.class,
            names = {"HTTP_1_1", "HTTP_2"})
    void callersThatKeepTheirConnectionsLoseNoRequest(HttpClient.Version version) throws Exception {
        TestCertificate certificate = TestCertificate.make("EC");
        Path folder = TestRun.newFolder("tls");
        HttpServer server = HttpServer.start(
                HttpConfig.builder()
                        .tls(new HttpConfig.Tls(
                                certificate.writeCertificate(folder.resolve("cert.pem")),
                                certificate.writeKey(folder.resolve("key.pem"))))
                        .build(),
                routes);
        AtomicInteger answered = new AtomicInteger();
        ConcurrentLinkedQueue<String> lost = new ConcurrentLinkedQueue<>();
        List<Thread> callers = Stream.generate(() -> Thread.ofPlatform()
                        .start(new Caller(
                                HttpClient.newBuilder()
                                        .sslContext(certificate.trusted())
                                        .version(version)
                                        .build(),
                                server.port(),
                                answered,
                                lost)))
                .limit(CALLERS)
                .toList();
        Waiting.until("the load", () -> answered.get() > CALLS);
        server.sendAway();
        int before = answered.get();
        Waiting.until("more of it, while callers are sent away", () -> answered.get() > before + CALLS);
        server.stopListening();
        Waiting.until("the callers to leave", () -> {
            server.sendAway();
            return server.isLeft();
        });
        server.close();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(lost).isEmpty();
    }

    @Test
    void aConnectionOfHttp2IsSentAwayAfterItsFirstRequestAndWhatIsOnItsWayIsAnswered() throws Exception {
        try (HttpServer server = HttpServer.start(HttpConfig.builder().build(), routes);
                RawHttp2 connection = new RawHttp2(server.port())) {
            // The server's settings: from here on, it knows the connection.
            assertThat(connection.read().type()).isEqualTo(RawHttp2.SETTINGS);
            server.sendAway();
            server.stopListening();
            assertThat(connection.exchange("POST", "/echo", "hello".getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(new RawHttp2.Answer(200, "hello"));
            server.sendAway();
            while (connection.read().type() != RawHttp2.GO_AWAY) {
                // Reads on; the end of the connection would be an exception.
            }
            // This one was on its way when the server sent the caller away.
            assertThat(connection.exchange("POST", "/echo", "hello".getBytes(StandardCharsets.US_ASCII)))
                    .isEqualTo(new RawHttp2.Answer(200, "hello"));
        }
    }

    @Test
    void connectionsThatTheSystemHasEstablishedAreServedWhenItStopsListening() throws Exception {
        CountDownLatch accepting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        Connections connections = new Connections(() -> 100, () -> {
            if (first.getAndSet(false)) {
                accepting.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return List.of();
        });
        List<Socket> sockets = new ArrayList<>();
        try (HttpServer server =
                HttpServer.start(HttpConfig.builder().connections(connections).build(), routes)) {
            for (int i = 0; i < 5; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
                socket.getOutputStream()
                        .write("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
                                .getBytes(StandardCharsets.ISO_8859_1));
                sockets.add(socket);
            }
            accepting.await();
            Thread stopping = Thread.ofPlatform().start(server::stopListening);
            Waiting.until(
                    "the stop, which waits for the connections",
                    () -> stopping.getState() == Thread.State.TIMED_WAITING
                            || stopping.getState() == Thread.State.TERMINATED);
            goOn.countDown();
            for (Socket socket : sockets) {
                socket.setSoTimeout(30_000);
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                        .startsWith("HTTP/1.1 200 ")
                        .endsWith("hello");
            }
            stopping.join();
        } finally {
            goOn.countDown();
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
