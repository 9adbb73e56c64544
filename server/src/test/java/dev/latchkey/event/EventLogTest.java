package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.EventLog.Verification;
import dev.latchkey.http.Page;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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
                "role.create",
                new Target("role", id, id),
                List.of(Change.set("description", "a role"), Change.from("name", "old", null))));
    }

    @Test
    void anEventIsReadBackAsItWasWritten() {
        append("reader");
        Event event = log.list(EventFilter.ALL, Page.Request.FIRST).items().getFirst();
        assertThat(event.sequence()).isEqualTo(1);
        assertThat(event.actor()).isEqualTo(ADA);
        assertThat(event.operation()).isEqualTo("role.create");
        assertThat(event.target()).isEqualTo(new Target("role", "reader", "reader"));
        assertThat(event.changes())
                .containsExactly(new Change("description", null, "a role"), new Change("name", "old", null));
    }

    @Test
    void anEventOfATransactionThatFailsDoesNotExist() {
        assertThatThrownBy(() -> database.change(transaction -> {
                    log.append(transaction, ADA, "role.create", new Target("role", "x", "x"), List.of());
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(log.list(EventFilter.ALL, Page.Request.FIRST).items()).isEmpty();
        assertThat(log.verify()).isEqualTo(new Verification.Whole(0));
    }

    @Test
    void followersHaveSeenAnEventBeforeItsChangeIsAnswered() {
        List<Long> seen = new ArrayList<>();
        log.follow(event -> seen.add(event.sequence()));
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
        assertThat(log.list(EventFilter.about("role", "role3"), Page.Request.FIRST)
                        .items())
                .extracting(Event::sequence)
                .containsExactly(4L);
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
        tamper("update event set actor_name = 'somebody else' where sequence = 2");
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

    private void tamper(String sql) {
        database.change(transaction -> transaction.update(sql).execute());
    }
}
