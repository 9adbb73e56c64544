package dev.latchkey.event;

import dev.latchkey.crypto.KeyedHash;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.http.Page;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one log: audit trail, invalidation of caches, and feed. An event is appended in the transaction of the change that
 * it records; when that is durable, and before the change is answered, the followers are called in order.
 */
public final class EventLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLog.class);

    /** How late this node learns of what another node wrote. */
    private static final long CATCH_UP_MILLIS = 200;

    private static final int BATCH = 500;

    /** How old this node's knowledge of other nodes' changes may be before it no longer counts as current. */
    private static final Duration MAX_AGE = Duration.ofSeconds(5);

    private final Database database;
    private final Clock clock;
    private final EventStore store;
    private final boolean shared;
    private final Runnable deliver = this::deliver;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final ReentrantLock delivering = new ReentrantLock();
    private final Thread background;
    private volatile long caughtUpAtNanos;
    private volatile boolean behind;
    private volatile boolean closed;

    /** Each has its own place in the log: one that fails is called again and holds up no other. */
    private static final class Follower {
        private final Consumer<Event> action;
        private long seen;

        Follower(Consumer<Event> action, long seen) {
            this.action = action;
            this.seen = seen;
        }
    }

    public EventLog(Database database, MasterKey masterKey, Clock clock) {
        this.database = database;
        this.clock = clock;
        this.store =
                new EventStore(new KeyedHash(masterKey, "event chain"), new KeyedHash(masterKey, "event chain end"));
        this.shared = database.dialect().isShared();
        this.caughtUpAtNanos = System.nanoTime();
        this.background = Thread.ofPlatform().daemon().name("event-log").start(this::catchUp);
    }

    /** Appends an event to the open transaction; it exists exactly when the transaction's changes do. */
    public Event append(Transaction transaction, Actor actor, String operation, Target target, List<Change> changes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Event event = store.append(transaction, now, actor, operation, target, changes);
        transaction.afterCommit(deliver);
        return event;
    }

    /**
     * Calls the follower for every event from now on, in order, on the thread of whoever made the change; after a
     * failure it is called again for the same event. It may read the database and must not write.
     */
    public void follow(Consumer<Event> follower) {
        delivering.lock();
        try {
            followers.add(
                    new Follower(follower, database.readToFollow(store::head).sequence()));
        } finally {
            delivering.unlock();
        }
    }

    /**
     * Whether the followers know all changes until a moment ago. When not (the database or a follower fails, and other
     * nodes may have revoked what this one still remembers), the only safe answer to "may it?" is no.
     */
    public boolean isCurrent() {
        return shared ? System.nanoTime() - caughtUpAtNanos < MAX_AGE.toNanos() : !behind;
    }

    /** The newest events first. */
    public Page<Event> list(EventFilter filter, Page.Request page) {
        return database.search(
                "by a time (from, until), an actor or a target", handle -> store.list(handle, filter, page));
    }

    /** Walks the whole chain and says whether it is unbroken. */
    public Verification verify() {
        return database.readAtLength(store::verify);
    }

    /** The outcome of walking the chain. */
    public sealed interface Verification {
        record Whole(long events) implements Verification {}

        /** @param sequence the first event that is missing or not as it was written */
        record Broken(long sequence, String reason) implements Verification {}
    }

    private void deliver() {
        if (delivering.isHeldByCurrentThread()) {
            throw new IllegalStateException("a follower of the log must not write");
        }
        delivering.lock();
        try {
            long started = System.nanoTime();
            deliverInOrder();
            behind = false;
            caughtUpAtNanos = started;
        } catch (RuntimeException e) {
            behind = true;
            throw e;
        } finally {
            delivering.unlock();
        }
    }

    private void deliverInOrder() {
        Set<Follower> failed = Collections.newSetFromMap(new IdentityHashMap<>());
        @Nullable RuntimeException failure = null;
        while (true) {
            List<Follower> working =
                    followers.stream().filter(one -> !failed.contains(one)).toList();
            if (working.isEmpty()) {
                break;
            }
            long from = working.stream().mapToLong(one -> one.seen).min().orElseThrow();
            List<Event> batch = database.readToFollow(handle -> store.after(handle, from, BATCH));
            for (Follower follower : working) {
                try {
                    for (Event event : batch) {
                        if (event.sequence() > follower.seen) {
                            follower.action.accept(event);
                            follower.seen = event.sequence();
                        }
                    }
                } catch (RuntimeException e) {
                    failed.add(follower);
                    failure = e;
                }
            }
            if (batch.size() < BATCH) {
                break;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void catchUp() {
        boolean failing = false;
        while (!closed) {
            try {
                Thread.sleep(CATCH_UP_MILLIS);
                if (shared || behind) {
                    deliver();
                }
                failing = false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                if (!failing && !closed) {
                    log.warn("The log's events cannot be passed on now; trying again", e);
                }
                failing = true;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        background.interrupt();
        try {
            background.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
