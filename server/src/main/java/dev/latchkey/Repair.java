package dev.latchkey;

import dev.latchkey.apitoken.KeptBeside;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.EventLog;
import java.io.PrintStream;
import java.util.Optional;

/**
 * {@code latchkey repair}: mends what is kept beside the tokens, and says what was wrong. On SQLite the service is stopped
 * meanwhile, on PostgreSQL it may run.
 */
final class Repair {
    private static final Actor.System ACTOR = new Actor.System("repair", null);

    private final Storage storage;
    private final PrintStream out;

    Repair(Settings settings, PrintStream out) {
        this.storage = new Storage(settings);
        this.out = out;
    }

    /** 0 when nothing was wrong, 1 when something was and has been mended. */
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
        KeptBeside kept = open.add(new KeptBeside(database, events));

        boolean numbersAreRight = mendNumbers(kept);
        boolean indexIsRight = mendSearchIndex(database, kept);
        return numbersAreRight && indexIsRight ? 0 : 1;
    }

    private boolean mendNumbers(KeptBeside kept) {
        Optional<String> unreadable = kept.rebuildUnreadableNumbers(ACTOR);
        if (unreadable.isPresent()) {
            out.println("The numbers of API tokens could not be read (" + unreadable.get() + "). They were made anew.");
            return false;
        }
        int wrong = kept.mendNumbers(ACTOR);
        out.println(
                wrong == 0
                        ? "The numbers of API tokens are right."
                        : wrong + " of the numbers of API tokens by role and state were wrong, and have been mended.");
        return wrong == 0;
    }

    private boolean mendSearchIndex(Database database, KeptBeside kept) {
        Optional<Integer> lacking = kept.lackingInSearchIndex();
        if (database.dialect().isShared() && lacking.isPresent()) {
            // Making it anew would keep changes of all nodes waiting.
            kept.mendSearchIndex();
        } else {
            database.remakeSearchIndex();
        }
        out.println(
                lacking.isEmpty()
                        ? "The search index could not be read. It was made anew."
                        : lacking.get() > 0
                                ? "The search index lacked API tokens, and has been mended."
                                : database.dialect().isShared()
                                        ? "The search index has all API tokens."
                                        : "The search index has all API tokens; it was made anew all the same.");
        return lacking.equals(Optional.of(0));
    }
}
