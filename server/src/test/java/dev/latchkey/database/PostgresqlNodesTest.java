package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.FreePort;
import dev.latchkey.TestRun;
import dev.latchkey.Waiting;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.problem.Problem;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several nodes on one PostgreSQL database, of which one hangs, one is newer, or the server is the wrong one. */
@Timeout(120)
class PostgresqlNodesTest {
    private final PostgresqlUrl address = (PostgresqlUrl) TestEngine.POSTGRESQL.newAddress();
    private final Database database = Database.open(address);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    private static void makeCounter(Database database) {
        database.change(
                transaction -> transaction.handle().execute("create table counter as select 0::bigint as number"));
    }

    private static void count(Database database) {
        database.change(transaction -> transaction.handle().execute("update counter set number = number + 1"));
    }

    private static long number(Handle handle) {
        return handle.createQuery("select number from counter")
                .mapTo(Long.class)
                .one();
    }

    private static int look(Database database) {
        return database.<Integer>poll(
                handle -> handle.createQuery("select 1").mapTo(Integer.class).one());
    }

    private static void behindItsBack(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static void assertRefused(Runnable work, String reason) {
        assertThatThrownBy(work::run).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(503);
            assertThat(problem.detail()).contains(reason);
        });
    }

    @Test
    void aNodeThatIsOlderThanTheSchemaChangesNothingAndKnowsIt() throws Exception {
        makeCounter(database);
        assertThat(look(database)).isEqualTo(1);
        String newer =
                "A newer Latchkey has changed this database in a way that this version cannot work with. Replace this"
                        + " node with the newer version.";
        isChangedByANewerVersion(9999, "V9999__from_the_future.sql");
        assertRefused(() -> count(database), newer);
        assertThat(database.trouble()).as("before the next poll").isEmpty();
        assertRefused(() -> look(database), newer);
        assertThat(database.trouble()).contains(newer);
        assertThat(database.hasOtherSchema()).isTrue();
        behindItsBack(address.url(), "delete from schema_history where version = '9999'");
        assertThat(look(database)).isEqualTo(1);
        assertThat(database.trouble()).isEmpty();
        assertThat(database.hasOtherSchema()).isFalse();
        count(database);
        assertThat(database.<Long>read(PostgresqlNodesTest::number)).isEqualTo(1);
    }

    private void isChangedByANewerVersion(int version, String script) throws SQLException {
        behindItsBack(
                address.url(),
                "insert into schema_history select " + version + ", '" + version + "', 'from the future', type, '"
                        + script
                        + "', checksum, installed_by, installed_on, execution_time, success from schema_history where"
                        + " version = '1'");
    }

    @Test
    void aNodeThatIsOlderThanTheSchemaContinuesAsLongAsItsNewestMigrationKeepsItWorking() throws Exception {
        long known = Database.knownSchema().version();
        makeCounter(database);
        isChangedByANewerVersion(9998, "V9998__from_the_future__nodes_since_" + known + ".sql");
        count(database);
        assertThat(look(database)).isEqualTo(1);
        assertThat(database.trouble()).isEmpty();
        isChangedByANewerVersion(9999, "V9999__from_the_future__nodes_since_9998.sql");
        assertRefused(() -> count(database), "cannot work with");
        assertRefused(() -> look(database), "cannot work with");
        assertThat(database.hasOtherSchema()).isTrue();
    }

    @Test
    void aNodeThatHangsAmidAChangeHoldsUpTheOthersForTwoSeconds() throws Exception {
        makeCounter(database);
        try (Database other = Database.open(address)) {
            CountDownLatch hangs = new CountDownLatch(1);
            CountDownLatch goesOn = new CountDownLatch(1);
            Future<?> hanging = threads.submit(() -> other.change(transaction -> {
                transaction.handle().execute("update counter set number = 100");
                hangs.countDown();
                try {
                    goesOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }));
            assertThat(hangs.await(10, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> changes = IntStream.range(0, 5)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> count(database)))
                    .toList();
            for (Future<?> change : changes) {
                change.get();
            }
            goesOn.countDown();
            assertThatThrownBy(hanging::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.status()).isEqualTo(503));
            assertThat(database.<Long>read(PostgresqlNodesTest::number)).isEqualTo(5);
            count(other);
        }
    }

    @Test
    void noChangeWaitsLongForALockThatIsNotGivenUp() throws Exception {
        makeCounter(database);
        try (Connection connection = DriverManager.getConnection(address.url());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table counter");
            long began = System.nanoTime();
            List<Future<?>> changes = IntStream.range(0, 5)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> assertRefused(() -> count(database), "")))
                    .toList();
            for (Future<?> change : changes) {
                change.get();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
        }
        count(database);
    }

    @Test
    void noOneWritesWhileANewNodeMigratesTheDatabase() throws Exception {
        makeCounter(database);
        behindItsBack(address.url(), "drop table api_token_search");
        try (Connection connection = DriverManager.getConnection(address.url());
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table api_token");
            Future<Database> opening = threads.submit(() -> Database.open(address));
            Waiting.until("the new node, which is to write alone", this::hasWriter);
            Future<?> change = threads.submit(() -> count(database));
            Waiting.until("the change, which has to wait", this::someoneWaitsForTheWriter);
            assertThat(change).isNotDone();
            connection.commit();
            change.get();
            opening.get().close();
        }
        assertThat(database.<Long>read(PostgresqlNodesTest::number)).isEqualTo(1);
    }

    private boolean hasWriter() {
        return writers("granted");
    }

    private boolean someoneWaitsForTheWriter() {
        return writers("not granted");
    }

    private boolean writers(String which) {
        return database.<Boolean>read(handle -> handle.createQuery("select exists (select 1 from pg_locks where"
                        + " locktype = 'advisory' and " + which + " and database = (select oid from pg_database where"
                        + " datname = current_database()))")
                .mapTo(Boolean.class)
                .one());
    }

    @Test
    void aStartThatChangesNothingWaitsForNoOne() throws Exception {
        CountDownLatch open = new CountDownLatch(1);
        database.change(transaction -> {
            threads.submit(() -> {
                Database.open(address).close();
                open.countDown();
            });
            try {
                assertThat(open.await(1_900, TimeUnit.MILLISECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** As after a failover that the old server survives: connections to it still exist. */
    @Test
    void whenItsServerTakesNoChangesAnyMoreANodeGoesToTheOtherOneAtOnce() throws Exception {
        try (EmbeddedPostgres old = EmbeddedPostgres.builder()
                .setDataDirectory(TestRun.newFolder("postgresql"))
                .setPort(FreePort.find())
                .setServerConfig("fsync", "off")
                .start()) {
            String name = address.url().replaceFirst(".*/", "").replaceFirst("\\?.*", "");
            behindItsBack(old.getJdbcUrl("postgres", "postgres"), "create database " + name);
            PostgresqlUrl first = new PostgresqlUrl(old.getJdbcUrl("postgres", name), null, null);
            Database.open(first).close();
            Line second = new Line(address.url());
            String both =
                    first.url().replaceFirst("//[^/]+/", "//127.0.0.1:" + old.getPort() + "," + second.host() + "/")
                            + "&targetServerType=primary";
            try (Database node = Database.open(new PostgresqlUrl(both, null, null))) {
                makeCounter(node);
                count(node);
                assertThat(look(node)).isEqualTo(1);
                makeCounter(database);
                behindItsBack(
                        first.url(), "alter system set default_transaction_read_only = on", "select pg_reload_conf()");
                assertRefused(() -> refusedSoon(() -> look(node)), "accepts no changes");
                Waiting.until("the other server", () -> {
                    lookQuietly(node);
                    return node.trouble().isEmpty();
                });
                count(node);
                assertThat(database.<Long>read(PostgresqlNodesTest::number)).isEqualTo(1);
                assertThat(node.<Long>read(PostgresqlNodesTest::number)).isEqualTo(1);
            } finally {
                second.close();
            }
        }
    }

    private static void refusedSoon(Runnable look) {
        for (int i = 0; i < 1_000; i++) {
            look.run();
        }
    }

    private static void lookQuietly(Database node) {
        try {
            look(node);
        } catch (Problem problem) {
            // Not yet.
        }
    }
}
