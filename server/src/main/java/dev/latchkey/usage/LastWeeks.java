package dev.latchkey.usage;

import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.database.Database;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Gatherers;
import org.jspecify.annotations.Nullable;

/**
 * Keeps in the row of each token what it did in the last week, so that the list of tokens can be sorted and narrowed by it. Once an
 * hour, one node sums the usage by the day again and writes what has changed: it reads the tokens with calls, however many there
 * are without.
 */
public final class LastWeeks {
    /** About how many rows of each day a step reads, and how many sums. */
    private static final int ROWS = 1_000;

    /** Steps of one turn, which comes every minute. */
    private static final int MOST_STEPS = 20;

    /** Rows of one transaction; a change must not wait for more. */
    private static final int MOST_WRITTEN = 1_000;

    private final Database database;
    private final Clock clock;
    private final int rows;
    private final LastWeekStore store = new LastWeekStore();
    private @Nullable Pass pass;

    /**
     * One walk over all tokens with calls.
     *
     * @param after the client id of the last one that was looked at
     */
    private record Pass(List<Instant> days, String after) {}

    public LastWeeks(Database database, Clock clock) {
        this(database, clock, ROWS);
    }

    LastWeeks(Database database, Clock clock, int rows) {
        this.database = database;
        this.clock = clock;
        this.rows = rows;
    }

    /** Continues the pass of this hour, and begins it if no node has. */
    public synchronized void keepUp() {
        Pass now = pass == null ? begin() : pass;
        // A step that fails is tried again in the next turn.
        pass = now;
        for (int step = 0; now != null && step < MOST_STEPS; step++) {
            now = next(now);
            pass = now;
        }
    }

    private @Nullable Pass begin() {
        Instant now = clock.instant();
        Instant hour = Step.HOUR.start(now);
        Instant begun = database.read(store::begun);
        // One in the future is of a clock that was ahead.
        boolean due = begun.isBefore(hour) || begun.isAfter(Step.HOUR.next(hour));
        if (!due || !database.<Boolean>write(transaction -> store.begin(transaction, begun, hour))) {
            return null;
        }
        // No token has an empty client id: under that one are calls that were counted without their token.
        return new Pass(Span.last(LastWeek.DAYS, Step.DAY, now).starts(), "");
    }

    /** Null when it was the last step. */
    private @Nullable Pass next(Pass now) {
        LastWeekStore.Part part = database.read(handle -> store.next(handle, now.days(), now.after(), rows));
        Map<String, LastWeek> changed =
                database.read(handle -> changed(store.counted(handle, now.days(), part), store.kept(handle, part)));
        // In the order of the table, so that rows of one page are written together.
        changed.entrySet().stream()
                .gather(Gatherers.windowFixed(MOST_WRITTEN))
                .forEach(weeks -> database.change(transaction -> store.keep(transaction, weeks)));
        if (part.last() != null) {
            return new Pass(now.days(), part.last());
        }
        boolean whole = database.read(handle -> store.isWhole(handle, now.days()));
        database.change(transaction -> store.end(transaction, whole));
        return null;
    }

    private static Map<String, LastWeek> changed(Map<String, LastWeek> counted, Map<String, LastWeek> kept) {
        Map<String, LastWeek> changed = new TreeMap<>();
        counted.forEach((clientId, week) -> {
            if (!week.equals(kept.get(clientId))) {
                changed.put(clientId, week);
            }
        });
        kept.keySet().stream()
                .filter(clientId -> !counted.containsKey(clientId))
                .forEach(clientId -> changed.put(clientId, LastWeek.NONE));
        return changed;
    }
}
