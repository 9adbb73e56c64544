package dev.latchkey;

import dev.latchkey.console.Amounts;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.LostChange;
import dev.latchkey.event.LostChanges;
import dev.latchkey.event.Position;
import dev.latchkey.event.Verification;
import dev.latchkey.event.Witness;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey audit verify}: checks the chain of events, and compares it with the witness if there is one; the service
 * may be running.
 */
final class AuditVerify {
    private final Settings settings;
    private final PrintStream out;

    AuditVerify(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** Exits 0 when the log is whole, 1 when it is not, 2 when that cannot be determined. */
    int run() {
        Storage storage = new Storage(settings);
        try (Database database = Database.open(storage.readable())) {
            MasterKey masterKey = storage.masterKey(database);
            Clock clock = SystemClock.UTC;
            // The witness first, so that whatever a running service adds in the meantime is at least in the log.
            List<Position> witnessed = witnessed(masterKey);
            try (EventLog log = new EventLog(database, masterKey, clock)) {
                return switch (log.verify()) {
                    case Verification.Whole whole -> compared(log, whole.events(), witnessed, database, clock);
                    case Verification.Broken broken -> {
                        out.println(
                                "The audit log is broken at event " + broken.sequence() + ": " + broken.reason() + ".");
                        yield 1;
                    }
                };
            }
        }
    }

    private int compared(
            EventLog log, long events, @Nullable List<Position> witnessed, Database database, Clock clock) {
        int missing = witnessed == null ? 0 : log.history().lostOf(witnessed);
        if (witnessed != null && missing > 0) {
            out.println("The audit log lacks " + Amounts.of(missing, "event") + " that the witness in " + folder()
                    + " has: "
                    + (missing == 1 ? "" : witnessed.get(missing - 1).sequence() + " to ")
                    + witnessed.getFirst().sequence() + ". It was shortened, replaced or rewritten.");
            return 1;
        }
        String comparison = witnessed == null
                ? " There is no witness in " + folder() + " to compare it with."
                : " The witness in " + folder() + " agrees.";
        out.println(
                "The audit log is whole: " + Amounts.of(events, "event") + ", none missing or altered." + comparison);
        LostChanges lost = new LostChanges(database, log, clock);
        int changes = lost.changes().size();
        if (changes > 0) {
            out.println("The history of the database was replaced before (known cases: " + changes + "), which lost "
                    + Amounts.of(lost.count(null), "known change") + ". "
                    + Amounts.of(lost.count(LostChange.State.OPEN), "lost change is", "lost changes are")
                    + " open. List them with: latchkey audit lost");
        }
        return 0;
    }

    private Path folder() {
        return new Storage(settings).witness();
    }

    private @Nullable List<Position> witnessed(MasterKey masterKey) {
        if (!Witness.isIn(folder())) {
            return null;
        }
        try {
            return Witness.read(folder(), masterKey).branch();
        } catch (IOException e) {
            throw new UnusableSettingsException(
                    List.of("The witness in " + folder() + " cannot be read: " + e.getMessage() + "."));
        }
    }
}
