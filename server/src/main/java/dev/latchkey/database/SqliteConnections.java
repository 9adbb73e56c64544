package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/** How connections to a SQLite file are opened: with what settings, and never to a file that does not exist. */
final class SqliteConnections {
    private static final int TIMEOUT_MILLIS = 10_000;

    /** Only another program can hold the lock; with the wait for other changes, five seconds at most. */
    private static final int BUSY_TIMEOUT_MILLIS = 2_000;

    /** For each connection, at most: enough for the upper levels of the indexes of ten million tokens. */
    private static final int CACHE_KIB = 16 * 1024;

    private SqliteConnections() {}

    /** The settings of a connection of the running service. */
    static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setCacheSize(-CACHE_KIB);
        return config;
    }

    /** For a file that exists: where it was removed, SQLite would create an empty database and use that. */
    static SQLiteDataSource source(Path file, SQLiteConfig config) {
        SqliteCode.load();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    static HikariConfig pool(String name, int size, Path file, SQLiteConfig config) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setDataSource(source(file, config));
        hikari.setMaximumPoolSize(size);
        hikari.setMinimumIdle(1);
        hikari.setMaxLifetime(0);
        hikari.setConnectionTimeout(TIMEOUT_MILLIS);
        return hikari;
    }

    /**
     * Connects without the pool, which would try again for seconds, log at length, and hide the reason. A full disk
     * must not keep the service from starting, because tokens can still be checked; SQLite needs a little space to open
     * the file.
     */
    static Connection connected(Path file, DiskRoom room) {
        try {
            return connected(file);
        } catch (SQLException e) {
            if (!room.isFull()) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            room.releaseReserve();
            try {
                return connected(file);
            } catch (SQLException again) {
                throw new IllegalStateException(room.shortage().orElse("") + " " + again.getMessage(), again);
            }
        }
    }

    /** A connection that has read from the file. */
    static Connection connected(Path file) throws SQLException {
        Connection connection = source(file, config()).getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("select count(*) from sqlite_schema");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
