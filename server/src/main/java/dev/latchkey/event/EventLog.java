package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.http.Page;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one log: audit trail, invalidation of caches, and feed. An event is appended in the transaction of the change that
 * it records; when that is durable, and before the change is answered, the followers are called in order.
 */
public final class EventLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);

    /** How late this node learns of what another node wrote. */
    private static final long OTHER_NODES_MILLIS = 200;

    private static final int BATCH = 500;

    private final Database database;
    private final Clock clock;
    private final EventStore store;
    private final List<Consumer<Event>> followers = new CopyOnWriteArrayList<>();
    private long delivered;
    private volatile boolean closed;

    public EventLog(Database database, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.store = new EventStore(new KeyedHash(masterKey, "event chain"));
        this.delivered = database.read(store::head).sequence();
        if (database.dialect().isShared()) {
            Thread.ofVirtual().name("event-log").start(this::followOtherNodes);
        }
    }

    /** Appends an event to the open transaction; it exists exactly when the transaction's changes do. */
    public Event append(Transaction transaction, Actor actor, String operation, Target target, List<Change> changes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Event event = store.append(transaction, now, actor, operation, target, changes);
        transaction.afterCommit(this::deliver);
        return event;
    }

    /** Calls the follower for every event from now on, in order, on the thread of whoever made the change. */
    public void follow(Consumer<Event> follower) {
        followers.add(follower);
    }

    /** The newest events first. */
    public Page<Event> list(EventFilter filter, Page.Request page) {
        return database.read(handle -> store.list(handle, filter, page));
    }

    /** Walks the whole chain and says whether it is unbroken. */
    public Verification verify() {
        return database.read(store::verify);
    }

    /** The outcome of walking the chain. */
    public sealed interface Verification {
        record Whole(long events) implements Verification {}

        /** @param sequence the first event that is missing or not as it was written */
        record Broken(long sequence, String reason) implements Verification {}
    }

    private synchronized void deliver() {
        List<Event> batch;
        do {
            batch = database.read(handle -> store.after(handle, delivered, BATCH));
            for (Event event : batch) {
                for (Consumer<Event> follower : followers) {
                    follower.accept(event);
                }
                delivered = event.sequence();
            }
        } while (batch.size() == BATCH);
    }

    private void followOtherNodes() {
        while (!closed) {
            try {
                Thread.sleep(OTHER_NODES_MILLIS);
                deliver();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (!closed) {
                    log.warn("The events of other nodes cannot be read now: {}", e.getMessage());
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
