package dev.latchkey.backup;

import dev.latchkey.crypto.KeyCheck;
import dev.latchkey.crypto.MasterKey;
import dev.latchkey.crypto.UnusableKeyException;
import dev.latchkey.database.Database;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.DatabaseCopy;
import dev.latchkey.database.Reason;
import dev.latchkey.database.UnusableDatabaseException;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.HistoryEnd;
import dev.latchkey.event.HistoryRecovery;
import dev.latchkey.event.Position;
import dev.latchkey.event.Witness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Makes, checks and restores backups. */
public final class Backups {
    /** The folder of the witness in a backup. */
    private static final String WITNESS = "witness/";

    private final String version;
    private final Clock clock;

    /** @param version of Latchkey, for the manifest */
    public Backups(String version, Clock clock) {
        this.version = version;
        this.clock = clock;
    }

    /** Facts about the moment that was copied. */
    private record Moment(
            HistoryEnd end, String schema, @Nullable String sealedCheck) {}

    /**
     * Makes a backup of a database, which may be in use.
     *
     * @param witness this node's witness, which may be missing
     * @param file a file that does not exist yet; its folder must have room for the database twice
     * @throws UnusableBackupException when it cannot be written
     */
    public Manifest make(DatabaseAddress address, Path witness, Path file) {
        if (Files.exists(file)) {
            throw new UnusableBackupException(file + " already exists. Use a new name for each backup.", null);
        }
        DatabaseCopy database = DatabaseCopy.of(address);
        Path copy = file.resolveSibling(file.getFileName() + ".database");
        Path witnessed = file.resolveSibling(file.getFileName() + ".witness");
        try {
            delete(copy);
            delete(witnessed);
            // The witness is copied before the database, so that it has no event that the copy lacks.
            if (Witness.isIn(witness)) {
                Witness.copy(witness, witnessed);
            }
            Instant now = clock.instant();
            Moment moment = database.make(
                    copy,
                    handle -> new Moment(
                            EventLog.end(handle), DatabaseCopy.schemaVersion(handle), KeyCheck.sealedCheck(handle)));
            HistoryEnd end = moment.end();
            return BackupFile.write(
                    file,
                    contents(database.fileName(), copy, witnessed),
                    entries -> new Manifest(
                            Manifest.FORMAT,
                            database.engine(),
                            version,
                            now,
                            moment.schema(),
                            moment.sealedCheck(),
                            end.position().sequence(),
                            end.position().hash(),
                            end.at(),
                            entries));
        } catch (IOException e) {
            throw new UnusableBackupException("The backup " + file + " cannot be written: " + Reason.of(e) + ".", e);
        } finally {
            delete(copy);
            delete(witnessed);
        }
    }

    /**
     * Leaves a mark of a backup in the database that it was made of, so that the nodes know how old it is.
     *
     * @return why that was not possible, which does not make the backup worse; empty when it was
     */
    public Optional<String> leaveMark(DatabaseAddress address, Manifest made) {
        try {
            DatabaseCopy.of(address)
                    .note(handle -> BackupMarkStore.leave(
                            handle, new BackupMark(made.madeAt(), made.latchkey(), made.lastSequence())));
            return Optional.empty();
        } catch (JdbiException | UnusableDatabaseException e) {
            return Optional.of(Reason.of(e));
        }
    }

    /** The last backup that was made with this command, as far as the database knows. */
    public static Optional<BackupMark> last(Handle handle) {
        return BackupMarkStore.last(handle);
    }

    private static Map<String, Path> contents(String name, Path copy, Path witness) throws IOException {
        Map<String, Path> contents = new LinkedHashMap<>();
        contents.put(name, copy);
        for (Path segment : Witness.segmentsIn(witness)) {
            contents.put(WITNESS + segment.getFileName(), segment);
        }
        return contents;
    }

    /**
     * Reads a whole backup and compares its checksums.
     *
     * @throws UnusableBackupException when it is damaged; the message names the place
     */
    public Manifest check(Path file) {
        return BackupFile.check(file);
    }

    /**
     * What was restored.
     *
     * @param laterEvents how many later events the witness has, which the next start deals with; empty when no witness
     *     has the backup's last event. Both zero and empty mean that it is not known what came after the backup
     */
    public record Restored(Manifest manifest, OptionalInt laterEvents) {}

    /**
     * Restores a backup into an empty place, on which no service runs.
     *
     * @param ownWitness where this node's witness belongs; an earlier one may already be in that place
     * @param givenWitness a later witness, such as another node's; null for none
     * @throws UnusableBackupException when the backup is damaged, the place is not empty, or something does not match;
     *     nothing is changed then
     * @throws UnusableKeyException when the master key is not the backup's
     */
    public Restored restore(
            Path file, DatabaseAddress address, MasterKey masterKey, Path ownWitness, @Nullable Path givenWitness) {
        Manifest manifest = BackupFile.check(file);
        DatabaseCopy database = DatabaseCopy.of(address);
        requireFit(file, manifest, database, masterKey);
        if (!database.isEmpty()) {
            throw new UnusableBackupException(
                    "There is already a database at " + address.shown()
                            + ". Move it away with the files that belong to it: a backup can only be restored into"
                            + " an empty place.",
                    null);
        }
        Manifest.Entry copy = manifest.entries().stream()
                .filter(each -> each.name().equals(database.fileName()))
                .findFirst()
                .orElseThrow(() ->
                        new UnusableBackupException(file + " does not contain " + database.fileName() + ".", null));
        // The hash root is in the database, and the chain of events is keyed with it, so a witness can be read only
        // once the database is restored.
        Later[] later = {Later.NOTHING};
        database.putBack(
                target -> BackupFile.extract(file, copy, target),
                restored -> later[0] = complete(restored, manifest, masterKey, ownWitness, givenWitness));
        try {
            placeWitness(file, manifest, ownWitness, later[0].witness());
            return new Restored(manifest, later[0].events());
        } catch (IOException e) {
            throw new UnusableBackupException(
                    "The database is restored, but the witness cannot be written to " + ownWitness + ": " + Reason.of(e)
                            + ".",
                    e);
        }
    }

    private static void requireFit(Path file, Manifest manifest, DatabaseCopy database, MasterKey masterKey) {
        if (!manifest.engine().equals(database.engine())) {
            throw new UnusableBackupException(
                    file + " is a backup of " + manifest.engine() + ", but the settings name a database of "
                            + database.engine() + ".",
                    null);
        }
        if (manifest.sealedCheck() != null && !KeyCheck.opens(masterKey, manifest.sealedCheck())) {
            throw new UnusableKeyException(
                    "This backup was made with a different master key. Use the one that was in place at "
                            + manifest.madeAt() + ".",
                    null);
        }
    }

    /** A witness that has what came after the backup, and how many events a witness has from that time. */
    private record Later(@Nullable Path witness, OptionalInt events) {
        static final Later NOTHING = new Later(null, OptionalInt.empty());
    }

    /** Finds out what is known about the time after the backup; if nothing is, notes that in the restored database. */
    private Later complete(
            DatabaseAddress address,
            Manifest manifest,
            MasterKey masterKey,
            Path ownWitness,
            @Nullable Path givenWitness) {
        Position end = new Position(manifest.lastSequence(), manifest.lastHash());
        try (Database database = Database.open(address)) {
            MasterKey fitting = KeyCheck.require(database, masterKey);
            Later later = later(end, fitting, givenWitness == null ? ownWitness : givenWitness);
            if (later.witness() == null) {
                try (EventLog log = new EventLog(database, fitting, clock)) {
                    new HistoryRecovery(database, log, clock, Map.of()).noteRestored(end, manifest.madeAt());
                }
            }
            return later;
        }
    }

    private static Later later(Position end, MasterKey masterKey, Path witness) {
        if (!Witness.isIn(witness)) {
            return Later.NOTHING;
        }
        try {
            List<Position> branch = Witness.read(witness, masterKey).branch();
            // From the first event on it knows everything, even after a backup without any events.
            int place =
                    end.sequence() == 0 && !branch.isEmpty() && branch.getLast().sequence() == 1
                            ? branch.size()
                            : branch.indexOf(end);
            // A witness that ends with the backup may be as old as the backup, so it does not show that nothing came
            // after.
            return place < 0 ? Later.NOTHING : new Later(place == 0 ? null : witness, OptionalInt.of(place));
        } catch (IOException e) {
            throw new UnusableBackupException(
                    "The witness in " + witness + " cannot be read: " + Reason.of(e) + ".", e);
        }
    }

    /**
     * Puts the later witness in this node's place for it, or the backup's if there is no later one. The previous one is
     * kept under another name.
     */
    private void placeWitness(Path file, Manifest manifest, Path ownWitness, @Nullable Path later) throws IOException {
        if (ownWitness.equals(later)) {
            return;
        }
        if (Files.exists(ownWitness)) {
            String name = ownWitness.getFileName() + ".before-restore-"
                    + clock.instant().toEpochMilli();
            Files.move(ownWitness, ownWitness.resolveSibling(name));
        }
        if (later != null) {
            Witness.copy(later, ownWitness);
            return;
        }
        Path draft = Files.createTempDirectory(ownWitness.toAbsolutePath().getParent(), "witness");
        try {
            for (Manifest.Entry entry : manifest.entries()) {
                if (entry.name().startsWith(WITNESS)) {
                    BackupFile.extract(
                            file, entry, draft.resolve(Path.of(entry.name()).getFileName()));
                }
            }
            Witness.copy(draft, ownWitness);
        } finally {
            delete(draft);
        }
    }

    private static void delete(Path draft) {
        try {
            if (Files.isDirectory(draft)) {
                try (Stream<Path> files = Files.list(draft)) {
                    for (Path each : files.toList()) {
                        Files.delete(each);
                    }
                }
            }
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            // Only a draft.
        }
    }
}
