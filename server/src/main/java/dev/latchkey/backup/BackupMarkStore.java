package dev.latchkey.backup;

import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The statements of the mark that the last backup left. */
final class BackupMarkStore {
    private BackupMarkStore() {}

    static void leave(Handle handle, BackupMark mark) {
        handle.createUpdate("insert into backup_mark (singleton, made_at, latchkey, last_sequence) values (1, :madeAt,"
                        + " :latchkey, :lastSequence) on conflict (singleton) do update set made_at = excluded.made_at,"
                        + " latchkey = excluded.latchkey, last_sequence = excluded.last_sequence")
                .bind("madeAt", mark.madeAt().toEpochMilli())
                .bind("latchkey", mark.latchkey())
                .bind("lastSequence", mark.lastSequence())
                .execute();
    }

    static Optional<BackupMark> last(Handle handle) {
        return handle.createQuery("select made_at, latchkey, last_sequence from backup_mark")
                .map((row, context) -> new BackupMark(
                        Instant.ofEpochMilli(row.getLong("made_at")),
                        row.getString("latchkey"),
                        row.getLong("last_sequence")))
                .findOne();
    }
}
