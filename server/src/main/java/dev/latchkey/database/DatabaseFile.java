package dev.latchkey.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;

/**
 * The SQLite file of the one process that uses it: locked, so that no second process does; never created again where
 * there was one before; and checked when it was not closed cleanly or is not the file that was closed. When it is
 * closed, after the database, it leaves a mark that lets the next start skip the check.
 */
public final class DatabaseFile implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

    /** The mark next to a closed file, which describes it as it was when it was closed cleanly. */
    static final String CLEAN = "latchkey.clean";

    private static final Duration WORTH_TELLING = Duration.ofSeconds(1);

    private final DataFolder folder;
    private final Path file;

    private DatabaseFile(DataFolder folder, Path file) {
        this.folder = folder;
        this.file = file;
    }

    /**
     * Claims the file in the folder for this process, and creates an empty one on the first start.
     *
     * @param folder one that this process holds, and closes after this
     * @param masterKey where the master key is, or will be
     * @throws UnusableDatabaseException when another process holds it, when it is damaged, or when it is gone; the
     *     message says what to do
     */
    public static DatabaseFile claim(DataFolder folder, String name, Path masterKey) {
        Path file = folder.file(name);
        if (isMissing(file)) {
            requireFirstStart(folder, file, masterKey);
        }
        makeForOwnerOnly(file);
        folder.lock(file);
        DatabaseFile claimed = new DatabaseFile(folder, file);
        if (!claimed.isAsItWasClosed()) {
            claimed.check();
        }
        claimed.forgetMark();
        return claimed;
    }

    public DatabaseAddress address() {
        return new DatabaseAddress.SqliteFile(file);
    }

    private static boolean isMissing(Path file) {
        try {
            return !Files.exists(file) || Files.size(file) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * A first start that is killed leaves an empty database and no master key, because the key is created after the
     * tables. So a key, or anything else that a running Latchkey leaves, shows that there was a database.
     */
    private static void requireFirstStart(DataFolder folder, Path file, Path masterKey) {
        Stream.of(folder.file("master.key"), masterKey, folder.file(file.getFileName() + "-wal"), folder.file(CLEAN))
                .filter(trace -> Files.exists(trace) && folder.holds(trace))
                .findFirst()
                .ifPresent(trace -> {
                    throw new UnusableDatabaseException(
                            "There is no database " + file + ", but " + trace
                                    + " shows that there was one: it was moved"
                                    + " or removed, or its disk is missing. Put it back, or restore a backup. To begin with"
                                    + " an empty database, move " + trace
                                    + " out of the folder (a master key of your own"
                                    + " can be given from elsewhere by LATCHKEY_MASTER_KEY_FILE).",
                            null);
                });
    }

    /**
     * SQLite would create the file readable by everyone; the files that it creates next to it get the same permissions.
     */
    static void makeForOwnerOnly(Path file) {
        if (file.toString().contains("?")) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot have a question mark in its path. Choose another folder.",
                    null);
        }
        try {
            Files.createFile(file, OwnersOnly.file(file));
        } catch (FileAlreadyExistsException e) {
            // not the first start
        } catch (IOException e) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot be created (" + Reason.ofFile(e)
                            + "). Check that its folder exists and is writable, and that the disk is not full.",
                    e);
        }
    }

    /** Whether the file is the very one that was closed cleanly, with nothing added next to it. */
    private boolean isAsItWasClosed() {
        if (isMissing(file)) {
            return true;
        }
        try {
            Path writeAhead = file.resolveSibling(file.getFileName() + "-wal");
            return (!Files.exists(writeAhead) || Files.size(writeAhead) == 0)
                    && Files.readString(folder.file(CLEAN)).equals(mark());
        } catch (IOException e) {
            return false;
        }
    }

    /** Attributes that cannot stay the same when the file is written or replaced. */
    private String mark() throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        Map<String, Object> attributes = new TreeMap<>(Files.readAttributes(
                file, unix ? "unix:ino,dev,size,lastModifiedTime,ctime" : "size,lastModifiedTime"));
        return attributes + "\n";
    }

    private void forgetMark() {
        try {
            Files.deleteIfExists(folder.file(CLEAN));
        } catch (IOException e) {
            // Once the file changes, the mark no longer matches it.
            log.debug("The mark of a clean shutdown cannot be removed", e);
        }
    }

    /**
     * Reads every page. The connection is read-only: closing the last writable one moves the write-ahead log into the
     * database, and both would be lost if they do not belong together.
     */
    private void check() {
        long began = System.nanoTime();
        log.info("The database file {} was not closed cleanly, or was replaced: checking it", file);
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        Optional<String> finding;
        try (Connection connection = SqliteConnections.source(file, config).getConnection();
                Statement statement = connection.createStatement();
                ResultSet findings = statement.executeQuery("pragma quick_check(1)")) {
            finding = findings.next() && !findings.getString(1).equals("ok")
                    ? Optional.of(oneLine(findings.getString(1)))
                    : Optional.empty();
        } catch (SQLException e) {
            if (!isDamage(e)) {
                throw new UnusableDatabaseException(
                        "The database file " + file + " cannot be checked: " + Reason.of(e)
                                + ". Check its permissions and its disk.",
                        e);
            }
            finding = Optional.of(Reason.of(e));
        }
        finding.ifPresent(first -> {
            throw damaged(file, first);
        });
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (took.compareTo(WORTH_TELLING) > 0) {
            log.info("The database file is intact; checking it took {} s", took.toSeconds());
        }
    }

    private static boolean isDamage(SQLException e) {
        int code = e.getErrorCode() & 0xff;
        return code == SQLiteErrorCode.SQLITE_CORRUPT.code || code == SQLiteErrorCode.SQLITE_NOTADB.code;
    }

    static UnusableDatabaseException damaged(Path file, String finding) {
        return new UnusableDatabaseException(
                "The database file " + file + " is damaged (" + finding
                        + "). Nothing was changed. Keep a copy of it and"
                        + " of the files next to it, and restore a backup into an empty folder.",
                null);
    }

    private static String oneLine(@Nullable String finding) {
        return finding == null ? "unknown" : finding.strip().replaceAll("\\s*\\R\\s*", ": ");
    }

    /** Marks the file as closed cleanly, if it was: SQLite's last connection removes the write-ahead log. */
    @Override
    public void close() {
        try {
            if (!isMissing(file) && !Files.exists(file.resolveSibling(file.getFileName() + "-wal"))) {
                Files.writeString(
                        folder.file(CLEAN),
                        mark(),
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE);
            }
        } catch (IOException e) {
            log.info(
                    "The next start will check the database file: the mark of a clean shutdown cannot be written"
                            + " ({})",
                    e.toString());
        }
    }
}
