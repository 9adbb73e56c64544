package dev.latchkey.event;

import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import dev.latchkey.problem.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The history that the database has now, to compare with places that are known from elsewhere, such as a witness. */
public final class History {
    private static final int BATCH = 500;

    private final Database database;
    private final EventStore store;

    History(Database database, EventStore store) {
        this.database = database;
        this.store = store;
    }

    /** Refuses what would rest on a history that is not the one that was known. */
    static Problem hasChanged() {
        return Problem.unavailable("The history of the database has changed. Try again in a moment.", null);
    }

    /** The last event of the log. */
    Position end() {
        return database.readToFollow(EventStore::end).position();
    }

    /** Whether the database has the event at this place. */
    boolean has(Position place) {
        return database.readToFollow(handle -> store.has(handle, place));
    }

    /** The newest event at or before this sequence. */
    Position before(long sequence) {
        return database.readToFollow(handle -> store.before(handle, sequence));
    }

    /** Whether the recorded end is the last event. */
    boolean endsWhereItSays() {
        return database.readToFollow(store::endsWhereItSays);
    }

    /** When the event at this place was written; null when the database does not have it. */
    @Nullable Instant timeOf(Transaction transaction, Position place) {
        return store.from(transaction.handle(), place.sequence(), 1).stream()
                .filter(row -> row.position().equals(place))
                .map(row -> Instant.ofEpochMilli(row.at()))
                .findFirst()
                .orElse(null);
    }

    /**
     * How many of these places, the newest first, are missing from the database.
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
}
