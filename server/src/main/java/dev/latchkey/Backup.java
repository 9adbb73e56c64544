package dev.latchkey;

import dev.latchkey.backup.Backups;
import dev.latchkey.backup.Manifest;
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

    /** Makes a backup beside the running service. */
    int make(Settings settings, Path file) {
        Storage storage = new Storage(settings);
        Manifest made = backups.make(storage.readable(), storage.witness(), file);
        out.println("The backup " + file + " ends at " + end(made)
                + ". Keep it apart from the master key, which is not in it.");
        return 0;
    }

    int check(Path file) {
        Manifest manifest = backups.check(file);
        out.println("The backup " + file + " is whole. It is of " + manifest.engine() + ", was made at "
                + manifest.madeAt() + " by Latchkey " + manifest.latchkey() + ", and ends at " + end(manifest) + ".");
        return 0;
    }

    /** Restores where no service runs: on SQLite the lock of the data folder tells. */
    int restore(Settings settings, Path file, @Nullable Path witness) {
        MasterKey masterKey = settings.get(Setting.MASTER_KEY)
                .map(given -> MasterKey.parse(given, Setting.MASTER_KEY.environmentVariable()))
                .orElseGet(() -> MasterKey.load(settings.masterKeyFile()));
        Storage storage = new Storage(settings);
        try (DataFolder folder = DataFolder.open(storage.folder())) {
            DatabaseAddress address = storage.place();
            Backups.Restored restored = backups.restore(file, address, masterKey, storage.witness(), witness);
            Manifest manifest = restored.manifest();
            out.println("Restored to " + address.shown() + ". This copy ends at " + end(manifest) + ".");
            int later = restored.laterEvents().orElse(0);
            if (later > 0) {
                out.println("The witness has " + later + " later events. At the next start, what they ended"
                        + " is ended again, and the others are listed: latchkey audit lost.");
            } else {
                if (restored.laterEvents().isPresent()) {
                    out.println("The witness ends where the backup ends: it has nothing of the time after.");
                } else if (witness != null) {
                    out.println("The witness in " + witness + " does not go on where the backup ends: it is another"
                            + " installation's, too old, or begins later. It was not used.");
                }
                out.println(
                        "Changes after it are not in it, and nobody knows what they were: tokens that were revoked since"
                                + " count again. The console says so until an administrator has confirmed it, and offers to end all"
                                + " tokens that were used or created after a time. If another node, or the old disk, still has a"
                                + " folder " + Storage.WITNESS + ", restore once more with --witness.");
            }
            return 0;
        }
    }

    private static String end(Manifest manifest) {
        return manifest.lastAt() == null
                ? "the beginning, without an event"
                : "event " + manifest.lastSequence() + " of " + manifest.lastAt();
    }
}
