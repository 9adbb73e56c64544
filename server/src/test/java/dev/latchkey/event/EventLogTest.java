package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestEngine.class)
class EventLogTest {
    private static final Actor ADA =
            new Actor.Person("ada", "ada@example.com", "admin", new Origin("10.0.0.1", "curl"));

    @Parameter
    TestEngine engine;

    Database database;
    EventLog log;

    @BeforeEach
    void open() {
        database = engine.open();
        log = new EventLog(
                database,
                MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"),
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private void append(String id) {
        database.write(transaction -> log.append(
                transaction,
                ADA,
                EventType.ROLE_CREATE,
                Target.named(TargetKind.ROLE, id),
                List.of(Change.set("description", "a role"), Change.from("name", "old", null))));
    }

    @Test
    void anEventIsReadBackAsItWasWritten() {
        append("reader");
        Event event = log.list(EventFilter.ALL, Page.Request.FIRST).items().getFirst();
        assertThat(event.sequence()).isEqualTo(1);
        assertThat(event.actor()).isEqualTo(ADA);
        assertThat(event.type()).isEqualTo(EventType.ROLE_CREATE);
        assertThat(event.target()).isEqualTo(Target.named(TargetKind.ROLE, "reader"));
        assertThat(event.changes())
                .containsExactly(new Change("description", null, "a role"), new Change("name", "old", null));
    }

    @Test
    void anEventOfATransactionThatFailsDoesNotExist() {
        assertThatThrownBy(() -> database.change(transaction -> {
                    log.append(transaction, ADA, EventType.ROLE_CREATE, Target.named(TargetKind.ROLE, "x"), List.of());
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(log.list(EventFilter.ALL, Page.Request.FIRST).items()).isEmpty();
        assertThat(log.verify()).isEqualTo(new Verification.Whole(0));
    }

    @Test
    void followersHaveSeenAnEventBeforeItsChangeIsAnswered() {
        List<Long> seen = new ArrayList<>();
        log.follow(event -> seen.add(event.sequence()), () -> {});
        append("a");
        assertThat(seen).containsExactly(1L);
        append("b");
        assertThat(seen).containsExactly(1L, 2L);
    }

    @Test
    void pagesRunFromTheNewestToTheOldest() {
        for (int i = 0; i < 5; i++) {
            append("role" + i);
        }
        Page<Event> first = log.list(EventFilter.ALL, new Page.Request(2, null));
        assertThat(first.items()).extracting(Event::sequence).containsExactly(5L, 4L);
        Page<Event> second = log.list(EventFilter.ALL, new Page.Request(2, List.of("4")));
        assertThat(second.items()).extracting(Event::sequence).containsExactly(3L, 2L);
        assertThat(log.list(EventFilter.about(TargetKind.ROLE, "role3"), Page.Request.FIRST)
                        .items())
                .extracting(Event::sequence)
                .containsExactly(4L);
    }

    @Test
    void anEventIsFoundUnderEachNameThatItsTypeHasHad() {
        append("a");
        database.write(transaction ->
                log.append(transaction, ADA, EventType.ROLE_UPDATE, Target.named(TargetKind.ROLE, "a"), List.of()));
        database.write(transaction ->
                log.append(transaction, ADA, EventType.ROLE_UPDATE, Target.named(TargetKind.ROLE, "b"), List.of()));
        database.write(transaction -> transaction
                .update("update event set operation = 'role.change' where sequence = 2")
                .execute());
        for (String name : List.of("role.update", "role.change")) {
            assertThat(log.list(new EventFilter(name, null, null, null, null, null), Page.Request.FIRST)
                            .items())
                    .allMatch(event -> event.type() == EventType.ROLE_UPDATE)
                    .extracting(Event::sequence)
                    .containsExactly(3L, 2L);
        }
    }

    @Test
    void anEventOfANewerVersionIsRead() {
        append("a");
        database.write(transaction -> transaction
                .update("update event set operation = 'gadget.polish', target_kind = 'gadget' where sequence = 1")
                .execute());
        Event event = log.list(EventFilter.ALL, Page.Request.FIRST).items().getFirst();
        assertThat(event.type()).isEqualTo(EventType.OTHER);
        assertThat(event.target().kind()).isEqualTo(TargetKind.OTHER);
    }

    @Test
    void anUntouchedChainIsWhole() {
        append("a");
        append("b");
        assertThat(log.verify()).isEqualTo(new Verification.Whole(2));
    }

    @Test
    void anAlteredEventShows() {
        append("a");
        append("b");
        append("c");
        tamper("update event set actor_name = 'someone else' where sequence = 2");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(2, "the event is not as it was written"));
    }

    @Test
    void aMissingEventShows() {
        append("a");
        append("b");
        append("c");
        tamper("delete from event where sequence = 2");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(2, "the event is missing"));
    }

    @Test
    void aCutOffTailShows() {
        append("a");
        append("b");
        tamper("delete from event where sequence = 2");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(2, "the event is missing at the end of the log"));
    }

    @Test
    void aNewEndOfTheLogShowsThatWasNotWrittenByLatchkey() {
        append("a");
        append("b");
        tamper("delete from event where sequence = 2");
        tamper("update event_head set sequence = 1, hash = (select hash from event where sequence = 1)");
        assertThat(log.verify())
                .isEqualTo(new Verification.Broken(1, "the end of the log is not the one that was written"));
    }

    @Test
    void anAddedEventShows() {
        append("a");
        tamper("insert into event select sequence + 1, at, actor_kind, actor_id, actor_name, actor_role, address,"
                + " user_agent, operation, target_kind, target_id, target_name, changes, hash, hash from event");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(2, "the event is not as it was written"));
    }

    @Test
    void exchangedEventsShow() {
        append("a");
        append("b");
        tamper("update event set sequence = sequence + 10");
        tamper("update event set sequence = 13 - sequence");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(1, "the event does not follow the one before it"));
    }

    @Test
    void everyColumnOfAnEventIsCovered() {
        append("a");
        List<String> columns = List.of(
                "at",
                "actor_kind",
                "actor_id",
                "actor_name",
                "actor_role",
                "address",
                "user_agent",
                "operation",
                "target_kind",
                "target_id",
                "target_name",
                "changes",
                "hash");
        for (String column : columns) {
            String value = column.equals("at") ? "at + 1" : column + " || 'x'";
            String back = column.equals("at") ? "at - 1" : "substr(" + column + ", 1, length(" + column + ") - 1)";
            tamper("update event set " + column + " = " + value);
            assertThat(log.verify()).as(column).isInstanceOf(Verification.Broken.class);
            tamper("update event set " + column + " = " + back);
            assertThat(log.verify()).as(column).isEqualTo(new Verification.Whole(1));
        }
        tamper("update event set actor_role = null");
        assertThat(log.verify()).as("null for a word").isInstanceOf(Verification.Broken.class);
    }

    @Test
    void anotherMasterKeyVerifiesNothing() {
        append("a");
        byte[] other = new byte[32];
        other[0] = 1;
        try (EventLog strange = new EventLog(
                database, MasterKey.parse(Base64.getEncoder().encodeToString(other), "the test"), Clock.systemUTC())) {
            assertThat(strange.verify()).isInstanceOf(Verification.Broken.class);
        }
    }

    @Test
    void aLongLogIsVerifiedPiecemeal() {
        database.change(transaction -> {
            for (int i = 0; i < 5_000; i++) {
                log.append(
                        transaction, ADA, EventType.ROLE_CREATE, new Target(TargetKind.ROLE, "r" + i, "r"), List.of());
            }
        });
        assertThat(log.verify()).isEqualTo(new Verification.Whole(5_000));
        tamper("update event set target_id = 'x' where sequence = 4999");
        assertThat(log.verify()).isEqualTo(new Verification.Broken(4_999, "the event is not as it was written"));
    }

    @Test
    void manyThreadsAppendWithoutGapsAndEveryFollowerSeesOneOrder() throws Exception {
        List<Long> seen = Collections.synchronizedList(new ArrayList<>());
        log.follow(event -> seen.add(event.sequence()), () -> {});
        Callable<Boolean> some = () -> {
            for (int i = 0; i < 25; i++) {
                append("role" + i);
                long newest = log.list(EventFilter.ALL, new Page.Request(1, null))
                        .items()
                        .getFirst()
                        .sequence();
                assertThat(newest).isPositive();
            }
            return true;
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> one : threads.invokeAll(Collections.nCopies(8, some))) {
                assertThat(one.get()).isTrue();
            }
        }
        assertThat(seen).isEqualTo(LongStream.rangeClosed(1, 200).boxed().toList());
        assertThat(log.verify()).isEqualTo(new Verification.Whole(200));
    }

    @Test
    void theOwnEventWasSeenByTheTimeItsChangeIsAnsweredAlsoAmongManyThreads() throws Exception {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        log.follow(event -> seen.add(event.target().id()), () -> {});
        Callable<Boolean> some = () -> {
            for (int i = 0; i < 25; i++) {
                String id = Thread.currentThread().threadId() + "-" + i;
                append(id);
                assertThat(seen).contains(id);
            }
            return true;
        };
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> one : threads.invokeAll(Collections.nCopies(4, some))) {
                assertThat(one.get()).isTrue();
            }
        }
    }

    @Test
    void aFailingFollowerHoldsUpNoOtherAndIsCalledAgainAndTheLogIsNotCurrentUntilItSucceeds() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        List<Long> first = Collections.synchronizedList(new ArrayList<>());
        List<Long> second = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch caughtUp = new CountDownLatch(2);
        log.follow(
                event -> {
                    if (broken.get()) {
                        throw new IllegalStateException("cannot follow");
                    }
                    first.add(event.sequence());
                    caughtUp.countDown();
                },
                () -> {});
        log.follow(event -> second.add(event.sequence()), () -> {});
        assertThatThrownBy(() -> append("a")).hasMessage("cannot follow");
        assertThatThrownBy(() -> append("b")).hasMessage("cannot follow");
        assertThat(second).containsExactly(1L, 2L);
        if (engine == TestEngine.SQLITE) {
            assertThat(log.isCurrent()).isFalse();
        }
        broken.set(false);
        assertThat(caughtUp.await(20, TimeUnit.SECONDS)).isTrue();
        append("c");
        assertThat(first).containsExactly(1L, 2L, 3L);
        assertThat(second).containsExactly(1L, 2L, 3L);
        assertThat(log.isCurrent()).isTrue();
    }

    @Test
    void aFollowerMustNotWrite() {
        List<Throwable> refusals = new ArrayList<>();
        log.follow(
                event -> {
                    if (event.target().id().equals("a")) {
                        try {
                            append("from the follower");
                        } catch (IllegalStateException e) {
                            refusals.add(e);
                        }
                    }
                },
                () -> {});
        append("a");
        assertThat(refusals)
                .singleElement()
                .satisfies(e -> assertThat(e).hasMessage("a follower of the log must not write"));
    }

    @Test
    void aFollowerThatComesLaterSeesOnlyWhatComesAfter() {
        append("a");
        List<Long> seen = new ArrayList<>();
        log.follow(event -> seen.add(event.sequence()), () -> {});
        append("b");
        assertThat(seen).containsExactly(2L);
    }

    @Test
    void filtersNarrowByOperationTargetActorAndTime() {
        TestClock clock = new TestClock(Instant.parse("2026-03-01T12:00:00Z"));
        try (EventLog timed = new EventLog(
                database, MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"), clock)) {
            Actor ben = new Actor.Program("k7m2qd.abc", "nightly job", "reader", null);
            Actor setup = new Actor.System("setup", null);
            append(timed, ADA, EventType.ROLE_CREATE, Target.named(TargetKind.ROLE, "reader"));
            clock.advance(Duration.ofMinutes(1));
            append(timed, ben, EventType.ROLE_DELETE, Target.named(TargetKind.ROLE, "reader"));
            clock.advance(Duration.ofMinutes(1));
            append(
                    timed,
                    setup,
                    EventType.API_TOKEN_CREATE,
                    new Target(TargetKind.API_TOKEN, "k7m2qd.abc", "nightly job"));
            append(timed, ADA, EventType.ROLE_CREATE, new Target(TargetKind.ROLE, "100%_of\\it", "x"));

            assertThat(sequences(new EventFilter("role.create", null, null, null, null, null)))
                    .containsExactly(4L, 1L);
            assertThat(sequences(new EventFilter("role", null, null, null, null, null)))
                    .containsExactly(4L, 2L, 1L);
            assertThat(sequences(new EventFilter(null, "ada@example.com", null, null, null, null)))
                    .containsExactly(4L, 1L);
            assertThat(sequences(new EventFilter(null, "k7m2qd.abc", null, null, null, null)))
                    .containsExactly(2L);
            assertThat(sequences(EventFilter.about(TargetKind.API_TOKEN, "k7m2qd.abc")))
                    .containsExactly(3L);
            assertThat(sequences(EventFilter.about(TargetKind.ROLE, "100%_of\\it")))
                    .containsExactly(4L);
            assertThat(sequences(EventFilter.about(TargetKind.ROLE, "%"))).isEmpty();
            assertThat(sequences(new EventFilter(
                            null,
                            null,
                            null,
                            null,
                            Instant.parse("2026-03-01T12:01:00Z"),
                            Instant.parse("2026-03-01T12:02:00Z"))))
                    .containsExactly(2L);
            assertThat(sequences(
                            new EventFilter("role", "ada@example.com", TargetKind.ROLE, "reader", Instant.EPOCH, null)))
                    .containsExactly(1L);
            assertThat(log.list(EventFilter.ALL, new Page.Request(4, null)).items())
                    .extracting(Event::actor)
                    .containsExactly(ADA, setup, ben, ADA);
        }
    }

    @Test
    void aPageTokenOfAnotherListIsRefused() {
        append("a");
        assertThatThrownBy(() -> log.list(EventFilter.ALL, new Page.Request(2, List.of("reader"))))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(422));
    }

    private List<Long> sequences(EventFilter filter) {
        return log.list(filter, Page.Request.FIRST).items().stream()
                .map(Event::sequence)
                .toList();
    }

    private void append(EventLog log, Actor actor, EventType type, Target target) {
        database.change(transaction -> log.append(transaction, actor, type, target, List.of()));
    }

    private void tamper(String sql) {
        database.change(transaction -> transaction.update(sql).execute());
    }
}
