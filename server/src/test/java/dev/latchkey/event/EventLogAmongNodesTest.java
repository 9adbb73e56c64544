package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.Waiting;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.TestEngine;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes over one PostgreSQL database. */
class EventLogAmongNodesTest {
    private final DatabaseAddress address = TestEngine.POSTGRESQL.newAddressWithTables();
    private final Node first = new Node(address);
    private final Node second = new Node(address);

    private static final class Node {
        final Database database;
        final EventLog log;
        final List<Long> seen = Collections.synchronizedList(new ArrayList<>());

        Node(DatabaseAddress address) {
            database = Database.open(address);
            log = new EventLog(
                    database,
                    MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"),
                    Clock.systemUTC());
            log.follow(event -> seen.add(event.sequence()), () -> {});
        }

        void append(String id) {
            database.write(transaction -> log.append(
                    transaction,
                    new Actor.System("test", null),
                    EventType.ROLE_CREATE,
                    Target.named(TargetKind.ROLE, id),
                    List.of()));
        }

        void close() {
            log.close();
            database.close();
        }
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void aNodeHearsOfAnothersChangeByItself() throws Exception {
        CountDownLatch heard = new CountDownLatch(2);
        second.log.follow(event -> heard.countDown(), () -> {});
        first.append("a");
        first.append("b");
        assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(second.seen).containsExactly(1L, 2L);
        assertThat(second.log.isCurrent()).isTrue();
    }

    @Test
    void aChangeThatFindsNothingToDoIsAnsweredWhenItsNodeHasHeardWhy() {
        for (long sequence = 1; sequence <= 20; sequence++) {
            first.append("r" + sequence);
            second.database.ending(transaction -> {});
            assertThat(second.seen).contains(sequence);
        }
    }

    @Test
    void bothNodesSeeOneOrderWithoutGapsAndTheChainIsWhole() throws Exception {
        CountDownLatch heard = new CountDownLatch(200);
        first.log.follow(event -> heard.countDown(), () -> {});
        second.log.follow(event -> heard.countDown(), () -> {});
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Node node : List.of(first, second)) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        node.append("role" + i);
                    }
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(heard.await(20, TimeUnit.SECONDS)).isTrue();
        List<Long> all = LongStream.rangeClosed(1, 100).boxed().toList();
        assertThat(first.seen).isEqualTo(all);
        assertThat(second.seen).isEqualTo(all);
        assertThat(first.log.verify()).isEqualTo(new Verification.Whole(100));
    }

    /**
     * As {@code pg_restore --single-transaction} does it beside a node that starts: what waits for it has a snapshot from before,
     * in which the new tables are empty.
     */
    @Test
    void aNodeThatStartsWhileACopyIsRestoredTakesNoEmptyTablesForItsState() throws Exception {
        first.append("a");
        Node starting = new Node(address);
        try (Connection restoring = DriverManager.getConnection(((PostgresqlUrl) address).url());
                Statement statement = restoring.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            restoring.setAutoCommit(false);
            for (String table : List.of("event", "role")) {
                statement.execute("alter table " + table + " rename to old_" + table);
                statement.execute("create table " + table + " as select * from old_" + table);
            }
            Future<Long> roles =
                    threads.submit(() -> starting.log.read(handle -> handle.createQuery("select count(*) from role")
                            .mapTo(Long.class)
                            .one()));
            Waiting.until("the reading to wait for the restore", () -> {
                try (ResultSet waiting = statement.executeQuery(
                        "select count(*) from pg_locks where not granted and relation = 'old_role'::regclass")) {
                    return waiting.next() && waiting.getLong(1) > 0;
                }
            });
            restoring.commit();
            assertThatThrownBy(roles::get).hasMessageContaining("The history of the database has changed");
            assertThat(starting.log.<Long>read(handle -> handle.createQuery("select count(*) from event")
                            .mapTo(Long.class)
                            .one()))
                    .isEqualTo(1);
        } finally {
            starting.close();
        }
    }
}
