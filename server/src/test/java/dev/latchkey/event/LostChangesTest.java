package dev.latchkey.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.Waiting;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.TestEngine;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is reported about a loss, depending on how much the witness knows. */
class LostChangesTest {
    private static final MasterKey KEY = MasterKey.parse(Base64.getEncoder().encodeToString(new byte[32]), "the test");

    @TempDir
    Path folder;

    private Database database;
    private Witness witness;
    private EventLog log;
    private LostChanges lostChanges;

    @BeforeEach
    void open() throws IOException {
        database = TestEngine.SQLITE.open();
        witness = Witness.open(folder, KEY);
        log = new EventLog(database, KEY, witness, EventLog.USUAL_LEASE, Clock.systemUTC());
        lostChanges = new LostChanges(database, log, Clock.systemUTC());
        log.begin(new HistoryRecovery(database, log, Clock.systemUTC(), Map.of()));
    }

    @AfterEach
    void close() throws IOException {
        log.close();
        witness.close();
        database.close();
    }

    private void append(String role) {
        database.change(transaction -> log.append(
                transaction,
                new Actor.System("test", null),
                EventType.ROLE_CREATE,
                Target.named(TargetKind.ROLE, role),
                List.of()));
    }

    /** As a failover or an older copy does. */
    private void loseAllAfter(long sequence, Map<String, Object> head) {
        database.change(transaction -> {
            transaction
                    .update("delete from event where sequence > :sequence")
                    .bind("sequence", sequence)
                    .execute();
            transaction
                    .update("update event_head set sequence = :sequence, hash = :hash, seal = :seal")
                    .bindMap(head)
                    .execute();
        });
    }

    private Map<String, Object> head() {
        return database.read(handle -> handle.createQuery("select sequence, hash, seal from event_head")
                .mapToMap()
                .one());
    }

    private HistoryChange noticed() {
        Waiting.until("the other history", () -> !lostChanges.changes().isEmpty() && log.isCurrent());
        return lostChanges.changes().getFirst();
    }

    @Test
    void theWitnessSaysHowManyChangesAreLost() throws Exception {
        append("a");
        Map<String, Object> head = head();
        append("b");
        append("c");
        loseAllAfter(1, head);
        assertThat(noticed().lost()).isEqualTo(2);
        assertThat(lostChanges.list(null, Page.Request.FIRST).items())
                .extracting(lost -> lost.event().target().id())
                .containsExactly("c", "b");
    }

    @Test
    void howManyIsNotKnownWhenTheWitnessCouldNotBeWritten() throws Exception {
        append("a");
        Map<String, Object> head = head();
        append("b");
        witness.close();
        append("c");
        loseAllAfter(1, head);
        assertThat(noticed().lost()).as("two, of which one is known").isNull();
        assertThat(lostChanges.list(null, Page.Request.FIRST).items())
                .extracting(lost -> lost.event().target().id())
                .containsExactly("b");
    }

    @Test
    void aLossIsToldAlsoWhenTheWitnessKnowsOfNoneOfIt() throws Exception {
        append("a");
        Map<String, Object> head = head();
        witness.close();
        append("b");
        loseAllAfter(1, head);
        assertThat(noticed().lost()).isNull();
    }

    /** The database then has the very history that this node knows, so nothing else would reveal the loss. */
    @Test
    void aChangeThatIsLostBeforeItsAnswerIsNotAnsweredAsDone() {
        append("a");
        Map<String, Object> head = head();
        assertThatThrownBy(() -> database.change(transaction -> {
                    transaction.afterCommit("the failover", () -> loseAllAfter(1, head));
                    log.append(
                            transaction,
                            new Actor.System("test", null),
                            EventType.ROLE_CREATE,
                            Target.named(TargetKind.ROLE, "b"),
                            List.of());
                }))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.status()).isEqualTo(503))
                .hasMessageContaining("lost this change");
        append("c");
        // The log may have noticed its loss by now, which is an event of its own.
        assertThat(log.list(EventFilter.ALL, Page.Request.FIRST).items())
                .filteredOn(event -> event.type() == EventType.ROLE_CREATE)
                .extracting(event -> event.target().id())
                .containsExactly("c", "a");
    }
}
