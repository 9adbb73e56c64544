package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RefusedRequestsTest {
    private static final Origin HOME = new Origin("10.0.0.1", "curl");
    private static final EventType TYPE = EventType.ACCESS_TOKEN_REFUSE;

    private final TestClock clock = new TestClock();
    private Database database;
    private EventLog log;
    private RefusedRequests refused;

    @BeforeEach
    void open() {
        database = TestEngine.SQLITE.open();
        log = new EventLog(
                database, MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test"), clock);
        // Closed at once: the background thread is gone, and the test ticks itself.
        refused = new RefusedRequests(database, log, clock);
        refused.close();
    }

    @AfterEach
    void close() {
        log.close();
        database.close();
    }

    private void refuse(String id) {
        refused.record(TYPE, TargetKind.API_TOKEN, id, "wrong secret", HOME);
    }

    private List<Event> events() {
        return log.list(EventFilter.ALL, new Page.Request(100, null)).items().reversed();
    }

    @Test
    void theFirstOfAKindIsWrittenAtTheNextTick() {
        refuse("abc123.k");
        assertThat(events()).as("nothing on the request's path").isEmpty();
        refused.tick();
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo(TYPE);
            assertThat(event.target()).isEqualTo(Target.named(TargetKind.API_TOKEN, "abc123.k"));
            assertThat(event.actor()).isEqualTo(new Actor.System("access control", HOME));
            assertThat(event.changes()).containsExactly(Change.set("reason", "wrong secret"));
        });
    }

    @Test
    void furtherOnesWithinAMinuteFoldIntoOneEventWithTheirCountAndTimes() {
        refuse("a");
        refused.tick();
        for (int i = 0; i < 1_000; i++) {
            clock.advance(Duration.ofMillis(10));
            refuse("a");
            refused.tick();
        }
        assertThat(events()).hasSize(1);
        clock.advance(Duration.ofSeconds(50));
        refused.tick();
        assertThat(events()).hasSize(2);
        assertThat(events().getLast().changes())
                .containsExactly(
                        Change.set("reason", "wrong secret"),
                        Change.set("count", "1000"),
                        Change.set("first", "2026-03-01T12:00:00.010Z"),
                        Change.set("last", "2026-03-01T12:00:10Z"));
    }

    @Test
    void anEndlessFloodOfOneKindIsOneEventAMinute() {
        for (int second = 0; second < 600; second++) {
            refuse("a");
            refused.tick();
            clock.advance(Duration.ofSeconds(1));
        }
        assertThat(events()).hasSize(10);
    }

    @Test
    void aQuietMinuteMakesTheNextOneTheFirstOfItsKindAgain() {
        refuse("a");
        refused.tick();
        clock.advance(RefusedRequests.FOLD);
        refused.tick();
        assertThat(events()).hasSize(1);
        refuse("a");
        refused.tick();
        assertThat(events()).hasSize(2);
    }

    @Test
    void anotherReasonTargetOrNetworkIsAnotherKindButAnotherAddressOfTheNetworkIsNot() {
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", HOME);
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "revoked", HOME);
        refused.record(TYPE, TargetKind.API_TOKEN, "b", "wrong secret", HOME);
        refused.record(EventType.SESSION_REFUSE, TargetKind.USER, "a", "wrong secret", HOME);
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", new Origin("10.0.1.1", ""));
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", new Origin("10.0.0.77", ""));
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", new Origin("2001:db8:1:2::3", ""));
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", new Origin("2001:db8:1:2:ffff::9", ""));
        refused.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", new Origin("2001:db8:1:3::3", ""));
        refused.tick();
        assertThat(events()).hasSize(7);
    }

    @Test
    void aFloodOfDifferentKindsIsTwentyEventsAMinuteAndOneThatCountsTheOthers() {
        int sent = 0;
        for (int second = 0; second < 60; second++) {
            for (int i = 0; i < 100; i++) {
                refuse("client" + sent++);
            }
            refused.tick();
            clock.advance(Duration.ofMillis(999));
        }
        assertThat(events()).hasSize(RefusedRequests.KINDS + 1);
        refused.flush();
        assertThat(events()).hasSize(RefusedRequests.KINDS + 2);
        List<Event> others = events().stream()
                .filter(event -> event.target().id().equals("*"))
                .toList();
        assertThat(others.stream()
                        .flatMap(event -> event.changes().stream())
                        .filter(change -> change.field().equals("count"))
                        .mapToLong(change -> Long.parseLong(change.after()))
                        .sum())
                .isEqualTo(6_000 - RefusedRequests.KINDS);
        assertThat(others.getFirst().changes()).contains(Change.set("reason", "many different requests"));
    }

    @Test
    void madeUpNamesHideNothingThatIsAboutWhatExists() {
        for (int i = 0; i < 500; i++) {
            refuse("junk" + i);
        }
        for (int network = 0; network < 190; network++) {
            refused.record(
                    TYPE,
                    TargetKind.API_TOKEN,
                    "administrator",
                    "wrong secret",
                    new Origin("10.1." + network + ".7", ""),
                    true);
        }
        refused.record(TYPE, TargetKind.API_TOKEN, "other", "revoked", HOME, true);
        for (int i = 500; i < 1_000; i++) {
            refuse("junk" + i);
        }
        refused.tick();
        List<Event> aboutIt = log.list(
                        EventFilter.about(TargetKind.API_TOKEN, "administrator"), new Page.Request(100, null))
                .items();
        assertThat(aboutIt)
                .hasSize(RefusedRequests.KNOWN_KINDS + 1)
                .allSatisfy(event -> assertThat(event.actor().origin()).isNotNull());
        assertThat(aboutIt.stream()
                        .flatMap(event -> event.changes().stream())
                        .filter(change -> change.field().equals("count"))
                        .map(Change::after))
                .containsExactly(Integer.toString(190 - RefusedRequests.KNOWN_KINDS));
        assertThat(log.list(EventFilter.about(TargetKind.API_TOKEN, "other"), new Page.Request(100, null))
                        .items())
                .hasSize(1);
    }

    @Test
    void foreignTextIsCutToOneShortLineAndASecretInItIsMasked() {
        String secret = Secret.generate(new SecureRandom()).value();
        refuse("a\r\nb\u0000\u202e\ud800");
        refuse("x".repeat(99) + "\ud83d\ude00" + "y".repeat(1_000));
        refuse("id " + secret);
        refused.tick();
        assertThat(events())
                .extracting(event -> event.target().id())
                .containsExactlyInAnyOrder("a??b???", "x".repeat(99), "id lks_...");
    }

    @Test
    void whatCannotBeWrittenIsKeptUntilItCan() {
        refuse("a");
        database.change(
                transaction -> transaction.handle().execute("alter table event_head rename to event_head_away"));
        assertThatThrownBy(refused::tick).isInstanceOf(RuntimeException.class);
        refuse("a");
        database.change(
                transaction -> transaction.handle().execute("alter table event_head_away rename to event_head"));
        refused.tick();
        assertThat(events())
                .singleElement()
                .satisfies(event -> assertThat(event.changes()).contains(Change.set("count", "2")));
    }

    @Test
    void closingWritesWhatIsLeft() {
        refuse("a");
        refused.tick();
        refuse("a");
        refused.close();
        assertThat(events()).hasSize(2);
    }

    @Test
    void theBackgroundThreadWritesByItself() throws InterruptedException {
        java.util.concurrent.CountDownLatch written = new java.util.concurrent.CountDownLatch(1);
        log.follow(event -> written.countDown(), () -> {});
        try (RefusedRequests running = new RefusedRequests(database, log, clock)) {
            running.record(TYPE, TargetKind.API_TOKEN, "a", "wrong secret", HOME);
            assertThat(written.await(10, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        }
    }
}
