package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No caller takes all connections: neither one address more than its share, nor many that only keep theirs open. */
class ConnectionsTest {
    private final List<AutoCloseable> opened = Collections.synchronizedList(new ArrayList<>());
    private final List<String> closed = new ArrayList<>();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final Routes routes = Routes.builder()
            .add("GET", "/quick", request -> Response.text(200, "quick"))
            .always("GET", "/health/live", request -> Response.text(200, "alive"))
            .add("GET", "/slow", request -> {
                entered.countDown();
                try {
                    assertThat(released.await(10, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return Response.text(200, "done");
            })
            .build();

    @AfterEach
    void close() throws Exception {
        released.countDown();
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private Connections.Place open(Connections connections, String address) {
        Connections.Place place =
                connections.admit(InetAddress.ofLiteral(address)).orElseThrow();
        place.closeWith(() -> closed.add(address));
        return place;
    }

    private static boolean isRefused(Connections connections, String address) {
        return connections.admit(InetAddress.ofLiteral(address)).isEmpty();
    }

    @Test
    void oneAddressHasAsManyAsItMayAndOthersTheirs() {
        Connections connections = new Connections(100, 2, List.of());
        Connections.Place first = open(connections, "192.0.2.1");
        open(connections, "192.0.2.1");
        assertThat(isRefused(connections, "192.0.2.1")).isTrue();
        open(connections, "192.0.2.2");
        first.leave();
        first.leave();
        open(connections, "192.0.2.1");
        assertThat(isRefused(connections, "192.0.2.1")).isTrue();
        assertThat(closed).isEmpty();
    }

    @Test
    void ofIpv6ANetworkCountsAsOneAddress() {
        Connections connections = new Connections(100, 2, List.of());
        open(connections, "2001:db8::1");
        open(connections, "2001:db8::2:0:0:1");
        assertThat(isRefused(connections, "2001:db8::3")).isTrue();
        open(connections, "2001:db8:0:1::1");
        // an IPv4 address is the same one in every spelling
        open(connections, "::ffff:192.0.2.1");
        open(connections, "192.0.2.1");
        assertThat(isRefused(connections, "192.0.2.1")).isTrue();
    }

    @Test
    void trustedProxiesHaveAsManyAsTheyLike() {
        Connections connections = new Connections(100, 2, List.of(AddressRange.parse("2001:db8::1")));
        for (int i = 0; i < 10; i++) {
            open(connections, "2001:db8::1");
        }
        // their neighbour is another one
        open(connections, "2001:db8::2");
        open(connections, "2001:db8::2");
        assertThat(isRefused(connections, "2001:db8::2")).isTrue();
    }

    @Test
    void nothingIsKeptOfThoseWhoLeft() {
        Connections connections = new Connections(1_000, 2, List.of());
        List<Connections.Place> places = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            places.add(open(connections, "192.0.2." + i));
        }
        assertThat(connections.networkCount()).isEqualTo(250);
        places.forEach(Connections.Place::leave);
        assertThat(connections.count()).isZero();
        assertThat(connections.networkCount()).isZero();
    }

    @Test
    void whoHasMostMakesRoomAndBeginsWithTheOldest() {
        Connections connections = new Connections(4, 4, List.of());
        open(connections, "192.0.2.1");
        Connections.Place oldest = open(connections, "192.0.2.2");
        Connections.Place second = open(connections, "192.0.2.2");
        open(connections, "192.0.2.2");
        oldest.closeWith(() -> closed.add("oldest"));
        second.closeWith(() -> closed.add("second"));
        open(connections, "192.0.2.3");
        assertThat(closed).containsExactly("oldest");
        oldest.leave();
        assertThat(connections.count()).isEqualTo(4);
        open(connections, "192.0.2.3");
        assertThat(closed).containsExactly("oldest", "second");
    }

    @Test
    void whatIsInWorkMakesNoRoom() {
        Connections connections = new Connections(2, 2, List.of());
        Connections.Place older = open(connections, "192.0.2.1");
        older.requestBegins();
        Connections.Place idle = open(connections, "192.0.2.1");
        idle.closeWith(() -> closed.add("idle"));
        Connections.Place newcomer = open(connections, "192.0.2.2");
        assertThat(closed).containsExactly("idle");
        newcomer.requestBegins();
        assertThat(isRefused(connections, "192.0.2.3")).isTrue();
        older.requestEnds();
        open(connections, "192.0.2.3");
        assertThat(closed).containsExactly("idle", "192.0.2.1");
    }

    @Test
    void proxiesMakeRoomLast() {
        Connections connections = new Connections(3, 3, List.of(AddressRange.parse("192.0.2.1")));
        open(connections, "192.0.2.1");
        open(connections, "192.0.2.1");
        open(connections, "192.0.2.2");
        open(connections, "192.0.2.3");
        assertThat(closed).containsExactly("192.0.2.2");
    }

    private HttpServer start(Connections connections) {
        HttpServer server =
                HttpServer.start(HttpConfig.builder().connections(connections).build(), routes);
        opened.add(server);
        return server;
    }

    private RawConnection connect(HttpServer server, String from) throws IOException {
        RawConnection connection = new RawConnection(from, server.port());
        opened.add(connection);
        return connection;
    }

    private static boolean works(RawConnection connection) {
        try {
            return connection.get("/quick").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void anAddressThatOpensMoreThanItsShareKeepsThatAndHarmsNoOne() throws Exception {
        Connections connections = new Connections(1_000, 20, List.of());
        HttpServer server = start(connections);
        RawConnection before = connect(server, "127.0.0.1");
        assertThat(works(before)).isTrue();
        List<RawConnection> flood = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            flood.add(connect(server, "127.0.0.2"));
        }
        assertThat(connect(server, "127.0.0.1").get("/health/live").body()).isEqualTo("alive");
        assertThat(works(before)).as("a connection from before").isTrue();
        for (RawConnection kept : flood.subList(0, 20)) {
            assertThat(works(kept)).as("their share").isTrue();
        }
        for (RawConnection beyond : flood.subList(20, 200)) {
            assertThat(beyond.isClosedByServer()).as("beyond it").isTrue();
        }
        flood.getFirst().close();
        Waiting.until("the connections", () -> connections.count() == 21);
        assertThat(works(connect(server, "127.0.0.2"))).as("when one has left").isTrue();
    }

    @Test
    void aNewcomerIsAnsweredWhenAllConnectionsAreTaken() throws Exception {
        Connections connections = new Connections(50, 50, List.of());
        HttpServer server = start(connections);
        RawConnection slow = connect(server, "127.0.0.2");
        slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        List<RawConnection> flood = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            flood.add(connect(server, "127.0.0.2"));
        }
        for (int i = 0; i < 5; i++) {
            assertThat(connect(server, "127.0.0.1").get("/health/live").body()).isEqualTo("alive");
        }
        assertThat(connections.count()).isLessThanOrEqualTo(50);
        released.countDown();
        assertThat(slow.answer().body()).as("what was in progress").isEqualTo("done");
        assertThat(flood.subList(0, 5)).as("the oldest ones made room").noneMatch(ConnectionsTest::works);
    }

    @Test
    void aCrowdThatComesAtOnceMakesRoomItself() throws Exception {
        HttpServer server = start(new Connections(100, 50, List.of()));
        RawConnection before = connect(server, "127.0.0.1");
        assertThat(works(before)).isTrue();
        // None of them is waited for, so most are still being accepted when others need their room.
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                String from = "127.0.0." + (2 + i % 20);
                crowd.submit(() -> connect(server, from));
            }
        }
        assertThat(works(before)).isTrue();
        assertThat(works(connect(server, "127.0.0.1"))).isTrue();
    }

    @Test
    void allPortsShareTheLimit() throws Exception {
        HttpConfig config = HttpConfig.builder()
                .connections(new Connections(100, 3, List.of()))
                .build();
        HttpServer one = HttpServer.start(config, routes);
        opened.add(one);
        HttpServer another = HttpServer.start(config, routes);
        opened.add(another);
        assertThat(works(connect(one, "127.0.0.1"))).isTrue();
        assertThat(works(connect(another, "127.0.0.1"))).isTrue();
        assertThat(works(connect(one, "127.0.0.1"))).isTrue();
        assertThat(connect(one, "127.0.0.1").isClosedByServer()).isTrue();
        assertThat(connect(another, "127.0.0.1").isClosedByServer()).isTrue();
    }

    @Test
    void manyWhoComeAndGoLeaveNothingBehind() throws Exception {
        Connections connections = new Connections(30, 10, List.of());
        HttpServer server = start(connections);
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int caller = 2; caller < 8; caller++) {
            String from = "127.0.0." + caller;
            callers.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 200; i++) {
                    try (RawConnection connection = new RawConnection(from, server.port())) {
                        connection.send(i % 3 == 0 ? "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /qu");
                    } catch (IOException e) {
                        // Refused, which is what the limit is for.
                        Thread.onSpinWait();
                    }
                }
            }));
        }
        CompletableFuture.allOf(callers.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        // The last of them may be accepted after they have left.
        Waiting.until("the connections", () -> connections.count() == 0 && connections.networkCount() == 0);
        assertThat(works(connect(server, "127.0.0.2"))).isTrue();
    }
}
