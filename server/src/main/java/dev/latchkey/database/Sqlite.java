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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteOpenMode;

/** SQLite in one file: write-ahead log, every commit on the disk before it is answered, one writer, several readers. */
final class Sqlite implements Dialect {
    private static final Logger log = LoggerFactory.getLogger(Sqlite.class);
    private static final int CONNECTION_TIMEOUT_MILLIS = 10_000;
    private static final int OPENING_MILLIS = 1_000;

    /** Only another program can hold the lock; with the wait for other changes, five seconds at most. */
    private static final int BUSY_TIMEOUT_MILLIS = 2_000;

    /** For each connection, at most: enough for the upper levels of the indexes of ten million tokens. */
    private static final int CACHE_KIB = 16 * 1024;

    /** The compiled statements of the readers' connections, which live until they fail; the driver keeps none. */
    private final Map<Connection, Map<String, PreparedStatement>> kept = new ConcurrentHashMap<>();

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
    public HikariDataSource writers(DatabaseAddress address) {
        Path file = ((SqliteFile) address).file();
        DatabaseFile.makeForOwnerOnly(file);
        SQLiteConfig config = config();
        // Taking the write lock when the transaction begins, not at the first write, means a transaction never has to
        // be repeated.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        DiskRoom room = new DiskRoom(file);
        Connection anchor = connected(file, room);
        opened = new Opened(anchor, new SqliteFiles(file), room);
        keepTemporaryFilesBeside(file, anchor);
        return new HikariDataSource(pool("sqlite-writer", 1, file, config));
    }

    private static void keepTemporaryFilesBeside(Path file, Connection anchor) {
        try {
            Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent());
            SqliteTemporaryFiles.keepIn(folder, SqliteTemporaryFiles.usual(), anchor);
        } catch (SQLException e) {
            log.warn("Large sorts may fail, because there is no temporary folder: {}", Database.rootMessage(e));
        }
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        HikariConfig hikari = pool("sqlite-" + name, size, ((SqliteFile) address).file(), config());
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
        // Not through the pool, which would close it when the connection is returned.
        Connection physical = connection.unwrap(SQLiteConnection.class);
        Map<String, PreparedStatement> statements = kept.computeIfAbsent(physical, unused -> new ConcurrentHashMap<>());
        PreparedStatement known = statements.get(sql);
        if (known == null || known.isClosed()) {
            known = physical.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /**
     * What failed once may fail forever. While the file cannot be opened at all, though, the connection stays: the pool
     * would try to open another, less and less often, and would take as long again once the file can be read.
     */
    @Override
    public boolean discarded(Connection connection) {
        try {
            Map<String, PreparedStatement> statements = kept.remove(connection.unwrap(SQLiteConnection.class));
            for (PreparedStatement statement :
                    statements == null ? List.<PreparedStatement>of() : statements.values()) {
                statement.close();
            }
            Opened now = opened;
            if (now != null) {
                connected(now.files().database()).close();
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
                && room.isWanting();
    }

    /**
     * Connects without the pool, which would try again for seconds, log at length, and hide the reason. A full disk
     * must not keep the service from starting, because tokens can still be checked; SQLite needs a little space to open
     * the file.
     */
    private static Connection connected(Path file, DiskRoom room) {
        try {
            return connected(file);
        } catch (SQLException e) {
            if (!room.isWanting()) {
                throw new IllegalStateException(e.getMessage(), e);
            }
            room.giveUpReserve();
            try {
                return connected(file);
            } catch (SQLException again) {
                throw new IllegalStateException(room.shortage().orElse("") + " " + again.getMessage(), again);
            }
        }
    }

    private static Connection connected(Path file) throws SQLException {
        Connection connection = source(file, config()).getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("select count(*) from sqlite_schema");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
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
            log.warn("The database file was not closed cleanly: {}", Database.rootMessage(e));
        }
    }

    /** For a file that exists: where it was removed, SQLite would create an empty database and use that. */
    static SQLiteDataSource source(Path file, SQLiteConfig config) {
        SqliteCode.load();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        return source;
    }

    private static SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        config.setCacheSize(-CACHE_KIB);
        return config;
    }

    private static HikariConfig pool(String name, int size, Path file, SQLiteConfig config) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setDataSource(source(file, config));
        hikari.setMaximumPoolSize(size);
        hikari.setMinimumIdle(1);
        hikari.setMaxLifetime(0);
        hikari.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
        return hikari;
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
