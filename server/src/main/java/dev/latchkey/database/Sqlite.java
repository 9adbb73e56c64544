package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.SqliteFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;

/** SQLite in one file: write-ahead log, every commit on the disk before it is answered, one writer, several readers. */
final class Sqlite implements Dialect {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    /** For each connection, at most: the upper levels of the indexes of ten million tokens. */
    private static final int CACHE_KIB = 16 * 1024;

    /** Compiled statements by the connections of the readers, which live as long as the pool; the driver keeps none. */
    private final Map<Connection, Map<String, PreparedStatement>> kept = new ConcurrentHashMap<>();

    @Override
    public boolean isShared() {
        return false;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address) {
        Path file = ((SqliteFile) address).file();
        makeOwnersOnly(file);
        SQLiteConfig config = config();
        // Taking the write lock at the start, not at the first write, means a transaction never has to be repeated.
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        connectOnce(file);
        return new HikariDataSource(pool("sqlite-writer", 1, file, config));
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        HikariConfig hikari = pool("sqlite-" + name, size, ((SqliteFile) address).file(), config());
        // The writer's connection showed that it goes; the start need not wait for more of them.
        hikari.setInitializationFailTimeout(-1);
        hikari.setConnectionInitSql("pragma query_only = on");
        return new HikariDataSource(hikari);
    }

    /** Reading computes in this process, so there is no use in more readers than processors, but to take turns. */
    @Override
    public Sizes sizes() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new Sizes(Math.clamp(processors, 2, 8), Math.clamp(processors, 2, 8), Math.clamp(processors, 2, 4));
    }

    @Override
    public <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work) {
        try (SqliteDeadline deadline = new SqliteDeadline(handle.getConnection(), limit)) {
            return work.get();
        }
    }

    @Override
    public PreparedStatement kept(Connection connection, String sql) throws SQLException {
        // Not through the pool, which would close it when the connection comes back.
        Connection physical = connection.unwrap(SQLiteConnection.class);
        Map<String, PreparedStatement> statements = kept.computeIfAbsent(physical, unused -> new ConcurrentHashMap<>());
        PreparedStatement known = statements.get(sql);
        if (known == null || known.isClosed()) {
            known = physical.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /** SQLite would make the file readable by everyone; the files that it puts beside it take after it. */
    private static void makeOwnersOnly(Path file) {
        if (file.toString().contains("?")) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot have a question mark in its path. Choose another folder.",
                    null);
        }
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        } catch (FileAlreadyExistsException e) {
            // not the first start
        } catch (IOException e) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot be made. Check that its folder exists and can be written.",
                    e);
        }
    }

    /** The pool would try again for seconds, log at length, and hide the reason. */
    private static void connectOnce(Path file) {
        try (Connection connection = source(file, config()).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select count(*) from sqlite_schema");
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static SQLiteDataSource source(Path file, SQLiteConfig config) {
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
        hikari.setConnectionTimeout(10_000);
        return hikari;
    }

    @Override
    public void becomeOnlyWriter(Handle handle) {
        // The transaction began with BEGIN IMMEDIATE.
    }

    @Override
    public void keepStatistics(Handle handle) {
        // Tables that have grown to many times their size: half a second for each million rows. Not by a sample, which
        // takes a role that all tokens have for one that few have.
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
    public String openingAdvice() {
        return "Check that the file is Latchkey's, that its folder can be written, and that the disk is not full.";
    }
}
