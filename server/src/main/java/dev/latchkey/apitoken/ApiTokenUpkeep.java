package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiTokenCountStore.Key;
import dev.latchkey.database.Database;
import dev.latchkey.database.Reason;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.database.Transaction;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Target;
import dev.latchkey.event.TargetKind;
import dev.latchkey.lane.Lane;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repairs what is derived from the API tokens, their numbers and the search index: at each start, when a change had to leave
 * something out, and when an operator asks. A node of an older version next to newer ones, or someone who edits the database by
 * hand, leaves them wrong.
 *
 * <p>Counting reads a snapshot of the database and blocks no one. A number stays wrong by the same amount while others change it
 * correctly, so the difference is added to its current value, in a short transaction. The event of this repair informs other nodes
 * that are counting at the same time.
 */
public final class ApiTokenUpkeep implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ApiTokenUpkeep.class);
    private static final Actor.System ACTOR = new Actor.System("upkeep", null);
    private static final EventType MEND = EventType.API_TOKEN_COUNT_MEND;
    private static final int ATTEMPTS = 5;

    /** The event lists at most this many numbers; a lost table has one for each role. */
    private static final int NAMED = 50;

    /** This many tokens are added to the search index in one transaction, so that others do not wait long. */
    private static final int TOGETHER = 1_000;

    private static final Duration STOPPING = Duration.ofSeconds(2);

    private final Database database;
    private final EventLog events;
    private final AtomicLong leftOut = new AtomicLong(-1);

    /** Reads everything, with the processor time that is left over. */
    private final Lane lane =
            new Lane("upkeep", Lane.Pace.GIVING_WAY, new Lane.Bounds(1, 1, Duration.ofMinutes(10)), Problem::busy);

    private volatile @Nullable Thread background;
    private volatile boolean closed;

    public ApiTokenUpkeep(Database database, EventLog events) {
        this.database = database;
        this.events = events;
    }

    /** The lane in which everything is read, for monitoring. */
    public Lane.Figures lane() {
        return lane.figures();
    }

    private record Counted(long upTo, Map<Key, Long> missing) {}

    /** Checks again when in doubt: after a start, and when a change had to leave something out. */
    public void keepUp() {
        long times = database.timesLeftOut();
        if (leftOut.getAndSet(times) == times) {
            return;
        }
        try {
            mendNumbers(ACTOR);
            if (database.dialect().isShared()) {
                mendSearchIndex();
            }
        } catch (RuntimeException e) {
            leftOut.set(-1);
            if (!closed) {
                log.warn(
                        "The API tokens cannot be counted at the moment ({}). If this continues, run: latchkey repair",
                        Reason.of(e));
            }
        }
    }

    /** {@link #keepUp} on a thread of its own, without waiting for it. */
    public void keepUpInBackground() {
        Thread before = background;
        if (before == null || !before.isAlive()) {
            background = Thread.ofVirtual().name("upkeep").start(this::keepUp);
        }
    }

    /**
     * Counts the tokens, and repairs wrong numbers.
     *
     * @return how many were wrong
     */
    public int mendNumbers(Actor actor) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Counted counted = lane.run(() -> database.readAtLength(
                    handle -> new Counted(events.lastSequence(handle), ApiTokenCountStore.missing(handle))));
            int wrong = counted.missing().size();
            if (wrong == 0) {
                return 0;
            }
            if (mend(actor, counted)) {
                log.warn("Numbers of API tokens by role and state that were wrong, and have been repaired: {}", wrong);
                return wrong;
            }
        }
        throw Problem.unavailable("Another node is repairing the numbers of API tokens.", null);
    }

    private boolean mend(Actor actor, Counted counted) {
        return database.<Boolean>write(transaction -> {
            if (events.hasSince(transaction.handle(), counted.upTo(), MEND)) {
                return false;
            }
            counted.missing()
                    .forEach((key, more) -> ApiTokenCountStore.add(transaction, key.role(), key.state(), more));
            List<Change> changes = counted.missing().entrySet().stream()
                    .limit(NAMED)
                    .map(entry -> Change.set(
                            entry.getKey().state() + " tokens of "
                                    + entry.getKey().role(),
                            (entry.getValue() > 0 ? "+" : "") + entry.getValue()))
                    .toList();
            note(transaction, actor, changes);
            return true;
        });
    }

    private void note(Transaction transaction, Actor actor, List<Change> changes) {
        Target target = new Target(TargetKind.API_TOKEN_COUNT, "api_token_count", "numbers of API tokens");
        events.append(transaction, actor, MEND, target, changes);
    }

    /**
     * Repeats the count into a new table if the numbers cannot be read at all. Changes wait for it.
     *
     * @return what was wrong; empty when they can be read
     */
    public Optional<String> rebuildUnreadableNumbers(Actor actor) {
        try {
            database.<Map<Key, Long>>readAtLength(ApiTokenCountStore::missing);
            return Optional.empty();
        } catch (JdbiException | Problem e) {
            database.change(transaction -> {
                ApiTokenCountStore.rebuild(transaction);
                note(transaction, actor, List.of(Change.set("numbers", "counted again")));
            });
            return Optional.of(Reason.of(e));
        }
    }

    /** How many tokens the search index lacks, counted up to a limit; empty when it cannot be read. */
    public Optional<Integer> lackingInSearchIndex() {
        SearchIndex index = database.dialect().searchIndex();
        try {
            return Optional.of(database.readAtLength(
                    handle -> index.missing(handle, TOGETHER).size()));
        } catch (JdbiException | Problem e) {
            log.debug("The search index cannot be read", e);
            return Optional.empty();
        }
    }

    /**
     * Adds missing tokens to the search index.
     *
     * @return how many were missing
     */
    public int mendSearchIndex() {
        SearchIndex index = database.dialect().searchIndex();
        int mended = 0;
        while (!closed) {
            Map<String, String> missing =
                    lane.run(() -> database.readAtLength(handle -> index.missing(handle, TOGETHER)));
            if (missing.isEmpty()) {
                break;
            }
            database.change(transaction ->
                    missing.forEach((clientId, text) -> index.add(transaction.handle(), clientId, text)));
            mended += missing.size();
        }
        if (mended > 0) {
            log.warn("{} API tokens were missing from the search index, and have been added", mended);
        }
        return mended;
    }

    /** Stops the count, which would otherwise keep the database from closing cleanly. */
    @Override
    public void close() {
        closed = true;
        Thread running = background;
        if (running != null) {
            try {
                running.join(STOPPING);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        lane.close();
    }
}
