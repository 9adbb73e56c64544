package dev.latchkey.event;

import dev.latchkey.database.Database;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The changes that the database has lost, and the changes of its history: what became of them, and who has seen them. */
public final class LostChanges {
    /** The actor that ends again what had been ended. */
    public static final Actor ACTOR = new Actor.System("history", null);

    private static final int LISTED = 100;

    private final Database database;
    private final EventLog events;
    private final Clock clock;
    private final LostChangeStore store = new LostChangeStore();

    public LostChanges(Database database, EventLog events, Clock clock) {
        this.database = database;
        this.events = events;
        this.clock = clock;
    }

    /** A line for the event of an ending that is made again, so that people find the lost one. */
    public static Change naming(Event lost) {
        return Change.set(
                "lost event",
                lost.sequence() + ", " + lost.at() + ", by " + lost.actor().name());
    }

    /** The newest first; the state null for all. */
    public Page<LostChange> list(@Nullable State state, Page.Request page) {
        return database.read(handle -> store.list(handle, state, page));
    }

    /** What an administrator must look at now; cheap enough to ask for each page. */
    public Attention attention() {
        return database.read(handle -> store.attention(handle, Attention.COUNTED));
    }

    /** The number of lost changes in each state that occurs. */
    public Map<State, Long> counts() {
        return database.read(store::counts);
    }

    /** The number of lost changes in this state; null for all. */
    public long count(@Nullable State state) {
        return database.read(handle -> store.count(handle, state));
    }

    /**
     * Records that a person has looked at a lost change.
     *
     * @param state {@link State#MADE_AGAIN} or {@link State#DONE}
     * @throws Problem 404 when there is none, 409 when it is already settled
     */
    public LostChange settle(Actor actor, String id, State state) {
        return database.write(transaction -> {
            LostChange lost = store.find(transaction.handle(), id)
                    .orElseThrow(() -> Problem.notFound("There is no lost change " + Text.quote(id) + "."));
            if (lost.state() == state) {
                return lost;
            }
            if (lost.state() != State.OPEN) {
                throw Problem.conflict(
                        "settled",
                        "This lost change is already settled: " + lost.state().text() + ".");
            }
            store.settle(transaction, id, state, clock.instant(), actor.name());
            events.append(
                    transaction,
                    actor,
                    EventType.LOST_CHANGE_SETTLE,
                    new Target(TargetKind.LOST_CHANGE, id, lost.event().type().text()),
                    List.of(Change.from("state", lost.state().text(), state.text()), naming(lost.event())));
            return store.find(transaction.handle(), id).orElseThrow();
        });
    }

    /** The newest hundred changed histories, the newest first. */
    public List<HistoryChange> changes() {
        return database.read(handle -> store.changes(handle, LISTED));
    }

    /** The number of changed histories that are not confirmed. */
    public long unconfirmed() {
        return database.read(store::unconfirmed);
    }

    /** Records that an administrator has seen a changed history; does nothing when that is already recorded. */
    public void confirm(Actor actor, String id) {
        database.change(transaction -> {
            if (store.confirm(transaction, id, clock.instant(), actor.name())) {
                events.append(
                        transaction,
                        actor,
                        EventType.HISTORY_CONFIRM,
                        new Target(TargetKind.HISTORY, id, "history"),
                        List.of());
            }
        });
    }
}
