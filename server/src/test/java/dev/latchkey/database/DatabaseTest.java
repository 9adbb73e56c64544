package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.http.Response;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class DatabaseTest {
    @Parameter
    TestEngine engine;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private DatabaseAddress address;
    private Database database;

    @BeforeEach
    void open() {
        address = engine.newAddress();
        database = Database.open(address);
        database.change(transaction -> {
            transaction.handle().execute("create table counter (number bigint not null)");
            transaction.handle().execute("insert into counter (number) values (0)");
        });
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        database.close();
    }

    private static long number(Handle handle) {
        return handle.createQuery("select number from counter")
                .mapTo(Long.class)
                .one();
    }

    private static void set(Transaction transaction, long number) {
        transaction
                .update("update counter set number = :number")
                .bind("number", number)
                .execute();
    }

    private static void increment(Database database) {
        database.change(transaction -> set(transaction, number(transaction.handle()) + 1));
    }

    @Test
    void aWriteIsSeenByTheNextRead() {
        assertThat(database.<String>write(transaction -> {
                    set(transaction, 7);
                    return "done";
                }))
                .isEqualTo("done");
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(7);
    }

    @Test
    void anExceptionRollsEverythingBackAndReachesTheCaller() {
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> database.change(transaction -> {
                    transaction.afterCommit("one", () -> ran.add("after"));
                    set(transaction, 7);
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThat(database.<Long>read(DatabaseTest::number)).isZero();
        assertThat(ran).isEmpty();
        increment(database);
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(1);
    }

    @Test
    void afterTheCommitTheLastActionOfEachOwnerRunsInOrderAndSeesTheChange() {
        List<String> ran = new ArrayList<>();
        database.change(transaction -> {
            transaction.afterCommit("one", () -> ran.add("first"));
            transaction.afterCommit("two", () -> ran.add("earlier"));
            transaction.afterCommit("three", () -> ran.add("last"));
            transaction.afterCommit("two", () -> ran.add("later " + database.<Long>read(DatabaseTest::number)));
            set(transaction, 7);
        });
        assertThat(ran).containsExactly("first", "later 7", "last");
    }

    @Test
    void aFailingActionAfterTheCommitStopsNoOtherAndReachesTheCaller() {
        List<String> ran = new ArrayList<>();
        assertThatThrownBy(() -> database.change(transaction -> {
                    transaction.afterCommit("one", () -> {
                        throw new IllegalStateException("a cache is stale");
                    });
                    transaction.afterCommit("two", () -> ran.add("second"));
                    set(transaction, 7);
                }))
                .hasMessage("a cache is stale");
        assertThat(ran).containsExactly("second");
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(7);
    }

    @Test
    void aReaderSeesOneStateAndHoldsUpNoWriter() {
        database.<Object>read(handle -> {
            assertThat(number(handle)).isZero();
            finished(threads.submit(() -> increment(database)));
            assertThat(number(handle)).as("inside the same closure").isZero();
            return "";
        });
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(1);
    }

    @Test
    void aReaderWritesNothing() {
        assertThatThrownBy(() -> database.<Integer>read(handle -> handle.execute("update counter set number = 7")))
                .isInstanceOf(RuntimeException.class);
        assertThat(database.<Long>read(DatabaseTest::number)).isZero();
    }

    @Test
    void writersTakeTurnsAlsoAmongNodes() {
        try (Database otherNode = Database.open(address)) {
            List<Future<?>> running = new ArrayList<>();
            for (Database node : List.of(database, otherNode, database, otherNode)) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                        increment(node);
                    }
                }));
            }
            running.forEach(DatabaseTest::finished);
        }
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(200);
    }

    @Test
    void aWriteInsideAWriteIsRefusedInsteadOfWaitingForItself() {
        assertThatThrownBy(() -> database.change(transaction -> increment(database)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in the lane changes already");
        increment(database);
    }

    @Test
    void manyWaitingWritersHoldUpNoReader() {
        List<Future<?>> running = new ArrayList<>();
        database.change(transaction -> {
            for (int i = 0; i < 100; i++) {
                running.add(threads.submit(() -> increment(database)));
            }
            assertThat(DatabaseTest.<Long>finished(threads.submit(() -> database.<Long>read(DatabaseTest::number))))
                    .isZero();
        });
        running.forEach(DatabaseTest::finished);
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(100);
    }

    @Test
    void aDatabaseThatCannotAnswerIsA503AndIsUsedAgainWhenItCan() {
        assertThatThrownBy(() -> database.change(transaction -> {
                    set(transaction, 7);
                    breakDown(transaction);
                }))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.status()).isEqualTo(503);
                    assertThat(problem.detail())
                            .contains(
                                    engine == TestEngine.SQLITE
                                            ? "is full: hardly any space is left."
                                            : "The database is not available. Try again in a moment.");
                    assertThat(Response.of(problem).fields())
                            .anyMatch(header -> header.name().equals("Retry-After"));
                });
        repair();
        assertThat(database.<Long>read(DatabaseTest::number)).isZero();
        increment(database);
        assertThat(database.answers()).isTrue();
    }

    private void breakDown(Transaction transaction) {
        Handle handle = transaction.handle();
        switch (engine) {
            case SQLITE -> {
                handle.createQuery("pragma max_page_count = 1")
                        .mapTo(Integer.class)
                        .one();
                handle.execute("create table full_disk as select hex(randomblob(100000)) as filler");
            }
            case POSTGRESQL -> handle.execute("select pg_terminate_backend(pg_backend_pid())");
        }
    }

    private void repair() {
        if (engine == TestEngine.SQLITE) {
            database.change(transaction -> transaction
                    .handle()
                    .createQuery("pragma max_page_count = 1000000")
                    .mapTo(Integer.class)
                    .one());
        }
    }

    @Test
    void aClosedDatabaseIsA503AndDoesNotAnswer() {
        database.close();
        assertThat(database.answers()).isFalse();
        assertThatThrownBy(() -> database.<Long>read(DatabaseTest::number))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503));
    }

    @Test
    void aFaultyStatementAffectsNoOther() {
        assertThatThrownBy(() -> database.<Integer>read(handle -> handle.createQuery("select number from nowhere")
                        .mapTo(Integer.class)
                        .one()))
                .isNotInstanceOf(Problem.class);
    }

    @Test
    void aFailedStatementDoesNotQuoteItsValues() {
        database.change(
                transaction -> transaction.handle().execute("create unique index counter_once on counter (number)"));
        database.change(transaction -> transaction.handle().execute("insert into counter (number) values (424242)"));
        assertThatThrownBy(() -> database.change(transaction -> transaction
                        .update("insert into counter (number) values (:number)")
                        .bind("number", 424242)
                        .execute()))
                .satisfies(e -> {
                    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                        assertThat(cause.toString()).doesNotContain("424242");
                    }
                });
    }

    @Test
    void theSchemaOfANewerVersionIsRefusedInOneLine() {
        database.change(transaction -> transaction
                .handle()
                .execute("insert into schema_history (installed_rank, version, description, type, script, checksum,"
                        + " installed_by, installed_on, execution_time, success) select 9999, '9999',"
                        + " 'from the future', type, 'V9999__from_the_future.sql', checksum, installed_by,"
                        + " installed_on, execution_time, success from schema_history where version = '1'"));
        database.close();
        assertRefused("was last used by a newer or modified version of Latchkey");
    }

    @Test
    void aMigrationThatWasAlteredIsRefusedInOneLine() {
        database.change(transaction ->
                transaction.handle().execute("update schema_history set checksum = 1 where version = '1'"));
        database.close();
        assertRefused("was last used by a newer or modified version of Latchkey");
    }

    @Test
    void tablesOfSomethingElseAreLeftAlone() {
        database.change(transaction -> transaction.handle().execute("drop table schema_history"));
        database.close();
        assertRefused("contains tables of another program");
    }

    @Test
    void openingAgainKeepsWhatWasWritten() {
        increment(database);
        database.close();
        database = Database.open(address);
        assertThat(database.<Long>read(DatabaseTest::number)).isEqualTo(1);
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> Database.open(address).close())
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining(reason)
                .message()
                .hasLineCount(1);
    }

    private static <T> T finished(Future<?> future) {
        try {
            @SuppressWarnings("unchecked")
            T result = (T) future.get(30, TimeUnit.SECONDS);
            return result;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static final LookUp<Long> NUMBER = new LookUp<>(
            "select number from counter where cast(number as text) = ?", rows -> rows.next() ? rows.getLong(1) : null);

    @Test
    void aLookUpSeesWhatWasWrittenBeforeIt() {
        assertThat(database.lookUp(NUMBER, "0")).contains(0L);
        assertThat(database.lookUp(NUMBER, "7")).isEmpty();
        database.change(transaction -> set(transaction, 7));
        assertThat(database.lookUp(NUMBER, "7")).contains(7L);
        assertThat(database.lookUp(NUMBER, "0")).isEmpty();
    }

    @Test
    void manyMayLookUpAtOnce() throws Exception {
        List<Future<Long>> found = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            found.add(threads.submit(() -> database.lookUp(NUMBER, "0").orElseThrow()));
        }
        for (Future<Long> each : found) {
            assertThat(each.get(10, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void aLookUpThatFailsDoesNotSpoilTheNext() {
        LookUp<Long> broken = new LookUp<>(NUMBER.sql(), rows -> {
            throw new SQLException("the reader cannot read");
        });
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(() -> database.lookUp(broken, "0")).isInstanceOf(IllegalStateException.class);
            assertThat(database.lookUp(NUMBER, "0")).contains(0L);
        }
    }

    @Test
    void aLookUpInAClosedDatabaseIsUnavailable() {
        database.close();
        assertThatThrownBy(() -> database.lookUp(NUMBER, "0"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503));
    }

    /** A statement that never ends on its own. */
    private String forEver() {
        return engine == TestEngine.SQLITE
                ? "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000000000000)"
                        + " select count(*) from n"
                : "select 1 from pg_sleep(600)";
    }

    private long searchForEver() {
        return database.search(
                "by asking for less",
                handle -> handle.createQuery(forEver()).mapTo(Long.class).one());
    }

    private void await(Predicate<Lane.Figures> state, String lane) {
        while (database.lanes().stream()
                .map(Supplier::get)
                .noneMatch(figures -> figures.name().equals(lane) && state.test(figures))) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aSearchThatTakesTooLongIsStoppedAndItsConnectionServesTheNext() {
        assertThatThrownBy(this::searchForEver).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(422);
            assertThat(problem.code()).isEqualTo("search_too_long");
            assertThat(problem.detail()).contains("Narrow it by asking for less");
        });
        for (int i = 0; i < 20; i++) {
            assertThat(database.<Long>search("by nothing", DatabaseTest::number))
                    .isZero();
        }
    }

    @Test
    void moreSlowSearchesThanProcessorsHoldUpNoOneElse() throws Exception {
        int many = 2 * Runtime.getRuntime().availableProcessors() + 4;
        List<Future<Long>> searches = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            searches.add(threads.submit(this::searchForEver));
        }
        await(figures -> figures.waiting() > 0, "searches");
        // On virtual threads, as requests run: with their carriers in native code none of this would begin.
        for (int i = 0; i < 5; i++) {
            assertThat(threads.submit(() -> database.lookUp(NUMBER, "0")).get()).contains(0L);
        }
        assertThat(threads.submit(() -> database.<Long>read(DatabaseTest::number))
                        .get())
                .isZero();
        assertThat(threads.submit(() -> database.<Long>readToFollow(DatabaseTest::number))
                        .get())
                .isZero();
        assertThat(threads.submit(database::answers).get()).isTrue();
        threads.submit(() -> increment(database)).get();
        assertThat(searches).as("ended before").noneMatch(Future::isDone);
    }

    @Test
    void theFollowersOfTheLogDoNotWaitForReaders() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<Future<Long>> reads = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            reads.add(threads.submit(() -> database.<Long>read(handle -> {
                long number = number(handle);
                try {
                    end.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return number;
            })));
        }
        await(figures -> figures.waiting() > 0, "reads");
        assertThat(database.<Long>readToFollow(DatabaseTest::number)).isZero();
        assertThat(database.lookUp(NUMBER, "0")).contains(0L);
        end.countDown();
        for (Future<Long> read : reads) {
            assertThat(read.get()).isZero();
        }
    }
}
