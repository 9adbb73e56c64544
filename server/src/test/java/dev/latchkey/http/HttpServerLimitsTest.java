package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens at the limits: bodies, concurrent requests, time, and shutdown. */
class HttpServerLimitsTest {
    private static final TimeLimits SHORT =
            TimeLimits.USUAL.withBody(Duration.ofMillis(300)).withGrace(Duration.ofSeconds(5));

    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Routes routes = Routes.builder()
            .add("POST", "/small", request -> Response.text(200, "got " + request.body().length), 1_000)
            .add("POST", "/large", request -> Response.text(200, "got " + request.body().length), 5_000_000)
            .add("GET", "/quick", request -> Response.text(200, "quick"))
            .always("GET", "/alive", request -> Response.text(200, "alive"))
            .add("GET", "/slow", request -> {
                entered.countDown();
                await(released);
                return Response.text(200, "done");
            })
            .build();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private HttpServer start(int places, TimeLimits times) {
        HttpServer server = HttpServer.start(
                HttpConfig.builder().maxConcurrentRequests(places).build(), routes, times);
        opened.add(server);
        return server;
    }

    private RawConnection connect(HttpServer server) throws IOException {
        RawConnection connection = new RawConnection(server.port());
        opened.add(connection);
        return connection;
    }

    @AfterEach
    void close() throws Exception {
        released.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        client.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest.Builder to(HttpServer server, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    @Test
    void aBodyMayBeAsLongAsItsRouteAllows() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        assertThat(client.send(
                                to(server, "/small")
                                        .POST(BodyPublishers.ofByteArray(new byte[1_000]))
                                        .build(),
                                BodyHandlers.ofString())
                        .body())
                .isEqualTo("got 1000");
        assertThat(client.send(
                                to(server, "/large")
                                        .POST(BodyPublishers.ofByteArray(new byte[5_000_000]))
                                        .build(),
                                BodyHandlers.ofString())
                        .body())
                .isEqualTo("got 5000000");
    }

    @Test
    void aBodyDeclaredTooLongIsRefusedUnread() throws Exception {
        RawConnection connection = connect(start(256, TimeLimits.USUAL));
        RawConnection.Answer answer = connection
                .send("POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n")
                .answer();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("\"code\":\"too_large\"", "1000 bytes");
        assertThat(connection.isClosedByServer()).isTrue();
    }

    @Test
    void whoIsRefusedBeforeTheBodyArrivesLosesNeitherTheAnswerNorTheConnection() throws Exception {
        RawConnection connection = connect(start(256, TimeLimits.USUAL));
        RawConnection.Answer refused = connection
                .send("POST /quick HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n")
                .answer();
        assertThat(refused.status()).isEqualTo(405);
        connection.send("later");
        assertThat(connection.get("/quick").body()).isEqualTo("quick");
    }

    @Test
    void noOneIsInvitedToSendABodyThatIsTooLong() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        String head = "POST /small HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ";
        assertThat(connect(server).send(head + "1001\r\n\r\n").answer().status())
                .isEqualTo(413);
        RawConnection welcome = connect(server);
        assertThat(welcome.send(head + "3\r\n\r\n").answer().status()).isEqualTo(100);
        assertThat(welcome.send("abc").answer().body()).isEqualTo("got 3");
    }

    @Test
    void aChunkedBodyIsRefusedAsSoonAsItIsTooLong() throws Exception {
        RawConnection connection = connect(start(256, TimeLimits.USUAL));
        connection.send("POST /small HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
        connection.send("3e8\r\n" + "x".repeat(1_000) + "\r\n").send("1\r\nx\r\n");
        assertThat(connection.answer().status()).isEqualTo(413);
        assertThat(connection.isClosedByServer()).isTrue();
    }

    @Test
    void aClientThatSendsAllOfALongBodyBeforeItListensStillHearsWhy() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        for (int round = 0; round < 20; round++) {
            HttpResponse<String> response = client.send(
                    to(server, "/small")
                            .POST(BodyPublishers.ofByteArray(new byte[500_000]))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(413);
        }
    }

    @Test
    void aBodyThatDoesNotArriveInTimeIsGivenUp() throws Exception {
        HttpServer server = start(256, SHORT);
        RawConnection connection = connect(server);
        connection.send("POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
        RawConnection.Answer answer = connection.answer();
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.body()).contains("\"code\":\"body_timeout\"");
        assertThat(connection.isClosedByServer()).isTrue();
    }

    @Test
    void aBodyThatBreaksOffReachesNoHandler() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        RawConnection connection = connect(server);
        connection
                .send("POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc")
                .endOutput();
        assertThat(connection.answer().status()).isEqualTo(400);
    }

    @Test
    void beyondThePlacesARequestIsRefusedAtOnce() throws Exception {
        HttpServer server = start(1, TimeLimits.USUAL);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        HttpResponse<String> refused = client.send(to(server, "/quick").build(), BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        assertThat(refused.body()).contains("\"code\":\"unavailable\"");
        released.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
        assertThat(client.send(to(server, "/quick").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void theNumberOfPlacesMayChange() throws Exception {
        AtomicInteger places = new AtomicInteger(1);
        HttpServer server = HttpServer.start(
                HttpConfig.builder().maxConcurrentRequests(places::get).build(), routes, TimeLimits.USUAL);
        opened.add(server);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        HttpRequest quick = to(server, "/quick").build();
        assertThat(client.send(quick, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
        places.set(2);
        assertThat(client.send(quick, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        places.set(1);
        assertThat(client.send(quick, BodyHandlers.ofString()).statusCode()).isEqualTo(503);
        released.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void whoAsksWhetherTheServerLivesIsAnsweredWhenAllPlacesAreTaken() throws Exception {
        HttpServer server = start(1, TimeLimits.USUAL);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        assertThat(client.send(to(server, "/alive").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        released.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void slowSendersTakeNoPlaces() throws Exception {
        HttpServer server = start(1, TimeLimits.USUAL);
        for (int i = 0; i < 20; i++) {
            connect(server).send("POST /small HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
        }
        assertThat(client.send(to(server, "/quick").build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void closingLetsARequestInFlightFinishAndTakesNoNewOne() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        int port = server.port();
        Thread closing = Thread.ofVirtual().start(server::close);
        refusesConnections(port);
        assertThat(slow.isDone()).isFalse();
        released.countDown();
        HttpResponse<String> answer = slow.get(10, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Connection")).contains("close");
        assertThat(answer.body()).isEqualTo("done");
        assertThat(closing.join(Duration.ofSeconds(5))).isTrue();
    }

    @Test
    void closingDoesNotWaitForIdleConnections() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        RawConnection idle = connect(server);
        assertThat(idle.get("/quick").status()).isEqualTo(200);
        long begin = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(3));
        assertThat(idle.isClosedByServer()).isTrue();
    }

    @Test
    void aRequestOnAKeptConnectionIsAnsweredWhileOthersFinishAndIsTheLastOnIt() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        RawConnection open = connect(server);
        assertThat(open.get("/quick").field("Connection")).isEmpty();
        int port = server.port();
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        Thread.ofVirtual().start(server::close);
        refusesConnections(port);
        RawConnection.Answer answer = open.get("/quick");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.field("Connection")).isEqualTo("close");
        assertThat(open.isClosedByServer()).isTrue();
        released.countDown();
        assertThat(slow.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }

    @Test
    void aRequestThatHasBegunToArriveIsAnswered() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        RawConnection open = connect(server);
        assertThat(open.get("/quick").status()).isEqualTo(200);
        open.send("GET /quick HTTP/1.1\r\nHost: ");
        // Read by then, because it was sent before.
        assertThat(connect(server).get("/quick").status()).isEqualTo(200);
        int port = server.port();
        Thread.ofVirtual().start(server::close);
        refusesConnections(port);
        assertThat(open.send("localhost\r\n\r\n").answer().status()).isEqualTo(200);
    }

    @Test
    void callersWhoAreSentAwayAreAnsweredAndSoAreNewcomers() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL);
        RawConnection old = connect(server);
        assertThat(old.get("/quick").field("Connection")).isEmpty();
        RawHttp2 multiplexed = new RawHttp2(server.port());
        assertThat(multiplexed.exchange("GET", "/quick").status()).isEqualTo(200);
        server.sendAway();
        for (RawConnection connection : List.of(old, connect(server))) {
            RawConnection.Answer answer = connection.get("/quick");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.field("Connection")).isEqualTo("close");
            assertThat(connection.isClosedByServer()).isTrue();
        }
        while (multiplexed.read().type() != RawHttp2.GO_AWAY) {
            // other frames that a connection may send
        }
        multiplexed.close();
        try (RawHttp2 newcomer = new RawHttp2(server.port())) {
            assertThat(newcomer.exchange("GET", "/quick").status()).isEqualTo(200);
        }
    }

    @Test
    void aRequestThatOutlastsTheGraceIsCutOff() throws Exception {
        HttpServer server = start(256, TimeLimits.USUAL.withGrace(Duration.ofMillis(500)));
        CompletableFuture<HttpResponse<String>> slow =
                client.sendAsync(to(server, "/slow").build(), BodyHandlers.ofString());
        await(entered);
        long begin = System.nanoTime();
        server.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
        assertThat(slow).failsWithin(Duration.ofSeconds(5));
    }

    /** Waits until the listening socket is gone. */
    private static void refusesConnections(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (System.nanoTime() < deadline) {
            try {
                new RawConnection(port).close();
            } catch (ConnectException e) {
                return;
            } catch (SocketException e) {
                // Accepted by the kernel and reset: the socket is closing at this very moment.
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("the server still accepts connections");
    }
}
