package dev.latchkey.database;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * A copy of a whole database at one moment, in one file: made of a database in use, and restored into an empty place.
 * Each engine does both with its own tools.
 */
public sealed interface DatabaseCopy permits SqliteCopy, PostgresqlCopy {

    /** How this database is copied. */
    static DatabaseCopy of(DatabaseAddress address) {
        return switch (address) {
            case DatabaseAddress.SqliteFile(Path file) -> new SqliteCopy(file);
            case DatabaseAddress.PostgresqlUrl postgresql -> new PostgresqlCopy(postgresql);
        };
    }

    /** The engine's name in backups. */
    String engine();

    /** The copy's file name inside a backup. */
    String fileName();

    /**
     * Copies the database while it is in use; changes continue during the copy.
     *
     * @param file a file that does not exist yet
     * @param facts reads facts about the very state that is copied
     * @throws UnusableDatabaseException when that cannot be done; the message says why
     */
    <T> T make(Path file, Function<Handle, T> facts);

    /**
     * Reads from the database without changing anything, not even its schema; it may be in use.
     *
     * @throws UnusableDatabaseException when it cannot be reached
     * @throws org.jdbi.v3.core.JdbiException when it cannot be read
     */
    <T> T look(Function<Handle, T> work);

    /**
     * Writes a note about a copy into the database, which may be in use. No rule may depend on it: it is written next to the changes
     * of a running service, not among them.
     *
     * @throws UnusableDatabaseException when the database cannot be reached
     * @throws org.jdbi.v3.core.JdbiException when it does not accept the note
     */
    void note(Consumer<Handle> work);

    /**
     * Whether nothing is there that a copy could overwrite.
     *
     * @throws UnusableDatabaseException when that cannot be determined
     */
    boolean isEmpty();

    /**
     * Restores the copy, whole or not at all.
     *
     * @param complete receives the address of the restored database and completes it before others can see it, where
     *     the engine supports that
     * @throws UnusableDatabaseException when that cannot be done; the message says why
     */
    void putBack(CopySource source, Consumer<DatabaseAddress> complete);

    /** Writes the copy to a file. */
    @FunctionalInterface
    interface CopySource {
        void writeTo(Path file) throws IOException;
    }

    /** The database's newest migration. */
    static String schemaVersion(Handle handle) {
        return handle.createQuery("select version from " + Schema.HISTORY
                        + " where version is not null order by installed_rank desc limit 1")
                .mapTo(String.class)
                .findOne()
                .orElse("");
    }
}
