package dev.latchkey.event;

import dev.latchkey.database.Database;
import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes the events of the log on, in order: to the followers, each with its own place in the log, and then to the
 * witness. At each poll it also looks for the last event that was passed on; if the database does not have it, the
 * followers start over, and the history that was lost is kept in mind until {@link #resumeFrom}.
 */
final class Delivery {
    private static final Logger log = LoggerFactory.getLogger(Delivery.class);

    private static final int BATCH = 500;

    /** More than the number of changes that can end at the same time. */
    private static final int NEWEST = 1_024;

    /** How many of the newest events a witness begins with when it has none or has missed too many. */
    private static final int WITNESSED_AT_LEAST = 10_000;

    /** A witness that has missed more begins again: to read them all would delay the startup too much. */
    private static final int WITNESSED_LATE_AT_MOST = 50_000;

    private final Database database;
    private final EventStore store;
    private final History history;
    private final @Nullable Witness witness;
    private final Runnable startedOver;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final ReentrantLock delivering = new ReentrantLock();
    private final Seldom witnessFails = new Seldom();
    private final LongAdder historyChanges = new LongAdder();
    private final LongAdder witnessFailures = new LongAdder();
    /** The last event that was passed on to the followers and the witness. */
    private volatile Position known;
    /**
     * The newest events that were passed on, each at its sequence modulo {@link #NEWEST}, so that a change finds its
     * own at once.
     */
    private final AtomicReferenceArray<@Nullable Position> newest = new AtomicReferenceArray<>(NEWEST);
    /** The last event that this node knew when the history turned out to be another one; null when all is well. */
    private volatile @Nullable Position lostFrom;
    /** Whether some follower still has what it read from another history. */
    private boolean startingOver;

    private volatile long caughtUpAtNanos;
    private volatile boolean behind;

    /** A follower with its own place in the log: one that fails is called again, and does not hold up the others. */
    private static final class Follower {
        private final Consumer<Event> action;
        private final Runnable startOver;
        private volatile Position seen;

        Follower(Consumer<Event> action, Runnable startOver, Position seen) {
            this.action = action;
            this.startOver = startOver;
            this.seen = seen;
        }
    }

    /**
     * @param witness null for a command, or where it cannot be written
     * @param startedOver what to do when the followers have started over
     */
    Delivery(Database database, EventStore store, History history, @Nullable Witness witness, Runnable startedOver) {
        this.database = database;
        this.store = store;
        this.history = history;
        this.witness = witness;
        this.startedOver = startedOver;
        this.caughtUpAtNanos = System.nanoTime();
        this.known = witness == null ? history.end() : beginning(history, witness);
    }

    /** Where the witness ends, or a place near the end of the log when the witness is new or has missed too much. */
    private static Position beginning(History history, Witness witness) {
        Position end = witness.end();
        boolean isLost = end.sequence() > 0 && !history.has(end);
        return isLost ? end : notTooFarBack(history, end);
    }

    private static Position notTooFarBack(History history, Position place) {
        Position end = history.end();
        return place.sequence() >= Math.max(1, end.sequence() - WITNESSED_LATE_AT_MOST)
                ? place
                : history.before(end.sequence() - WITNESSED_AT_LEAST);
    }

    /** Calls the follower for every event from now on; see {@link EventLog#follow}. */
    void add(Consumer<Event> follower, Runnable startOver) {
        delivering.lock();
        try {
            followers.add(new Follower(follower, startOver, history.end()));
        } finally {
            delivering.unlock();
        }
    }

    /** The last event that was passed on. */
    Position known() {
        return known;
    }

    /** The last event of the history that was lost, until {@link #resumeFrom}; null when none was. */
    @Nullable Position lostFrom() {
        return lostFrom;
    }

    /** Whether everything up to this long ago was passed on, from the history that the database has. */
    boolean isCurrent(long mostNanos) {
        return !behind && lostFrom == null && System.nanoTime() - caughtUpAtNanos < mostNanos;
    }

    /** @param current whether the log is */
    LogFigures figures(boolean current) {
        long newestKnown = known.sequence();
        return new LogFigures(
                newestKnown,
                Duration.ofNanos(Math.max(0, System.nanoTime() - caughtUpAtNanos)),
                followers.stream()
                        .filter(follower -> follower.seen.sequence() < newestKnown)
                        .count(),
                current,
                historyChanges.sum(),
                witness == null ? null : witness.end().sequence(),
                witnessFailures.sum());
    }

    /** Whether the calling thread is passing events on, and so is inside a follower. */
    boolean isOfThisThread() {
        return delivering.isHeldByCurrentThread();
    }

    /** A change of this node is durable, and not everything here knows of it. */
    void fallBehind() {
        behind = true;
    }

    /** Reads what is new and passes it on. */
    void look() {
        delivering.lock();
        try {
            long started = System.nanoTime();
            deliverInOrder();
            behind = false;
            caughtUpAtNanos = started;
        } finally {
            delivering.unlock();
        }
    }

    private void deliverInOrder() {
        List<Follower> working = new ArrayList<>(followers);
        @Nullable RuntimeException failure = null;
        while (true) {
            // Followers that failed are behind the others; what they wait for is read again for them alone.
            Position from = working.stream()
                    .map(follower -> follower.seen)
                    .filter(seen -> seen.sequence() < known.sequence())
                    .reduce(known, (a, b) -> a.sequence() <= b.sequence() ? a : b);
            List<EventRow> rows = database.poll(handle -> store.from(handle, from.sequence(), BATCH + 1));
            if (startingOver || !continues(from, rows)) {
                startOver();
                return;
            }
            for (Follower follower : List.copyOf(working)) {
                try {
                    passOn(follower, rows);
                } catch (RuntimeException e) {
                    working.remove(follower);
                    failure = e;
                }
            }
            witness(rows.stream()
                    .filter(row -> row.sequence() > known.sequence())
                    .toList());
            if (rows.size() <= BATCH) {
                break;
            }
        }
        if (failure != null) {
            behind = true;
            throw failure;
        }
    }

    private static void passOn(Follower follower, List<EventRow> rows) {
        for (EventRow row : rows) {
            if (row.sequence() > follower.seen.sequence()) {
                follower.action.accept(row.event());
                follower.seen = row.position();
            }
        }
    }

    /** Whether the rows, read from this place on, continue the history that this node knows. */
    private boolean continues(Position from, List<EventRow> rows) {
        boolean begins = from.sequence() == 0 || holds(rows, from);
        boolean reachesWhatIsKnown = rows.size() > BATCH
                || known.sequence() == 0
                || rows.stream().anyMatch(row -> row.sequence() >= known.sequence());
        boolean agrees = rows.stream()
                .allMatch(
                        row -> row.sequence() != known.sequence() || row.hash().equals(known.hash()));
        return begins && reachesWhatIsKnown && agrees;
    }

    private static boolean holds(List<EventRow> rows, Position place) {
        return !rows.isEmpty() && rows.getFirst().position().equals(place);
    }

    /**
     * The witness comes after the followers, whose memory must not wait for a disk, and before the answer. A change is
     * durable even if the witness cannot be written.
     */
    private void witness(List<EventRow> rows) {
        if (rows.isEmpty()) {
            return;
        }
        // While the histories are compared, the witness must end where the lost one did.
        if (witness != null && lostFrom == null) {
            try {
                witnessed(witness, rows);
            } catch (IOException e) {
                witnessFailures.increment();
                if (witnessFails.isDue()) {
                    log.error(
                            "The witness in {} cannot be written ({}). Changes continue, but a failover or a"
                                    + " restored copy could bring back what they ended",
                            witness.folder(),
                            e.getMessage());
                }
            }
        }
        for (EventRow row : rows) {
            newest.set((int) (row.sequence() % NEWEST), row.position());
        }
        known = rows.getLast().position();
    }

    /** What was ended must be known even after a copy is restored, so the reserve of a full disk is released for it. */
    private void witnessed(Witness witness, List<EventRow> rows) throws IOException {
        try {
            witness.append(rows);
        } catch (IOException e) {
            if (!database.makeRoom()) {
                throw e;
            }
            witness.append(rows);
        }
    }

    /**
     * A failover between a commit and the next poll may lose the change, and the history continues from before it as if
     * nothing had happened. Then not even a witness knows of the change, and it must not be answered as if it were
     * durable.
     *
     * @param own the last event of the change
     * @throws Problem 503 when the database does not have the event any more
     */
    void requireKept(Position own) {
        if (!own.equals(newest.get((int) (own.sequence() % NEWEST))) && !history.has(own)) {
            throw Problem.unavailable(
                    "The database lost this change, probably in a failover at that moment. Make the change again.",
                    null);
        }
    }

    /** The database has another history: forget the one that was followed. */
    private void startOver() {
        if (lostFrom == null) {
            lostFrom = known;
            historyChanges.increment();
            log.error(
                    "The database has another history: it no longer has event {}, the last one known here. Tokens"
                            + " are refused until everything is read again",
                    known.sequence());
        }
        startingOver = true;
        database.reconnect();
        // First the place, then the reading: an event that comes in between is seen twice rather than never.
        Position end = history.end();
        known = end;
        for (int i = 0; i < NEWEST; i++) {
            newest.set(i, null);
        }
        for (Follower follower : followers) {
            follower.startOver.run();
            follower.seen = end;
        }
        startingOver = false;
        startedOver.run();
    }

    /** Follows the new history from here on, now that what the other one lost has been dealt with. */
    void resumeFrom(Position common) {
        Position place = notTooFarBack(history, common);
        delivering.lock();
        try {
            // From here on the witness follows the new history and keeps what it has of the lost one. It catches up at
            // once, so that it is never behind while tokens are accepted.
            known = place;
            lostFrom = null;
            look();
        } finally {
            delivering.unlock();
        }
    }
}
