package dev.latchkey;

import dev.latchkey.apitoken.ApiTokenUpkeep;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import java.io.PrintStream;
import java.util.Optional;

/**
 * {@code latchkey repair}: repairs the counts of tokens and the search index, and says what was wrong. With SQLite the
 * service must be stopped; with PostgreSQL it may be running.
 */
final class Repair {
    private static final Actor.System ACTOR = new Actor.System("repair", null);

    private final Storage storage;
    private final PrintStream out;

    Repair(Settings settings, PrintStream out) {
        this.storage = new Storage(settings);
        this.out = out;
    }

    /** Exits 0 when nothing was wrong, 1 when something was and has been repaired. */
    int run() {
        storage.existing();
        try (OpenParts open = new OpenParts()) {
            return run(open);
        }
    }

    private int run(OpenParts open) {
        Database database = storage.open(open);
        MasterKey masterKey = storage.masterKey(database);
        EventLog events = open.add(new EventLog(database, masterKey, SystemClock.UTC));
        ApiTokenUpkeep kept = open.add(new ApiTokenUpkeep(database, events));

        boolean numbersAreRight = mendNumbers(kept);
        boolean indexIsRight = mendSearchIndex(database, kept);
        return numbersAreRight && indexIsRight ? 0 : 1;
    }

    private boolean mendNumbers(ApiTokenUpkeep kept) {
        Optional<String> unreadable = kept.rebuildUnreadableNumbers(ACTOR);
        if (unreadable.isPresent()) {
            out.println(
                    "The counts of API tokens could not be read (" + unreadable.get() + "). They have been rebuilt.");
            return false;
        }
        int wrong = kept.mendNumbers(ACTOR);
        out.println(
                wrong == 0
                        ? "The counts of API tokens are correct."
                        : wrong + " of the counts of API tokens by role and state were wrong and have been corrected.");
        return wrong == 0;
    }

    private boolean mendSearchIndex(Database database, ApiTokenUpkeep kept) {
        Optional<Integer> lacking = kept.lackingInSearchIndex();
        if (database.dialect().isShared() && lacking.isPresent()) {
            // Rebuilding it would make the changes of all nodes wait.
            kept.mendSearchIndex();
        } else {
            database.remakeSearchIndex();
        }
        out.println(
                lacking.isEmpty()
                        ? "The search index could not be read. It has been rebuilt."
                        : lacking.get() > 0
                                ? "The search index lacked API tokens and has been repaired."
                                : database.dialect().isShared()
                                        ? "The search index has all API tokens."
                                        : "The search index has all API tokens. It has been rebuilt anyway.");
        return lacking.equals(Optional.of(0));
    }
}
