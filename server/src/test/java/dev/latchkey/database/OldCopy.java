package dev.latchkey.database;

import dev.latchkey.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A copy of a database in use that replaces it later, as a failover does that loses the last transactions, or a
 * restored backup.
 */
public final class OldCopy {
    private static final Pattern URL = Pattern.compile("(jdbc:postgresql://[^/]+/)([^?]+)(.*)");

    private OldCopy() {}

    /** Copies a PostgreSQL database in use; its connections break, as they do when a server stops. */
    public static String ofPostgresql(String url) {
        Matcher parts = parts(url);
        String copy = parts.group(2) + "_copy_" + System.nanoTime();
        inPlaceOf(url, statement -> {
            statement.execute("create database " + copy + " template " + parts.group(2));
        });
        return copy;
    }

    /** Replaces the database with the copy, under running nodes. */
    public static void putBack(String url, String copy) {
        String name = parts(url).group(2);
        inPlaceOf(url, statement -> {
            statement.execute("alter database " + name + " rename to " + name + "_lost_" + System.nanoTime());
            statement.execute("alter database " + copy + " rename to " + name);
        });
    }

    /** Copies a SQLite database in use. */
    public static Path ofSqlite(Path file) {
        Path copy = file.resolveSibling("copy-" + System.nanoTime() + ".db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.execute("vacuum into '" + copy + "'");
            return copy;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Replaces the file with the copy, while no server runs on it. */
    public static void putBack(Path file, Path copy) {
        try {
            for (String more : new String[] {"-wal", "-shm"}) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + more));
            }
            Files.delete(file);
            Files.copy(copy, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Work {
        void with(Statement statement) throws SQLException;
    }

    /** While no one is connected to the database. */
    private static void inPlaceOf(String url, Work work) {
        Matcher parts = parts(url);
        String name = parts.group(2);
        try (Connection connection = DriverManager.getConnection(parts.group(1) + "postgres" + parts.group(3));
                Statement statement = connection.createStatement()) {
            statement.execute("alter database " + name + " allow_connections false");
            try {
                statement.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
                Waiting.until("the backends, which take a moment to go", () -> {
                    try (ResultSet left =
                            statement.executeQuery("select 1 from pg_stat_activity where datname = '" + name + "'")) {
                        return !left.next();
                    }
                });
                work.with(statement);
            } finally {
                statement.execute("alter database " + name + " allow_connections true");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Matcher parts(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException(url);
        }
        return parts;
    }
}
