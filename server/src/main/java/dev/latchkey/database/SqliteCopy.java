package dev.latchkey.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;

/**
 * Copies with {@code vacuum into}: it reads one state, however many changes are made during the copy, and takes as long
 * as reading the file. SQLite's own backup starts again with each change, so it never ends while a service is busy.
 */
final class SqliteCopy implements DatabaseCopy {
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;

    private final Path file;

    SqliteCopy(Path file) {
        this.file = file;
    }

    @Override
    public String engine() {
        return "sqlite";
    }

    @Override
    public String fileName() {
        return "latchkey.db";
    }

    @Override
    public <T> T make(Path copy, Function<Handle, T> facts) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        try (Connection connection = SqliteConnections.source(file, config).getConnection();
                PreparedStatement vacuum = connection.prepareStatement("vacuum into ?")) {
            DatabaseFile.makeForOwnerOnly(copy);
            vacuum.setString(1, copy.toString());
            vacuum.execute();
        } catch (SQLException e) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot be copied to " + copy + ": " + Reason.of(e) + ".", e);
        }
        return Jdbi.create(SqliteConnections.source(copy, new SQLiteConfig())).withHandle(facts::apply);
    }

    @Override
    public <T> T look(Function<Handle, T> work) {
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        return Jdbi.create(SqliteConnections.source(file, config)).withHandle(work::apply);
    }

    @Override
    public void note(Consumer<Handle> work) {
        SQLiteConfig config = new SQLiteConfig();
        config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
        Jdbi.create(SqliteConnections.source(file, config)).useHandle(work::accept);
    }

    @Override
    public boolean isEmpty() {
        return Stream.of("", "-wal", "-shm").noneMatch(more -> Files.exists(Path.of(file + more)));
    }

    @Override
    public void putBack(CopySource source, Consumer<DatabaseAddress> complete) {
        Path draft = Path.of(file + ".restoring");
        try {
            clear(draft);
            DatabaseFile.makeForOwnerOnly(draft);
            source.writeTo(draft);
            requireWhole(draft);
            complete.accept(new DatabaseAddress.SqliteFile(draft));
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            DataFolder.force(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UnusableDatabaseException(
                    "The database file " + file + " cannot be restored (" + Reason.ofFile(e) + ").", e);
        } finally {
            clearQuietly(draft);
        }
    }

    private static void requireWhole(Path draft) {
        try (Connection connection =
                        SqliteConnections.source(draft, new SQLiteConfig()).getConnection();
                Statement statement = connection.createStatement();
                ResultSet findings = statement.executeQuery("pragma quick_check(1)")) {
            String finding = findings.next() ? findings.getString(1) : "no answer";
            if (!"ok".equals(finding)) {
                throw DatabaseFile.damaged(draft, finding);
            }
        } catch (SQLException e) {
            throw DatabaseFile.damaged(draft, Reason.of(e));
        }
    }

    /** Removes what an earlier attempt left. */
    private static void clear(Path draft) throws IOException {
        for (String more : new String[] {"", "-wal", "-shm", "-journal"}) {
            Files.deleteIfExists(Path.of(draft + more));
        }
    }

    private static void clearQuietly(Path draft) {
        try {
            clear(draft);
        } catch (IOException e) {
            // The next attempt clears it.
        }
    }
}
