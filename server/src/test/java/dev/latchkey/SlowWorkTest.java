package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Slow work never holds up fast work: promise 10 of docs/architecture.md. */
@ParameterizedClass
@EnumSource(TestEngine.class)
@Timeout(120)
class SlowWorkTest {
    /** More than all lanes hold that these requests pass. */
    private static final int FLOOD = 60;

    @Parameter
    TestEngine engine;

    private final ExecutorService people = Executors.newFixedThreadPool(FLOOD);
    private RunningServer server;
    private RunningServer.Api admin;
    private Credentials program;
    private String accessToken;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
        program = admin.createToken("Program", "public");
        accessToken = server.accessToken(program);
    }

    @AfterEach
    void stop() {
        people.shutdownNow();
        server.close();
    }

    private List<Future<Answer>> atOnce(int many, Supplier<Answer> request) {
        return IntStream.range(0, many)
                .mapToObj(i -> people.submit(request::get))
                .toList();
    }

    private static boolean isStopped(Future<Answer> search) {
        return search.isDone() && search.resultNow().status() == 422;
    }

    private static void awaitOne(List<Future<Answer>> requests) {
        Waiting.until("the first answer", () -> requests.stream().anyMatch(Future::isDone));
    }

    private void programsAreServed() {
        assertThat(server.get("/health/live").status()).isEqualTo(200);
        assertThat(server.get("/health/ready").status()).isEqualTo(200);
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(200);
        assertThat(server.postForm(
                                "/oauth/v2/introspect",
                                "token=" + accessToken,
                                "Authorization",
                                "Basic " + server.bootstrap().basic())
                        .status())
                .isEqualTo(200);
        assertThat(admin.post("/verify", "{\"credential\":\"x\",\"api\":\"none\",\"method\":\"GET\",\"path\":\"/\"}")
                        .status())
                .isEqualTo(200);
    }

    /** From now on, reading a person waits forever. */
    private void slowPeopleDown() {
        server.change("alter table person rename to person_as_it_was");
        server.change(engine == TestEngine.SQLITE ? """
                create view person as select * from person_as_it_was where
                (with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000000)
                select count(*) from n) > 0
                """ : """
                create view person as select p.* from person_as_it_was p, (select pg_sleep(600)) as slow
                """);
    }

    @Test
    void slowSearchesHoldUpNeitherProgramsNorRevocationsAndEndByThemselves() throws Exception {
        slowPeopleDown();
        List<Future<Answer>> searches = atOnce(FLOOD, () -> admin.get("/users"));
        awaitOne(searches);
        for (int i = 0; i < 30; i++) {
            programsAreServed();
        }
        Credentials other = admin.createToken("Another program", "public");
        assertThat(server.requestAccessToken(other, "").status()).isEqualTo(200);
        assertThat(admin.post("/tokens/" + other.clientId() + "/revoke", "").status())
                .isEqualTo(200);
        assertThat(server.requestAccessToken(other, "").status()).isEqualTo(401);
        // More than a hundred requests; if they had to wait for searches, some would pass whenever one ends.
        assertThat(searches.stream().filter(SlowWorkTest::isStopped)).hasSizeLessThan(5);
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> search : searches) {
            answers.add(search.get());
        }
        assertThat(answers)
                .allSatisfy(answer -> {
                    if (answer.status() == 422) {
                        assertThat(answer.json().get("code").asString()).isEqualTo("search_too_long");
                        assertThat(answer.json().get("detail").asString()).contains("Narrow it by a role");
                    } else {
                        assertThat(answer.status()).isEqualTo(503);
                        assertThat(answer.header("Retry-After")).isNotEmpty();
                    }
                })
                .anyMatch(answer -> answer.status() == 422)
                .anyMatch(answer -> answer.status() == 503);
    }

    @Test
    void aFloodOfSignInsHoldsUpNoProgram() throws Exception {
        AtomicInteger checked = new AtomicInteger();
        List<Future<Answer>> signIns = atOnce(50, () -> {
            Answer answer = server.postForm(
                    "/sign-in", "email=" + encoded("nobody@example.com") + "&password=wrong", "Origin", server.url());
            if (answer.status() == 401) {
                checked.incrementAndGet();
            }
            return answer;
        });
        int served = 0;
        while (signIns.stream().anyMatch(signIn -> !signIn.isDone())) {
            programsAreServed();
            served += 5;
        }
        // While passwords were computed where requests begin, a few of these were answered in all.
        assertThat(served).isGreaterThan(3 * checked.get()).isGreaterThan(10);
        for (Future<Answer> signIn : signIns) {
            assertThat(signIn.get().status()).isIn(401, 429);
            if (signIn.get().status() == 429) {
                assertThat(signIn.get().header("Retry-After")).isNotEmpty();
            }
        }
        assertThat(checked).hasPositiveValue();
    }

    @Test
    void changesThatWaitForALockHoldUpNoProgramAndAreMadeInTheEnd() throws Exception {
        try (Connection connection = lockingConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(engine == TestEngine.SQLITE ? "begin immediate" : "begin");
            if (engine == TestEngine.POSTGRESQL) {
                statement.execute("lock table event_head in exclusive mode");
            }
            List<Future<Answer>> changes =
                    atOnce(8, () -> admin.post("/tokens", "{\"description\":\"Waiting\",\"role\":\"public\"}"));
            for (int i = 0; i < 20; i++) {
                programsAreServed();
            }
            assertThat(changes).noneMatch(Future::isDone);
            statement.execute("rollback");
            for (Future<Answer> change : changes) {
                assertThat(change.get().status()).isEqualTo(201);
            }
        }
    }

    private Connection lockingConnection() throws SQLException {
        return DriverManager.getConnection(
                engine == TestEngine.SQLITE
                        ? "jdbc:sqlite:" + server.folder().resolve("data/latchkey.db")
                        : server.databaseUrl());
    }

    @Test
    void aNodeHearsOfRevocationsWhilePeopleReadSlowly() throws Exception {
        if (engine == TestEngine.SQLITE) {
            return; // one node
        }
        slowPeopleDown();
        try (RunningServer other = server.secondNode()) {
            RunningServer.Api slow = other.admin();
            long until = System.nanoTime() + 7_000_000_000L;
            List<Future<Answer>> reads = IntStream.range(0, 40)
                    .mapToObj(i -> people.submit(() -> {
                        Answer last;
                        do {
                            last = slow.get("/users");
                        } while (System.nanoTime() < until);
                        return last;
                    }))
                    .toList();
            Credentials kept = admin.createToken("Kept", "public");
            // For longer than a node may know nothing of the others.
            while (System.nanoTime() < until) {
                Credentials revoked = admin.createToken("Revoked", "public");
                assertThat(other.requestAccessToken(revoked, "").status()).isEqualTo(200);
                admin.post("/tokens/" + revoked.clientId() + "/revoke", "");
                long heard = System.nanoTime() + 5_000_000_000L;
                while (other.requestAccessToken(revoked, "").status() != 401) {
                    assertThat(System.nanoTime()).as("heard in time").isLessThan(heard);
                }
                assertThat(other.requestAccessToken(kept, "").status()).isEqualTo(200);
            }
            for (Future<Answer> read : reads) {
                assertThat(read.get().status()).isIn(422, 503);
            }
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
