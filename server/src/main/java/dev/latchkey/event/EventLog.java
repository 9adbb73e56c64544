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
 * The one log: audit trail, invalidation of caches, and feed. An event is appended in the transaction of the change that
 * it records; when that is durable, and before the change is answered, the followers are called in order, and the
 * {@link Witness} has it.
 *
 * <p>At each look the log also compares the last event that it knows with the database's. If it is not there, the database has
 * another history (it was failed over or restored): the followers forget everything and read again, and until what was lost
 * is known and ended again, the log is not {@linkplain #isCurrent current}.
 */
public final class EventLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);

    /** How late this node learns of what another node wrote. */
    private static final Duration CATCH_UP = Duration.ofMillis(200);

    private static final int BATCH = 500;

    /** No list of events is counted any further. */
    public static final int MOST_COUNTED = EventSearchStore.MOST_COUNTED;

    private static final String NARROWER = "by a time (from, until), an actor or a target";

    /** So many of the newest events a witness begins with that has none, or missed too many. */
    private static final int WITNESSED_AT_LEAST = 10_000;

    /** A witness that missed more begins anew: reading them would take longer than a start may. */
    private static final int WITNESSED_LATE_AT_MOST = 50_000;

    /** How long a node goes on with what it knows when it does not hear from the database, unless told otherwise. */
    public static final Duration USUAL_LEASE = Duration.ofSeconds(5);

    /** More than the changes that may end at the same time. */
    private static final int NEWEST = 1_024;

    /** How long a change waits that met another history. */
    private static final Duration RECOVERY_PATIENCE = Duration.ofMillis(2_500);

    /** Less cannot be told from a pause. */
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
    /** The last event that this log has passed on and has given to its witness. */
    private volatile Position known;
    /** The newest that were passed on, each at its sequence modulo their number, so that a change finds its own at once. */
    private final AtomicReferenceArray<@Nullable Position> newest = new AtomicReferenceArray<>(NEWEST);
    /** What this node held when the history turned out to be another one; null when all is well. */
    private volatile @Nullable Position lostFrom;

    private volatile @Nullable Recovery recovery;
    /** Held by whoever recovers, and alone allowed to write meanwhile. */
    private final ReentrantLock recovering = new ReentrantLock();
    /** Whether some follower still has what it read of another history. */
    private boolean startingOver;

    private volatile long caughtUpAtNanos;
    private volatile boolean behind;
    private volatile boolean troubled;

    /** Each has its own place in the log: one that fails is called again and holds up no other. */
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
         * @param witness what it knows of the events before; null when it has none
         * @return the last event that both histories have, as far as that is known
         */
        Position recover(Position held, @Nullable Witness witness);
    }

    /**
     * @param witness null for a command, or where nothing can be written
     * @param lease how long the log counts as current without hearing from the database
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

    /** Where the witness is; some way back when it is new or missed too much. */
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
     * The last event of a history.
     *
     * @param at when it was written; null before the first event
     */
    public record End(Position position, @Nullable Instant at) {}

    /** The last event of the history that is read here. */
    public static End end(Handle handle) {
        return EventStore.end(handle);
    }

    /** Appends an event to the open transaction; it exists exactly when the transaction's changes do. */
    public Event append(Transaction transaction, Actor actor, EventType type, Target target, List<Change> changes) {
        if (lostFrom != null && recovery != null && !recovering.isHeldByCurrentThread()) {
            // The witness still ends where the lost history did, so nobody would know of this change if it were lost,
            // too.
            throw anotherHistory();
        }
        Instant now = clock.instant();
        EventRow row = store.append(transaction, now, actor, type, target, changes);
        transaction.afterCommit(this, () -> deliver(row.position()));
        return row.event();
    }

    /**
     * A change that leaves no event has found everything as it was wanted: the token revoked, the key withdrawn. Another node
     * may have done that a moment ago, and this one must have heard of it before it says so.
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
     * Calls the follower for every event from now on, in order, on the thread of whoever made the change; after a
     * failure it is called again for the same event. It may read the database and must not write.
     *
     * @param startOver forgets what the follower keeps and reads it again, because the events that it was called for are
     *     not the database's any more
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
     * Compares the history with the witness, now that everybody follows who does, and from here on whenever it changes.
     * Before it returns, what a restored or failed-over database brought back has been ended again; if that fails now, the
     * log is not current until it succeeds.
     *
     * @throws UnusableDatabaseException when the log does not end where it says
     */
    public void begin(Recovery recovery) {
        if (!database.readToFollow(store::endsWhereItSays)) {
            throw new UnusableDatabaseException(
                    "The audit log in the database does not end where it says: events, or the note of the last one, were"
                            + " changed by hand. Restore a backup; \"latchkey audit verify\" tells where it is broken.",
                    null);
        }
        this.recovery = recovery;
        try {
            look();
            recover();
        } catch (RuntimeException e) {
            log.warn("The history of the database cannot be compared now; no token counts until it is", e);
        }
    }

    /**
     * Whether the followers know all changes until a moment ago. When not (the database or a follower fails, and other
     * nodes may have revoked what this one still remembers), the only safe answer to "may it?" is no.
     */
    public boolean isCurrent() {
        // What a newer version changes is not understood here, however long the lease is.
        long mostNanos = database.hasOtherSchema() ? Math.min(leaseNanos, USUAL_LEASE.toNanos()) : leaseNanos;
        return !behind && !troubled && lostFrom == null && System.nanoTime() - caughtUpAtNanos < mostNanos;
    }

    /** The last event that is known here, for {@link #requireGoesOn}. */
    public Position known() {
        return known;
    }

    /**
     * Refuses what was read from a database whose history is another one than that known here, also when the next look at the
     * log has not come yet.
     *
     * @param known what was known before the reading
     * @param end where the history ended that was read
     * @throws Problem 503 when it ended before what was known, or otherwise
     */
    public void requireGoesOn(Position known, Position end) {
        if (end.sequence() < known.sequence()
                || (end.sequence() == known.sequence() && !end.hash().equals(known.hash()))) {
            nextLook.soon();
            throw anotherHistory();
        }
    }

    private static Problem anotherHistory() {
        return Problem.unavailable("The database has another history than before. Try again in a moment.", null);
    }

    /**
     * Reads what a follower keeps, from the history that is known here and no other: a transaction that waited for a restore
     * can see tables that are empty.
     *
     * @throws Problem 503 when the database has another history, or cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        Position before = known;
        return database.readToFollow(handle -> {
            T found = work.apply(handle);
            // Before all follow that do, what is read is read again as soon as the history is compared.
            if (recovery != null) {
                requireGoesOn(before, EventStore.end(handle).position());
            }
            return found;
        });
    }

    /** Why the log is not current, in a sentence for whoever runs the service; empty when it is. */
    public Optional<String> trouble() {
        if (lostFrom != null) {
            return Optional.of(
                    "The database has another history than before (a failover or a restored copy). It is being"
                            + " read again, and what had been ended is ended again.");
        }
        Optional<String> trouble = database.trouble();
        if (trouble.isPresent()) {
            return trouble;
        }
        return isCurrent() ? Optional.empty() : Optional.of("The events of other nodes cannot be read.");
    }

    /** When the event at this place was written; null when it is not there. */
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
     * How many events the list has: a number above {@link #MOST_COUNTED} only means more than that, and nothing that counting
     * would take too long.
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

    /** Walks the whole chain and says whether it is unbroken. */
    public Verification verify() {
        return database.readAtLength(store::verify);
    }

    /**
     * How many of the newest events at these places the database does not have.
     *
     * @param branch places that chain back from the first, the newest first
     */
    public int lostOf(List<Position> branch) {
        return database.readAtLength(handle -> {
            // Each event chains to the one before, so the database has everything before the first that it has.
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

    /** Those of these places that the database does not have. */
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

        /** @param sequence the first event that is missing or not as it was written */
        record Broken(long sequence, String reason) implements Verification {}
    }

    /** @param own the last event of the change that is to be answered */
    private void deliver(Position own) {
        if (delivering.isHeldByCurrentThread()) {
            throw new IllegalStateException("a follower of the log must not write");
        }
        try {
            look();
            awaitRecovery();
        } catch (RuntimeException e) {
            // A change of our own stands that not everything here knows of.
            behind = true;
            throw e;
        }
        requireKept(own);
    }

    /** A change that met another history is answered when the witness has it, which goes on once that is recovered from. */
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
            // Those that failed are behind the others; what they wait for is read again for them alone.
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

    /** Whether the rows, read from this place on, are the history that is known here. */
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
     * The witness comes after the followers, whose memory must not wait for a disk, and before the answer. A change stands
     * also where it cannot be written.
     */
    private void witness(List<EventRow> rows) {
        if (rows.isEmpty()) {
            return;
        }
        // While the histories are compared, the witness has to end where the lost one did.
        if (witness != null && lostFrom == null) {
            try {
                witnessed(witness, rows);
            } catch (IOException e) {
                if (witnessFails.isDue()) {
                    log.error(
                            "The witness in {} cannot be written ({}). Changes go on, but a failover or a restored copy"
                                    + " could bring back what they ended",
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
     * A failover between a commit and the next look may take the change along, and the history before it goes on as if nothing
     * had been: then nobody knows of the change, no witness either, and it must not be answered as if it stood.
     */
    private void requireKept(Position own) {
        if (!own.equals(newest.get((int) (own.sequence() % NEWEST)))
                && !database.readToFollow(handle -> store.has(handle, own))) {
            throw Problem.unavailable(
                    "The database has lost this change, as it does when it fails over at that moment. Make it again.",
                    null);
        }
    }

    /** What was ended must be known also after a restored copy, so the reserve of a full disk is there for this, too. */
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
                    "The database has another history: event {}, the last one known here, is not in it any more. Tokens are"
                            + " refused until everything is read again",
                    known.sequence());
        }
        startingOver = true;
        database.reconnect();
        // First the place, then the reading: what comes in between is seen twice rather than never.
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

    /** Not inside a look, because it writes. Until it succeeds, the log is not current. */
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
                // From here on the witness goes on with the new history; what it has of the lost one stays beside it.
                // At
                // once, so that it is never behind while tokens count.
                known = common;
                lostFrom = null;
                look();
            } finally {
                delivering.unlock();
            }
            log.info("The history of the database has been read again; tokens count again");
        } finally {
            recovering.unlock();
        }
    }

    private void catchUp() {
        troubled = database.isAnother();
        if (troubled) {
            // What this file says does not count; it has been said in the log.
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
