package dev.latchkey.database;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * A whole database as it is at one moment, in one file: made of a database in use, and put back into an empty place. Each
 * engine does both with what it brings for that.
 */
public sealed interface DatabaseCopy permits SqliteCopy, PostgresqlCopy {

    /** How this database is copied. */
    static DatabaseCopy of(DatabaseAddress address) {
        return switch (address) {
            case DatabaseAddress.SqliteFile(Path file) -> new SqliteCopy(file);
            case DatabaseAddress.PostgresqlUrl postgresql -> new PostgresqlCopy(postgresql);
        };
    }

    /** The engine's name, as backups call it. */
    String engine();

    /** What the copy is called inside a backup. */
    String fileName();

    /**
     * Copies the database while it is in use; changes go on meanwhile.
     *
     * @param file that does not exist yet
     * @param facts reads what it wants to know of the very moment that is copied
     * @throws UnusableDatabaseException when that cannot be done; the message says why
     */
    <T> T make(Path file, Function<Handle, T> facts);

    /**
     * Whether nothing is there that a copy could overwrite.
     *
     * @throws UnusableDatabaseException when that cannot be told
     */
    boolean isEmpty();

    /**
     * Puts the copy back, whole or not at all.
     *
     * @param complete is given the address of the restored database, and completes it before anybody else can find it, where the engine allows for that
     * @throws UnusableDatabaseException when that cannot be done; the message says why
     */
    void putBack(CopySource source, Consumer<DatabaseAddress> complete);

    /** Writes the copy to a file. */
    @FunctionalInterface
    interface CopySource {
        void writeTo(Path file) throws IOException;
    }

    /** The newest migration that the database knows. */
    static String schemaVersion(Handle handle) {
        return handle.createQuery("select version from " + Database.HISTORY
                        + " where version is not null order by installed_rank desc" + " limit 1")
                .mapTo(String.class)
                .findOne()
                .orElse("");
    }
}
