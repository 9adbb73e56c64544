package dev.latchkey;

import dev.latchkey.backup.Backups;
import dev.latchkey.backup.Manifest;
import dev.latchkey.console.Amounts;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.database.DataFolder;
import dev.latchkey.database.DatabaseAddress;
import java.io.PrintStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** {@code latchkey backup}, {@code latchkey backup check} and {@code latchkey restore}. */
final class Backup {
    private final PrintStream out;
    private final Backups backups = new Backups(Version.current(), SystemClock.UTC);

    Backup(PrintStream out) {
        this.out = out;
    }

    /** Makes a backup, even while the service is running. */
    int make(Settings settings, Path file) {
        Storage storage = new Storage(settings);
        DatabaseAddress address = storage.readable();
        Manifest made = backups.make(address, storage.witness(), file);
        out.println("The backup " + file + " ends at " + end(made)
                + ". Keep it apart from the master key, which is not in it.");
        backups.leaveMark(address, made)
                .ifPresent(reason -> out.println("The mark in the database could not be written (" + reason
                        + "), so the page Health shows an earlier backup or none."));
        return 0;
    }

    int check(Path file) {
        Manifest manifest = backups.check(file);
        out.println("The backup " + file + " is whole. It is a backup of " + manifest.engine() + ", made at "
                + manifest.madeAt() + " by Latchkey " + manifest.latchkey() + ", and ends at " + end(manifest) + ".");
        return 0;
    }

    /** Restores while no service is running; with SQLite, the lock of the data folder ensures that. */
    int restore(Settings settings, Path file, @Nullable Path witness) {
        MasterKey masterKey = settings.get(Setting.MASTER_KEY)
                .map(given -> MasterKey.parse(given, Setting.MASTER_KEY.environmentVariable()))
                .orElseGet(() -> MasterKey.load(settings.masterKeyFile()));
        Storage storage = new Storage(settings);
        try (DataFolder folder = DataFolder.open(storage.folder())) {
            DatabaseAddress address = storage.address();
            Backups.Restored restored = backups.restore(file, address, masterKey, storage.witness(), witness);
            Manifest manifest = restored.manifest();
            out.println("Restored to " + address.shown() + ". This copy ends at " + end(manifest) + ".");
            int later = restored.laterEvents().orElse(0);
            if (later > 0) {
                out.println("The witness has " + Amounts.of(later, "later event") + ". The next start ends again what "
                        + (later == 1 ? "it" : "they") + " ended, and lists the rest: latchkey audit lost.");
            } else {
                if (restored.laterEvents().isPresent()) {
                    out.println("The witness ends where the backup ends, so it has no later events.");
                } else if (witness != null) {
                    out.println("The witness in " + witness + " does not continue the backup: it belongs to"
                            + " another installation, is too old, or begins later. It was not used.");
                }
                out.println(
                        "Later changes are lost, and it is not known what they were: tokens that were revoked since then are"
                                + " valid again. The console says so until an administrator confirms it, and offers to revoke all"
                                + " tokens that were used or created after a given time. If another node, or the old disk, still has"
                                + " a folder " + Storage.WITNESS + ", restore again with --witness.");
            }
            return 0;
        }
    }

    private static String end(Manifest manifest) {
        return manifest.lastAt() == null
                ? "the beginning, before the first event"
                : "event " + manifest.lastSequence() + " of " + manifest.lastAt();
    }
}
