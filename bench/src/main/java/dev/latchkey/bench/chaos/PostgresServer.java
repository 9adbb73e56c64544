package dev.latchkey.bench.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One PostgreSQL server of the Debian package, which does not run as root. */
final class PostgresServer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Path programs;
    private final List<String> user;
    private final Path folder;
    private final int port;
    private @Nullable Process process;

    /** @param folder must belong to its user, or be in one that does */
    PostgresServer(Path programs, Path folder, int port) {
        this.programs = programs;
        this.user = user();
        this.folder = folder;
        this.port = port;
    }

    /** Where the programs are; empty if the package is not installed. */
    static @Nullable Path programs() {
        Path all = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(all)) {
            return null;
        }
        try (Stream<Path> versions = Files.list(all)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
                    .max(Comparator.naturalOrder())
                    .orElse(null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static List<String> user() {
        return isRoot() ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") : List.of();
    }

    /** Makes the servers' user the owner of a folder. */
    static void give(Path folder) {
        if (isRoot()) {
            Command.of("chown", "postgres:", folder.toString()).run();
        }
    }

    int port() {
        return port;
    }

    String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres&connectTimeout=5";
    }

    /** A program of the package, run as the server's user. */
    Command program(String name, String... more) {
        List<String> words = new ArrayList<>(List.of(programs.resolve(name).toString()));
        words.addAll(List.of(more));
        return Command.of(words.toArray(String[]::new)).as(user);
    }

    /** A new, empty cluster. */
    void create() {
        program("initdb", "-D", folder.toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
                .run();
        // Processes die here, never the machine, so nothing has to reach the disk.
        configure("""
                listen_addresses = '127.0.0.1'
                unix_socket_directories = ''
                fsync = off
                wal_level = replica
                hot_standby = on
                max_wal_senders = 6
                wal_keep_size = 512MB
                max_connections = 150
                shared_buffers = 32MB
                """);
    }

    private void configure(String lines) {
        try {
            Files.writeString(folder.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Becomes, from scratch, a standby of the server at the port. */
    void copyFrom(int primary) {
        Command.of("rm", "-rf", folder.toString()).run();
        program(
                        "pg_basebackup",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(primary),
                        "-U",
                        "postgres",
                        "-D",
                        folder.toString(),
                        "-X",
                        "stream",
                        "-c",
                        "fast",
                        "--no-sync",
                        "-R")
                .run();
    }

    void start() {
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        ProcessBuilder builder = new ProcessBuilder(
                        program("postgres", "-D", folder.toString(), "-p", Integer.toString(port))
                                .words())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            Process started = builder.start();
            process = started;
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!answers()) {
                if (!started.isAlive() || System.nanoTime() > end) {
                    throw new IllegalStateException("PostgreSQL does not start:\n" + Files.readString(log));
                }
                Thread.sleep(20);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(url("postgres"))) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    /** Stops it properly, without waiting for its clients. */
    void stop() {
        end("-INT");
    }

    /** Kills it without a chance to send anything to a standby, or to write anything. */
    void crash() {
        end("-QUIT");
    }

    private void end(String signal) {
        Process running = process;
        if (running == null) {
            return;
        }
        Command.of("kill", signal, Long.toString(running.pid())).result();
        try {
            if (!running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("PostgreSQL does not stop");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        process = null;
    }

    /** One value, queried as its superuser. */
    String ask(String sql) {
        try (Connection connection = DriverManager.getConnection(url("postgres"));
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? String.valueOf(result.getString(1)) : "";
            }
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        end("-QUIT");
    }
}
