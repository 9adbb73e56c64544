package dev.latchkey;

import dev.latchkey.account.ResetLink;
import dev.latchkey.account.UsersApi;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.event.EventLog;
import dev.latchkey.problem.Problem;
import java.io.PrintStream;

/**
 * {@code latchkey admin reset-link}: prints a one-time link for choosing a new password. With PostgreSQL, nodes may be
 * running; the SQLite file belongs to one process, so there the service must be stopped.
 */
final class AdminResetLink {
    private final Settings settings;
    private final String email;
    private final PrintStream out;
    private final PrintStream err;

    AdminResetLink(Settings settings, String email, PrintStream out, PrintStream err) {
        this.settings = settings;
        this.email = email;
        this.out = out;
        this.err = err;
    }

    /** Exits 0 when it printed the link, 2 when it could not make one for this email address. */
    int run() {
        Storage storage = new Storage(settings);
        DatabaseAddress address = storage.existing();
        try (OpenParts open = new OpenParts()) {
            Database database = settings.database() == null ? storage.open(open) : open.add(Database.open(address));
            MasterKey masterKey = storage.masterKey(database);
            EventLog log = open.add(new EventLog(database, masterKey, SystemClock.UTC));
            String secret = new ResetLink(database, log, masterKey, SystemClock.UTC).make(email);
            out.println(UsersApi.invitationUrl(Addresses.issuer(settings, settings.get(Setting.PORT)), secret));
            return 0;
        } catch (Problem problem) {
            if (problem.status() != 404 && problem.status() != 409) {
                throw problem;
            }
            err.println(problem.detail());
            return 2;
        }
    }
}
