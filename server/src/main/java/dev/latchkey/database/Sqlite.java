package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.SqliteFile;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** SQLite in one file: write-ahead log, every commit on the disk before it is answered, one writer, several readers. */
final class Sqlite implements Dialect {
    private static final int READERS = 4;
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address) {
        SQLiteConfig config = config();
        // Taking the write lock at the start, not at the first write, means a transaction never has to be repeated.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        return pool("sqlite-writer", 1, address, config);
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, HikariDataSource writers) {
        SQLiteConfig config = config();
        config.enforceForeignKeys(true);
        return pool("sqlite-reader", READERS, address, config);
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        return config;
    }

    private static HikariDataSource pool(String name, int size, DatabaseAddress address, SQLiteConfig config) {
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + ((SqliteFile) address).file());
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setDataSource(source);
        hikari.setMaximumPoolSize(size);
        hikari.setMinimumIdle(1);
        hikari.setMaxLifetime(0);
        hikari.setConnectionTimeout(10_000);
        return new HikariDataSource(hikari);
    }

    @Override
    public TransactionIsolationLevel readIsolation() {
        return TransactionIsolationLevel.SERIALIZABLE;
    }

    @Override
    public void becomeOnlyWriter(Handle handle) {
        // The transaction began with BEGIN IMMEDIATE.
    }

    @Override
    public boolean isUnavailable(SQLException e) {
        int primaryCode = e.getErrorCode() & 0xff;
        return switch (primaryCode) {
            case 5, 6, 8, 10, 13, 14 -> true; // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN
            default -> e instanceof java.sql.SQLTransientException;
        };
    }

    @Override
    public String openingAdvice() {
        return "Check that the folder exists and can be written, and that the disk is not full.";
    }
}
