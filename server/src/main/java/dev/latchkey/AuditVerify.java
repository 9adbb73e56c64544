package dev.latchkey;

import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventLog.Verification;
import java.io.PrintStream;
import java.time.Clock;

/** {@code latchkey audit verify}: walks the chain of events; it may run beside the service. */
final class AuditVerify {
    private final Settings settings;
    private final PrintStream out;

    AuditVerify(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
    }

    /** 0 when the log is whole, 1 when it is not. */
    int run() {
        try (Database database = Database.open(Server.existing(settings))) {
            MasterKey masterKey = Server.masterKey(settings, database);
            try (EventLog log = new EventLog(database, masterKey, Clock.systemUTC())) {
                return switch (log.verify()) {
                    case Verification.Whole whole -> {
                        out.println("The audit log is whole: " + whole.events() + " events, none missing or altered.");
                        yield 0;
                    }
                    case Verification.Broken broken -> {
                        out.println(
                                "The audit log is broken at event " + broken.sequence() + ": " + broken.reason() + ".");
                        yield 1;
                    }
                };
            }
        }
    }
}
