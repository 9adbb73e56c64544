package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.bench.Steady.Outcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rough table is worth what this generator is worth, so it is tried on servers whose faults are known. */
class SteadyTest {
    private HttpServer server;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Duration standstill = Duration.ZERO;
    private volatile long until;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            int number = asked.getAndIncrement();
            standStill();
            byte[] body = "x".repeat(number % 3 * 30_000 + 1).getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(number % 10 == 0 ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    /** From the first request on, and not from when the test began. */
    private void standStill() {
        synchronized (asked) {
            if (until == 0) {
                until = System.nanoTime() + standstill.toNanos();
            }
        }
        try {
            Thread.sleep(Duration.ofNanos(until - System.nanoTime()));
        } catch (InterruptedException e) {
            // The server ends.
        }
    }

    private Outcome asked(int port, int connections) {
        Call call = Call.form("", "http://127.0.0.1:" + port + "/", Map.of("X-Of", "test"), "a=b");
        return new Steady(
                        new InetSocketAddress("127.0.0.1", port),
                        List.of("127.0.0.1", "127.0.0.2"),
                        List.of(Wire.request(call)),
                        100,
                        connections)
                .run(Duration.ofSeconds(1), Duration.ofSeconds(20));
    }

    @Test
    void everyAnswerIsCountedUnderItsStatus() {
        Outcome outcome = asked(server.getAddress().getPort(), 4);

        assertThat(outcome.statuses()).isEqualTo(Map.of(200, 90L, 503, 10L));
        assertThat(outcome.refused()).isEqualTo(10);
        assertThat(outcome.micros()).hasSize(100).isSorted();
    }

    @Test
    void aStandstillShowsInAllRequestsThatWereDueDuringItEvenWithOneConnection() {
        standstill = Duration.ofMillis(500);

        Outcome outcome = asked(server.getAddress().getPort(), 1);

        // A request is due every 10 ms. A client that asks only after the last response would see one slow response.
        assertThat(outcome.micros()).hasSize(100);
        assertThat(Arrays.stream(outcome.micros())
                        .filter(each -> each > 100_000)
                        .count())
                .isGreaterThanOrEqualTo(40);
        assertThat(outcome.most()).isGreaterThanOrEqualTo(500);
    }

    @Test
    void connectionsThatAreClosedAreOpenedAgainAndTheirRequestsCountAsUnanswered() throws IOException {
        AtomicInteger accepted = new AtomicInteger();
        try (ServerSocket closing = new ServerSocket(0)) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        try (Socket socket = closing.accept()) {
                            socket.getInputStream().read();
                            accepted.incrementAndGet();
                        }
                    }
                } catch (IOException e) {
                    // The test has ended.
                }
            });

            Outcome outcome = asked(closing.getLocalPort(), 4);

            assertThat(outcome.statuses()).isEqualTo(Map.of(0, 100L));
            assertThat(accepted).hasValue(100);
        }
    }

    @Test
    void whatIsNeverAnsweredCountsAsLongAsItWasWaitedFor() {
        standstill = Duration.ofMinutes(1);
        Call call = Call.get("", "http://127.0.0.1:" + server.getAddress().getPort() + "/", Map.of());
        Outcome outcome = new Steady(server.getAddress(), List.of("127.0.0.1"), List.of(Wire.request(call)), 100, 4)
                .run(Duration.ofMillis(300), Duration.ofMillis(200));

        assertThat(outcome.statuses()).isEqualTo(Map.of(0, 30L));
        assertThat(outcome.micros()[0]).isGreaterThanOrEqualTo(200_000);
        assertThat(outcome.most()).isGreaterThanOrEqualTo(500);
    }
}
