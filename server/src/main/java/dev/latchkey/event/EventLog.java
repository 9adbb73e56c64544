package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.lane.Seldom;
import dev.latchkey.lane.Timetable;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one log: audit trail, invalidation of caches, and feed. An event is appended in the transaction of the change
 * that it records. When that is durable, and before the change is answered, the followers are called in order and the
 * {@link Witness} stores the event.
 *
 * <p>At each poll the log also looks for the last event that it knows in the database. If that is missing, the database
 * has another history (it was failed over or restored): the followers forget everything and read again, and until the
 * lost events are known and what they ended is ended again, the log is not {@linkplain #isCurrent current}.
 */
public final class EventLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);

    /** How late this node learns what another node wrote. */
    private static final Duration CATCH_UP = Duration.ofMillis(200);

    private static final int BATCH = 500;

    /** Lists of events are counted up to this number. */
    public static final int MOST_COUNTED = EventSearchStore.MOST_COUNTED;

    private static final String NARROWER = "by a time (from, until), an actor or a target";

    /** How many of the newest events a witness begins with when it has none or has missed too many. */
    private static final int WITNESSED_AT_LEAST = 10_000;

    /** A witness that has missed more begins again: to read them all would delay the startup too much. */
    private static final int WITNESSED_LATE_AT_MOST = 50_000;

    /** How long a node keeps using what it knows when it does not hear from the database, unless set otherwise. */
    public static final Duration USUAL_LEASE = Duration.ofSeconds(5);

    /** More than the number of changes that can end at the same time. */
    private static final int NEWEST = 1_024;

    /** How long a change waits that has met another history. */
    private static final Duration RECOVERY_PATIENCE = Duration.ofMillis(2_500);

    /** Anything shorter cannot be told from a pause. */
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    private final Database database;
    private final Clock clock;
    private final EventStore store;
    private final @Nullable Witness witness;
    private final long leaseNanos;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final ReentrantLock delivering = new ReentrantLock();
    private final Seldom witnessFails = new Seldom();
    /** A timetable of its own, because the log is read until everything else is closed, and by commands, too. */
    private final Timetable timetable = new Timetable();

    private final Timetable.Entry nextLook;
    /** The last event that this log has passed on to the followers and its witness. */
    private volatile Position known;
    /**
     * The newest events that were passed on, each at its sequence modulo {@link #NEWEST}, so that a change finds its
     * own at once.
     */
    private final AtomicReferenceArray<@Nullable Position> newest = new AtomicReferenceArray<>(NEWEST);
    /** The last event that this node knew when the history turned out to be another one; null when all is well. */
    private volatile @Nullable Position lostFrom;

    private volatile @Nullable Recovery recovery;
    /** Held by the thread that recovers, the only one that may write until it is done. */
    private final ReentrantLock recovering = new ReentrantLock();
    /** Whether some follower still has what it read from another history. */
    private boolean startingOver;

    private volatile long caughtUpAtNanos;
    private volatile boolean behind;
    private volatile boolean troubled;

    /** A follower with its own place in the log: one that fails is called again, and does not hold up the others. */
    private static final class Follower {
        private final Consumer<Event> action;
        private final Runnable startOver;
        private Position seen;

        Follower(Consumer<Event> action, Runnable startOver, Position seen) {
            this.action = action;
            this.startOver = startOver;
            this.seen = seen;
        }
    }

    /** Finds out what another history has lost, and ends again what had been ended. */
    @FunctionalInterface
    public interface Recovery {
        /**
         * @param held the last event that this node knew
         *
         *
         * @param witness this node's witness, which has the events before; null when there is none
         *
         *
         * @return the last event that is known to be in both histories
         */
        Position recover(Position held, @Nullable Witness witness);
    }

    /**
     * @param witness null for a command, or where it cannot be written
     *
     *
     * @param lease how long the log stays current without hearing from the database
     */
    public EventLog(Database database, MasterKey masterKey, @Nullable Witness witness, Duration lease, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.store = new EventStore(chain(masterKey), new KeyedHash(masterKey, "event chain end"));
        this.witness = witness;
        this.leaseNanos = (lease.compareTo(SHORTEST_LEASE) < 0 ? SHORTEST_LEASE : lease).toNanos();
        this.caughtUpAtNanos = System.nanoTime();
        this.known = witness == null ? end() : beginning(witness);
        database.lastInEach(this::followBeforeAnswer);
        this.nextLook = timetable.every(
                CATCH_UP, "event-log", this::catchUp, "The log's events cannot be passed on now; trying again");
    }

    /** A log without a witness. */
    public EventLog(Database database, MasterKey masterKey, Clock clock) {
        this(database, masterKey, null, USUAL_LEASE, clock);
    }

    static KeyedHash chain(MasterKey masterKey) {
        return new KeyedHash(masterKey, "event chain");
    }

    /** The last event of the log. */
    Position end() {
        return database.readToFollow(EventStore::end).position();
    }

    /** Where the witness ends, or a place near the end of the log when the witness is new or has missed too much. */
    private Position beginning(Witness witness) {
        Position end = witness.end();
        boolean isLost = end.sequence() > 0 && !database.readToFollow(handle -> store.has(handle, end));
        return isLost ? end : notTooFarBack(end);
    }

    private Position notTooFarBack(Position place) {
        Position end = end();
        return place.sequence() >= Math.max(1, end.sequence() - WITNESSED_LATE_AT_MOST)
                ? place
                : database.readToFollow(handle -> store.before(handle, end.sequence() - WITNESSED_AT_LEAST));
    }

    /**
     * The end of a history.
     *
     *
     *
     * @param at when its last event was written; null before the first event
     */
    public record End(Position position, @Nullable Instant at) {}

    /** The end of the history that the handle sees. */
    public static End end(Handle handle) {
        return EventStore.end(handle);
    }

    /** Appends an event to the open transaction; it exists exactly when the transaction's changes do. */
    public Event append(Transaction transaction, Actor actor, EventType type, Target target, List<Change> changes) {
        if (lostFrom != null && recovery != null && !recovering.isHeldByCurrentThread()) {
            // The witness still ends where the lost history did, so this change would leave no trace if it were lost,
            // too.
            throw anotherHistory();
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        EventRow row = store.append(transaction, now, actor, type, target, changes);
        transaction.afterCommit(this, () -> deliver(row.position()));
        return row.event();
    }

    /**
     * A change that leaves no event has found everything already as requested: the token revoked, the key withdrawn.
     * Another node may have done that a moment ago, and this node must have learned of it before it answers.
     */
    private void followBeforeAnswer(Transaction transaction) {
        if (!transaction.hasAfterCommit(this)) {
            Position found = EventStore.end(transaction.handle()).position();
            transaction.afterCommit(this, () -> {
                look();
                awaitRecovery();
                requireKept(found);
            });
        }
    }

    /**
     * Calls the follower for every event from now on, in order, on the thread that made the change. After a failure it
     * is called again for the same event. It may read the database and must not write.
     *
     *
     *
     * @param startOver forgets what the follower keeps and reads it again, because the database no longer has the
     *     events that it was called for
     */
    public void follow(Consumer<Event> follower, Runnable startOver) {
        delivering.lock();
        try {
            followers.add(new Follower(follower, startOver, end()));
        } finally {
            delivering.unlock();
        }
    }

    /**
     * Compares the history with the witness, now that all followers are added, and from now on whenever the history
     * changes. Before it returns, it ends again what a restored or failed-over database brought back. If that fails,
     * the log is not current until it succeeds.
     *
     *
     *
     * @throws UnusableDatabaseException when the recorded end of the log is not its last event
     */
    public void begin(Recovery recovery) {
        if (!database.readToFollow(store::endsWhereItSays)) {
            throw new UnusableDatabaseException(
                    "The audit log in the database does not end at its recorded end: events, or the record of the"
                            + " last one, were changed by hand. Restore a backup. To see where the log is broken,"
                            + " run \"latchkey audit verify\".",
                    null);
        }
        this.recovery = recovery;
        try {
            look();
            recover();
        } catch (RuntimeException e) {
            log.warn("The history of the database cannot be compared with the witness. Tokens are refused until it"
                    + " is", e);
        }
    }

    /**
     * Whether the followers know all changes up to a moment ago. If not (the database or a follower fails, and other
     * nodes may have revoked what this one remembers), the only safe decision is to refuse.
     */
    public boolean isCurrent() {
        // This version does not understand what a newer one changes, however long the lease is.
        long mostNanos = database.hasOtherSchema() ? Math.min(leaseNanos, USUAL_LEASE.toNanos()) : leaseNanos;
        return !behind && !troubled && lostFrom == null && System.nanoTime() - caughtUpAtNanos < mostNanos;
    }

    /** The last event that this node knows, for {@link #requireContinues}. */
    public Position known() {
        return known;
    }

    /**
     * Refuses what was read from a database whose history is not the one that this node knows, even before the next
     * poll of the log.
     *
     *
     *
     * @param known what was known before the reading
     *
     *
     * @param end where the history ended that was read
     *
     *
     * @throws Problem 503 when it ended before what was known, or differently
     */
    public void requireContinues(Position known, Position end) {
        if (end.sequence() < known.sequence()
                || (end.sequence() == known.sequence() && !end.hash().equals(known.hash()))) {
            nextLook.soon();
            throw anotherHistory();
        }
    }

    private static Problem anotherHistory() {
        return Problem.unavailable("The history of the database has changed. Try again in a moment.", null);
    }

    /**
     * Reads what a follower keeps, but only from the history that this node knows: a transaction that waited for a
     * restore can see empty tables.
     *
     *
     * @throws Problem 503 when the database has another history, or cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        Position before = known;
        return database.readToFollow(handle -> {
            T found = work.apply(handle);
            // Before all followers are added, this is read again as soon as the history is compared.
            if (recovery != null) {
                requireContinues(before, EventStore.end(handle).position());
            }
            return found;
        });
    }

    /** Why the log is not current, as a sentence for the operator; empty when it is. */
    public Optional<String> trouble() {
        if (lostFrom != null) {
            return Optional.of(
                    "The history of the database has changed (a failover or a restored copy). Latchkey is"
                            + " reading it again and ending again what had been ended.");
        }
        Optional<String> trouble = database.trouble();
        if (trouble.isPresent()) {
            return trouble;
        }
        return isCurrent() ? Optional.empty() : Optional.of("The events of other nodes cannot be read.");
    }

    /** When the event at this place was written; null when the database does not have it. */
    @Nullable Instant timeOf(Transaction transaction, Position place) {
        return store.from(transaction.handle(), place.sequence(), 1).stream()
                .filter(row -> row.position().equals(place))
                .map(row -> Instant.ofEpochMilli(row.at()))
                .findFirst()
                .orElse(null);
    }

    /** The newest events first. */
    public Page<Event> list(EventFilter filter, Page.Request page) {
        return database.search(NARROWER, handle -> store.list(handle, filter, page));
    }

    /**
     * How many events the list has: a number above {@link #MOST_COUNTED} only means more than that, and empty means
     * that counting would take too long.
     */
    public OptionalLong count(EventFilter filter) {
        return database.search(NARROWER, handle -> new EventSearchStore(handle, filter).count());
    }

    /** The sequence of the last event in the state that the handle sees. */
    public long lastSequence(Handle handle) {
        return store.head(handle).map(EventStore.Head::sequence).orElse(0L);
    }

    /** Whether there is an event of the type after this one. */
    public boolean hasSince(Handle handle, long sequence, EventType type) {
        return store.hasSince(handle, sequence, type);
    }

    /** Reads the whole chain and checks that it is unbroken. */
    public Verification verify() {
        return database.readAtLength(store::verify);
    }

    /**
     * How many of these places, the newest first, are missing from the database.
     *
     *
     * @param branch places that chain back from the first, the newest first
     */
    public int lostOf(List<Position> branch) {
        return database.readAtLength(handle -> {
            // Each event chains to the one before, so the database has everything before the newest that it has.
            int lost = 0;
            int had = branch.size();
            while (lost < had) {
                int middle = (lost + had) >>> 1;
                if (store.has(handle, branch.get(middle))) {
                    had = middle;
                } else {
                    lost = middle + 1;
                }
            }
            return lost;
        });
    }

    /** Those of these places that are missing from the database. */
    List<Position> lacking(List<Position> places) {
        return database.readAtLength(handle -> {
            List<Position> lacking = new ArrayList<>();
            for (int i = 0; i < places.size(); i += BATCH) {
                lacking.addAll(store.lacking(handle, places.subList(i, Math.min(i + BATCH, places.size()))));
            }
            return lacking;
        });
    }

    /** The outcome of walking the chain. */
    public sealed interface Verification {
        record Whole(long events) implements Verification {}

        /** @param sequence the first event that is missing or altered */
        record Broken(long sequence, String reason) implements Verification {}
    }

    /** @param own the last event of the change that is about to be answered */
    private void deliver(Position own) {
        if (delivering.isHeldByCurrentThread()) {
            throw new IllegalStateException("a follower of the log must not write");
        }
        try {
            look();
            awaitRecovery();
        } catch (RuntimeException e) {
            // A change of this node is durable, and not everything here knows of it.
            behind = true;
            throw e;
        }
        requireKept(own);
    }

    /**
     * A change that has met another history is answered once the witness has it, which continues only after the
     * recovery.
     */
    private void awaitRecovery() {
        if (lostFrom == null || recovery == null || recovering.isHeldByCurrentThread()) {
            return;
        }
        try {
            if (!recovering.tryLock(RECOVERY_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw anotherHistory();
            }
            recovering.unlock();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw anotherHistory();
        }
        recover();
    }

    private void look() {
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

    /**
     * A failover between a commit and the next poll may lose the change, and the history continues from before it as if
     * nothing had happened. Then not even a witness knows of the change, and it must not be answered as if it were
     * durable.
     */
    private void requireKept(Position own) {
        if (!own.equals(newest.get((int) (own.sequence() % NEWEST)))
                && !database.readToFollow(handle -> store.has(handle, own))) {
            throw Problem.unavailable(
                    "The database lost this change, probably in a failover at that moment. Make the change again.",
                    null);
        }
    }

    /**
     * What was ended must be known even after a copy is restored, so the reserve of a full disk is released for this,
     * too.
     */
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

    /** The database has another history: forget the one that was followed. */
    private void startOver() {
        if (lostFrom == null) {
            lostFrom = known;
            log.error(
                    "The database has another history: it no longer has event {}, the last one known here. Tokens"
                            + " are refused until everything is read again",
                    known.sequence());
        }
        startingOver = true;
        database.reconnect();
        // First the place, then the reading: an event that comes in between is seen twice rather than never.
        Position end = end();
        known = end;
        for (int i = 0; i < NEWEST; i++) {
            newest.set(i, null);
        }
        for (Follower follower : followers) {
            follower.startOver.run();
            follower.seen = end;
        }
        startingOver = false;
        nextLook.soon();
    }

    /** Must not run inside a poll, because it writes. Until it succeeds, the log is not current. */
    private void recover() {
        Recovery way = recovery;
        if (lostFrom == null || way == null) {
            return;
        }
        recovering.lock();
        try {
            Position held = lostFrom;
            if (held == null) {
                return;
            }
            Position common = notTooFarBack(way.recover(held, witness));
            delivering.lock();
            try {
                // From here on the witness follows the new history and keeps what it has of the lost one. It catches
                // up at once, so that it is never behind while tokens are accepted.
                known = common;
                lostFrom = null;
                look();
            } finally {
                delivering.unlock();
            }
            log.info("The history of the database has been read again; tokens are accepted again");
        } finally {
            recovering.unlock();
        }
    }

    private void catchUp() {
        troubled = database.isAnother();
        if (troubled) {
            // What this file says must not be trusted; the log already says so.
            return;
        }
        look();
        recover();
    }

    @Override
    public void close() {
        timetable.close();
    }
}
