package dev.latchkey.event;

import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.LostChange.State;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recovers when the database has another history: finds the lost events in the witness, ends again what they had ended,
 * and lists the rest for an administrator.
 *
 * <p>Several nodes may find the same loss, each with a witness of its own, and each may be stopped halfway. A lost
 * event is therefore known by its hash, and is dealt with in the same transaction that records it.
 */
public final class HistoryRecovery implements Recovery {
    private static final Logger log = LoggerFactory.getLogger(HistoryRecovery.class);

    /** Events that changed nothing that would have to be changed again. */
    private static final Set<EventType> CHANGED_NOTHING = EnumSet.of(
            EventType.ACCESS_TOKEN_REFUSE,
            EventType.SESSION_REFUSE,
            EventType.SESSION_CREATE,
            EventType.HISTORY_CHANGE,
            EventType.HISTORY_CONFIRM,
            EventType.API_TOKEN_COUNT_MEND);

    private static final int BATCH = 200;

    /** Each of them takes several statements, and a transaction is limited to three seconds. */
    private static final int ENDED_AT_ONCE = 50;

    private final Database database;
    private final EventLog events;
    private final Clock clock;
    private final Map<EventType, Ending> endings;
    private final LostChangeStore store = new LostChangeStore();

    /**
     * Ends again, in the current history, what a lost event had ended. What does not exist, or has ended already, stays
     * as it is. It leaves an event that {@linkplain LostChanges#naming names} the lost one.
     */
    @FunctionalInterface
    public interface Ending {
        /** Returns whether that is everything the lost event did; if not, a person must look at the rest. */
        boolean endAgain(Transaction transaction, Event lost);
    }

    /** @param endings by the type of the lost event */
    public HistoryRecovery(Database database, EventLog events, Clock clock, Map<EventType, Ending> endings) {
        this.database = database;
        this.events = events;
        this.clock = clock;
        this.endings = Map.copyOf(endings);
    }

    /** Compares the history with the witness and deals with the lost events. */
    @Override
    public Position recover(Position held, @Nullable Witness witness) {
        List<Position> branch = branch(held, witness);
        int lost = events.history().lostOf(branch);
        // The loss is fully known if the database has the next event, or if there is no next one.
        boolean known = lost < branch.size() || branch.getLast().sequence() == 1;
        List<Position> gone = new ArrayList<>(branch.subList(0, lost));
        if (witness != null && lost > 0) {
            gone.addAll(ofEarlierLosses(witness, branch));
            // Most of the earlier ones are still listed: one query saves a transaction for each of them.
            deal(witness, database.readAtLength(handle -> store.unknown(handle, gone)));
        }
        Position common = lost < branch.size() ? branch.get(lost) : Position.START;
        // A witness that could not be written lacks the newest events, so it cannot tell how many are lost.
        boolean counted = known && branch.getFirst().equals(held);
        note(held, common, counted ? (Long) (long) lost : null);
        // Without a common event the witness begins again where the log ends.
        return known ? common : events.history().end();
    }

    private static List<Position> branch(Position held, @Nullable Witness witness) {
        try {
            List<Position> branch = witness == null ? List.of() : witness.branch();
            return branch.isEmpty() ? List.of(held) : branch;
        } catch (IOException e) {
            log.error(
                    "The witness cannot be read ({}), so the events that the history lost are not known",
                    e.getMessage());
            return List.of(held);
        }
    }

    /**
     * Events of earlier losses. This loss may have removed the list of them, and what was ended again then. What is
     * still in the list is left alone.
     */
    private List<Position> ofEarlierLosses(Witness witness, List<Position> branch) {
        try {
            return events.history().lacking(witness.besides(branch));
        } catch (IOException e) {
            throw Problem.unavailable("The witness cannot be read: " + e.getMessage(), e);
        }
    }

    /** Deals first with what ended something, then with the rest. */
    private void deal(Witness witness, List<Position> lost) {
        try {
            inBatches(witness, lost, row -> endings.containsKey(row.type()), ENDED_AT_ONCE, this::endAgain);
            inBatches(witness, lost, row -> !endings.containsKey(row.type()), BATCH, this::list);
        } catch (IOException e) {
            throw Problem.unavailable("The witness cannot be read: " + e.getMessage(), e);
        }
    }

    private static void inBatches(
            Witness witness, List<Position> lost, Predicate<EventRow> which, int size, Consumer<List<EventRow>> action)
            throws IOException {
        List<EventRow> batch = new ArrayList<>();
        witness.forEachOf(lost, row -> {
            if (which.test(row)) {
                batch.add(row);
            }
            if (batch.size() == size) {
                action.accept(batch);
                batch.clear();
            }
        });
        if (!batch.isEmpty()) {
            action.accept(batch);
        }
    }

    /**
     * In one transaction, because all nodes wait for the writers' lock at this moment; one at a time if a rule refuses
     * one of them.
     */
    private void endAgain(List<EventRow> rows) {
        try {
            database.ending(transaction -> rows.forEach(row -> endAgain(transaction, row)));
        } catch (Problem e) {
            if (e.status() >= 500) {
                throw e;
            }
            if (rows.size() > 1) {
                rows.forEach(row -> endAgain(List.of(row)));
                return;
            }
            // A rule refuses it in the new history, such as the one about the last administrator: a person must
            // decide.
            EventRow row = rows.getFirst();
            log.error(
                    "What the lost event {} ({}) ended cannot be ended again: {}",
                    row.sequence(),
                    row.operation(),
                    e.detail());
            list(rows);
        }
    }

    private void endAgain(Transaction transaction, EventRow row) {
        Ending ending = endings.get(row.type());
        if (ending == null || store.isKnown(transaction.handle(), row.hash())) {
            return;
        }
        boolean settled = ending.endAgain(transaction, row.event());
        store.insert(
                transaction,
                row,
                clock.instant(),
                settled ? State.ENDED_AGAIN : State.OPEN,
                settled ? LostChanges.ACTOR.name() : null);
    }

    private void list(List<EventRow> rows) {
        database.ending(transaction -> {
            for (EventRow row : rows) {
                boolean needed = isNeeded(row);
                store.insert(
                        transaction,
                        row,
                        clock.instant(),
                        needed ? State.OPEN : State.NOT_NEEDED,
                        needed ? null : LostChanges.ACTOR.name());
            }
        });
    }

    /** Signing keys that the clock creates and retires are created and retired again automatically. */
    private static boolean isNeeded(EventRow row) {
        return !CHANGED_NOTHING.contains(row.type())
                && !(row.targetKind().equals(TargetKind.SIGNING_KEY.text())
                        && row.actorKind().equals(Actor.Kind.SYSTEM.text()));
    }

    /** Records one entry and one event for each loss, whichever node finds it first. */
    private void note(Position held, Position common, @Nullable Long lost) {
        if (lost != null && lost == 0) {
            return;
        }
        database.ending(transaction -> {
            HistoryChange change = new HistoryChange(
                    held.hash(),
                    clock.instant(),
                    "node",
                    common.sequence(),
                    events.history().timeOf(transaction, common),
                    lost,
                    null,
                    null);
            if (store.insert(transaction, change)) {
                logChange(transaction, change);
            }
        });
    }

    /** Records that a backup was restored and that the events it lacks are not known yet. */
    public HistoryChange noteRestored(Position end, Instant backedUpAt) {
        return database.write(transaction -> {
            HistoryChange change = new HistoryChange(
                    end.hash() + "." + clock.instant().toEpochMilli(),
                    clock.instant(),
                    "restore",
                    end.sequence(),
                    backedUpAt,
                    null,
                    null,
                    null);
            store.insert(transaction, change);
            logChange(transaction, change);
            return change;
        });
    }

    private void logChange(Transaction transaction, HistoryChange change) {
        List<Change> facts = new ArrayList<>();
        facts.add(Change.set("last common event", Long.toString(change.lastSequence())));
        facts.add(Change.set(
                "lost events",
                change.lost() == null ? "not known" : change.lost().toString()));
        facts.add(Change.set("noticed by", change.noticedBy()));
        events.append(
                transaction,
                LostChanges.ACTOR,
                EventType.HISTORY_CHANGE,
                new Target(TargetKind.HISTORY, change.id(), "history"),
                facts);
    }
}
