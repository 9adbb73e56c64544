package dev.latchkey.event;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.lane.Timetable;
import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
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

    /** Lists of events are counted up to this number. */
    public static final int MOST_COUNTED = EventSearchStore.MOST_COUNTED;

    private static final String NARROWER = "by a time (from, until), an actor or a target";

    /** How long a node keeps using what it knows when it does not hear from the database, unless set otherwise. */
    public static final Duration USUAL_LEASE = Duration.ofSeconds(5);

    /** Anything shorter cannot be told from a pause. */
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    private final Database database;
    private final Clock clock;
    private final EventStore store;
    private final History history;
    /** Where the database ended when this node started. A witness may know of more, until the log begins. */
    private final Position atStart;

    private final Delivery delivery;
    private final Recovering recovering;
    private final Supplier<Duration> lease;
    /** A timetable of its own, because the log is read until everything else is closed, and by commands, too. */
    private final Timetable timetable = new Timetable();

    private final Timetable.Entry nextLook;
    private volatile boolean troubled;

    /**
     * @param witness null for a command, or where it cannot be written
     * @param lease how long, at the moment, the log stays current without hearing from the database
     */
    public EventLog(
            Database database, MasterKey masterKey, @Nullable Witness witness, Supplier<Duration> lease, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.store = new EventStore(masterKey);
        this.history = new History(database, store);
        this.lease = lease;
        this.atStart = history.end();
        this.delivery = new Delivery(database, store, history, witness, this::lookSoon);
        this.recovering = new Recovering(delivery, witness);
        database.lastInEach(this::followBeforeAnswer);
        this.nextLook = timetable.every(
                CATCH_UP, "event-log", this::catchUp, "The log's events cannot be passed on now; trying again");
    }

    /** A log without a witness. */
    public EventLog(Database database, MasterKey masterKey, Clock clock) {
        this(database, masterKey, null, () -> USUAL_LEASE, clock);
    }

    private void lookSoon() {
        nextLook.soon();
    }

    /** The end of the history that the handle sees. */
    public static HistoryEnd end(Handle handle) {
        return EventStore.end(handle);
    }

    /** Appends an event to the open transaction; it exists exactly when the transaction's changes do. */
    public Event append(Transaction transaction, Actor actor, EventType type, Target target, List<Change> changes) {
        recovering.requireMayWrite();
        Instant now = clock.instant();
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
                delivery.look();
                recovering.await();
                delivery.requireKept(found);
            });
        }
    }

    /**
     * Calls the follower for every event from now on, in order, on the thread that made the change. After a failure it
     * is called again for the same event. It may read the database and must not write.
     *
     * @param startOver forgets what the follower keeps and reads it again, because the database no longer has the
     *     events that it was called for
     */
    public void follow(Consumer<Event> follower, Runnable startOver) {
        delivery.add(follower, startOver);
    }

    /**
     * Compares the history with the witness, now that all followers are added, and from now on whenever the history
     * changes. Before it returns, it ends again what a restored or failed-over database brought back. If that fails,
     * the log is not current until it succeeds.
     *
     * @throws UnusableDatabaseException when the recorded end of the log is not its last event
     */
    public void begin(Recovery recovery) {
        if (!history.endsWhereItSays()) {
            throw new UnusableDatabaseException(
                    "The audit log in the database does not end at its recorded end: events, or the record of the"
                            + " last one, were changed by hand. Restore a backup. To see where the log is broken,"
                            + " run \"latchkey audit verify\".",
                    null);
        }
        recovering.begin(recovery);
        try {
            delivery.look();
            recovering.recover();
        } catch (RuntimeException e) {
            log.warn(
                    "The history of the database cannot be compared with the witness. Tokens are refused until it"
                            + " is",
                    e);
        }
    }

    /**
     * Whether the followers know all changes up to a moment ago. If not (the database or a follower fails, and other
     * nodes may have revoked what this one remembers), the only safe decision is to refuse.
     */
    public boolean isCurrent() {
        // This version does not understand what a newer one changes, however long the lease is.
        long leaseNanos = Math.max(SHORTEST_LEASE.toNanos(), lease.get().toNanos());
        long mostNanos = database.hasOtherSchema() ? Math.min(leaseNanos, USUAL_LEASE.toNanos()) : leaseNanos;
        return !troubled && delivery.isCurrent(mostNanos);
    }

    /** How far this node has read the log, for monitoring. */
    public LogFigures figures() {
        return delivery.figures(isCurrent());
    }

    /** The last event that this node knows, for {@link #requireContinues}. */
    public Position known() {
        return delivery.known();
    }

    /**
     * Refuses what was read from a database whose history is not the one that this node knows, even before the next
     * poll of the log.
     *
     * @param known what was known before the reading
     * @param end where the history ended that was read
     * @throws Problem 503 when it ended before what was known, or differently
     */
    public void requireContinues(Position known, Position end) {
        if (end.sequence() < known.sequence()
                || (end.sequence() == known.sequence() && !end.hash().equals(known.hash()))) {
            nextLook.soon();
            throw History.hasChanged();
        }
    }

    /**
     * Reads what a follower keeps, but only from the history that this node knows: a transaction that waited for a
     * restore can see empty tables.
     *
     * @throws Problem 503 when the database has another history, or cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        Position before = recovering.hasBegun() ? delivery.known() : atStart;
        return database.readToFollow(handle -> {
            T found = work.apply(handle);
            Position end = EventStore.end(handle).position();
            if (recovering.hasBegun()) {
                requireContinues(before, end);
            } else if (end.sequence() == 0 && before.sequence() > 0) {
                // A changed history is noticed when the log begins, and everything is read again. Empty tables are not
                // noticed.
                throw History.hasChanged();
            }
            return found;
        });
    }

    /** Why the log is not current, as a sentence for the operator; empty when it is. */
    public Optional<String> trouble() {
        if (delivery.lostFrom() != null) {
            return Optional.of("The history of the database has changed (a failover or a restored copy). Latchkey is"
                    + " reading it again and ending again what had been ended.");
        }
        Optional<String> trouble = database.trouble();
        if (trouble.isPresent()) {
            return trouble;
        }
        return isCurrent() ? Optional.empty() : Optional.of("The events of other nodes cannot be read.");
    }

    /** The newest events first. */
    public Page<Event> list(EventFilter filter, Page.Request page) {
        return database.search(NARROWER, handle -> new EventSearchStore(handle, filter).list(page));
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

    /** The history that the database has now, to compare with places that are known from elsewhere. */
    public History history() {
        return history;
    }

    /** @param own the last event of the change that is about to be answered */
    private void deliver(Position own) {
        if (delivery.isOfThisThread()) {
            throw new IllegalStateException("a follower of the log must not write");
        }
        try {
            delivery.look();
            recovering.await();
        } catch (RuntimeException e) {
            delivery.fallBehind();
            throw e;
        }
        delivery.requireKept(own);
    }

    private void catchUp() {
        troubled = database.isAnother();
        if (troubled) {
            // What this file says must not be trusted; the log already says so.
            return;
        }
        delivery.look();
        recovering.recover();
    }

    @Override
    public void close() {
        timetable.close();
    }
}
