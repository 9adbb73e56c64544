package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.SqliteFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/** SQLite in one file: write-ahead log, every commit on the disk before it is answered, one writer, several readers. */
final class Sqlite implements Dialect {
    private static final Logger log = LoggerFactory.getLogger(Sqlite.class);
    private static final int OPENING_MILLIS = 1_000;

    private final SqliteStatements statements = new SqliteStatements();

    /** What is known of the file while it is open. */
    private volatile @Nullable Opened opened;

    /**
     * The open file.
     *
     * @param anchor a connection that stays open as long as the others: without any, SQLite would remove the
     *     write-ahead log
     */
    private record Opened(Connection anchor, SqliteFiles files, DiskRoom room) {}

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address, Duration limit) {
        Path file = ((SqliteFile) address).file();
        DatabaseFile.makeForOwnerOnly(file);
        SQLiteConfig config = SqliteConnections.config();
        // Taking the write lock when the transaction begins, not at the first write, means a transaction never has to
        // be repeated.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        DiskRoom room = new DiskRoom(file);
        Connection anchor = SqliteConnections.connected(file, room);
        opened = new Opened(anchor, new SqliteFiles(file), room);
        keepTemporaryFilesBeside(file, anchor);
        return new HikariDataSource(SqliteConnections.pool("sqlite-writer", 1, file, config));
    }

    private static void keepTemporaryFilesBeside(Path file, Connection anchor) {
        try {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            SqliteTemporaryFiles.keepIn(folder, SqliteTemporaryFiles.usual(), anchor);
        } catch (SQLException e) {
            log.warn("Large sorts may fail, because there is no temporary folder: {}", Reason.of(e));
        }
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        Path file = ((SqliteFile) address).file();
        HikariConfig hikari = SqliteConnections.pool("sqlite-" + name, size, file, SqliteConnections.config());
        // The writer's connection has succeeded; the start need not wait for more.
        hikari.setInitializationFailTimeout(-1);
        hikari.setConnectionInitSql("pragma query_only = on");
        // Opening a file takes no time, or fails; a caller that waits for it occupies a place in the lane.
        hikari.setConnectionTimeout(OPENING_MILLIS);
        return new HikariDataSource(hikari);
    }

    /** Reads compute in this process, so more readers than processors help only by taking turns. */
    @Override
    public Sizes sizes() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new Sizes(Math.clamp(processors, 2, 8), Math.clamp(processors, 2, 8), Math.clamp(processors, 2, 4));
    }

    @Override
    public <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work) {
        if (limit.isZero()) {
            return work.get();
        }
        try (SqliteDeadline deadline = new SqliteDeadline(handle.getConnection(), limit)) {
            return work.get();
        }
    }

    @Override
    public PreparedStatement kept(Connection connection, String sql) throws SQLException {
        return statements.kept(connection, sql);
    }

    /**
     * What failed once may fail forever. While the file cannot be opened at all, though, the connection stays: the pool
     * would try to open another, less and less often, and would take as long again once the file can be read.
     */
    @Override
    public boolean discarded(Connection connection) {
        try {
            statements.discard(connection);
            Opened now = opened;
            if (now != null) {
                SqliteConnections.connected(now.files().database()).close();
            }
            return true;
        } catch (SQLException e) {
            log.debug("No other connection can be opened", e);
            return false;
        }
    }

    @Override
    public Optional<String> trouble() {
        Opened now = opened;
        return now == null ? Optional.empty() : now.files().trouble();
    }

    @Override
    public Optional<DiskRoom> room() {
        return Optional.ofNullable(opened).map(Opened::room);
    }

    /** SQLite says so itself, or fails to write while a file of ours cannot be written either. */
    @Override
    public boolean isFull(SQLException e) {
        DiskRoom room = room().orElse(null);
        if (room == null) {
            return false;
        }
        int code = e.getErrorCode() & 0xff;
        if (code == SQLiteErrorCode.SQLITE_FULL.code) {
            room.noted();
            return true;
        }
        return (code == SQLiteErrorCode.SQLITE_IOERR.code || code == SQLiteErrorCode.SQLITE_CANTOPEN.code)
                && room.isFull();
    }

    /**
     * Keeps the last connection open when the file was replaced: closing it would remove the write-ahead log under the
     * file's name, which then belongs to the other file. Ours goes into the file that was opened, wherever it is now.
     */
    @Override
    public void close() {
        Opened now = opened;
        if (now == null) {
            return;
        }
        opened = null;
        try {
            if (now.files().trouble().isEmpty()) {
                now.anchor().close();
            } else {
                try (Statement statement = now.anchor().createStatement()) {
                    statement.execute("pragma wal_checkpoint(truncate)");
                }
            }
        } catch (SQLException e) {
            log.warn("The database file was not closed cleanly: {}", Reason.of(e));
        }
    }

    /** The transaction began with BEGIN IMMEDIATE. */
    @Override
    public Schema becomeOnlyWriter(Handle handle, Duration limit) {
        return Schema.of(handle);
    }

    @Override
    public Look look(Handle handle, Duration limit) {
        return new Look(Schema.of(handle), false);
    }

    @Override
    public DataSource schemaSource(DatabaseAddress address, HikariDataSource writers) {
        return writers;
    }

    /** The data folder has one process at a time. */
    @Override
    public void aloneOn(DataSource schemaSource, Runnable work) {
        work.run();
    }

    @Override
    public boolean isLost(SQLException e) {
        return false;
    }

    @Override
    public void keepStatistics(Handle handle) {
        // Analyses tables that have grown to many times their size: half a second for each million rows. Not by a
        // sample, which would mistake a role that all tokens have for one that few have.
        handle.execute("pragma optimize = 0x10002");
    }

    @Override
    public boolean isTooLong(SQLException e) {
        return (e.getErrorCode() & 0xff) == SQLiteErrorCode.SQLITE_INTERRUPT.code;
    }

    @Override
    public boolean isUnavailable(SQLException e) {
        int primaryCode = e.getErrorCode() & 0xff;
        return switch (primaryCode) {
            // BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB
            case 5, 6, 7, 8, 10, 11, 13, 14, 15, 26 -> true;
            default -> e instanceof SQLTransientException;
        };
    }

    @Override
    public SearchIndex searchIndex() {
        return new SqliteSearchIndex();
    }

    @Override
    public String openingAdvice(String reason) {
        return "Check that the file is Latchkey's, that its folder is writable, and that the disk is not full.";
    }
}
