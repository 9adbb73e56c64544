package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.Line;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server on PostgreSQL, and a connection to it that is held up or cut. */
@Timeout(120)
class DatabaseGoesAwayTest {
    /** The promise is a second; the rest is for a busy machine. It used to take far longer. */
    private static final Duration SOON = Duration.ofMillis(2_500);

    private final Line line = new Line(((PostgresqlUrl) TestEngine.POSTGRESQL.newAddress()).url());
    private final ExecutorService people = Executors.newVirtualThreadPerTaskExecutor();
    private RunningServer server;

    @AfterEach
    void stop() {
        people.shutdownNow();
        line.free();
        server.close();
        line.close();
    }

    private void start(String leaseSeconds) {
        server = RunningServer.start(
                TestEngine.SQLITE, Map.of("database-url", line.url(), "lease-seconds", leaseSeconds));
    }

    private static Duration took(Callable<?> work) throws Exception {
        long began = System.nanoTime();
        work.call();
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private boolean isReady() {
        return server.get("/health/ready").status() == 200;
    }

    private Duration untilReady() throws Exception {
        return took(() -> {
            Waiting.until("readiness", this::isReady);
            return true;
        });
    }

    @Test
    void whileItDoesNotAnswerReadinessSaysSoSoonAndNoChangeWaitsForLong() throws Exception {
        start("0");
        RunningServer.Api admin = server.admin();
        Credentials program = admin.createToken("Program", "public");
        String accessToken = server.accessToken(program);
        line.hold();
        List<Future<Duration>> changes = IntStream.range(0, 20)
                .mapToObj(i -> people.submit(() -> took(() -> {
                    Answer answer = admin.post("/tokens/" + program.clientId() + "/revoke", "");
                    assertThat(answer.status()).isEqualTo(503);
                    return answer;
                })))
                .toList();
        for (int i = 0; i < 3; i++) {
            assertThat(took(() -> {
                        Answer answer = server.get("/health/ready");
                        assertThat(answer.status()).isEqualTo(503);
                        assertThat(answer.body()).contains("The database does not answer.");
                        return answer;
                    }))
                    .isLessThan(SOON);
        }
        for (Future<Duration> change : changes) {
            assertThat(change.get()).isLessThan(Duration.ofSeconds(6));
        }
        assertThat(server.requestAccessToken(program, "").status())
                .as("with a lease of nothing")
                .isNotEqualTo(200);
        server.reload("lease-seconds", "3600");
        assertThat(server.requestAccessToken(program, "").status())
                .as("with a lease that was made longer meanwhile")
                .isEqualTo(200);
        server.reload("lease-seconds", "0");
        assertThat(server.requestAccessToken(program, "").status()).isNotEqualTo(200);
        assertThat(server.get("/health/live").status()).isEqualTo(200);
        line.free();
        assertThat(untilReady()).isLessThan(SOON);
        assertThat(server.accessToken(program)).isNotEqualTo(accessToken);
        assertThat(admin.post("/tokens/" + program.clientId() + "/revoke", "").status())
                .isEqualTo(200);
    }

    @Test
    void whoStopsWhileItIsAwayDoesNotWaitForIt() throws Exception {
        start("5");
        line.cut();
        Waiting.until("the end of readiness", () -> !isReady());
        assertThat(took(() -> {
                    server.close();
                    return true;
                }))
                .isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void aLongLeaseBridgesAnOutageAndAllIsWellAsSoonAsItEnds() throws Exception {
        start("3600");
        RunningServer.Api admin = server.admin();
        Credentials program = admin.createToken("Program", "public");
        String accessToken = server.accessToken(program);
        line.cut();
        Waiting.until("the end of readiness", () -> !isReady());
        // Longer than the usual lease, and than pools wait that retry less and less often.
        long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
        while (System.nanoTime() < end) {
            assertThat(server.requestAccessToken(program, "").status()).isEqualTo(200);
            Waiting.pause(Duration.ofMillis(200));
        }
        assertThat(isReady()).isFalse();
        assertThat(server.send(server.request("/api/v1/me")
                                .header("Authorization", "Bearer " + accessToken)
                                .build())
                        .status())
                .isEqualTo(200);
        assertThat(took(() -> {
                    Answer answer = admin.post("/tokens/" + program.clientId() + "/revoke", "");
                    assertThat(answer.status()).isEqualTo(503);
                    assertThat(answer.body()).contains("The database does not answer.");
                    return answer;
                }))
                .isLessThan(SOON);
        line.mend();
        assertThat(untilReady()).isLessThan(SOON);
        assertThat(took(() -> {
                    assertThat(admin.get("/tokens/" + program.clientId()).status())
                            .isEqualTo(200);
                    assertThat(admin.post("/tokens/" + program.clientId() + "/revoke", "")
                                    .status())
                            .isEqualTo(200);
                    return true;
                }))
                .isLessThan(SOON);
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(401);
    }
}
