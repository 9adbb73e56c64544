package dev.latchkey.database;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Which database to open. */
public sealed interface DatabaseAddress {

    /** The dialect that this address speaks. */
    Dialect dialect();

    /** The address as it may appear in a log or an error: without credentials. */
    String shown();

    /** One SQLite file, made on first use. */
    record SqliteFile(Path file) implements DatabaseAddress {
        @Override
        public Dialect dialect() {
            return new Sqlite();
        }

        @Override
        public String shown() {
            return file.toString();
        }
    }

    /**
     * A PostgreSQL database.
     *
     * @param url {@code jdbc:postgresql://host:port/database}, credentials inside it or beside it
     */
    record PostgresqlUrl(
            String url, @Nullable String user, @Nullable String password) implements DatabaseAddress {
        @Override
        public Dialect dialect() {
            return new Postgresql();
        }

        @Override
        public String shown() {
            return url.replaceAll("\\?.*", "").replaceAll("//[^/@]*@", "//");
        }

        @Override
        public String toString() {
            return shown();
        }
    }
}
