package dev.latchkey.bench;

import dev.latchkey.database.DatabaseAddress;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The database of a server, and access to it that bypasses the server. */
final class Ground implements AutoCloseable {
    /** Which database. */
    enum Engine {
        SQLITE("SQLite"),
        POSTGRESQL("PostgreSQL");

        private final String text;

        Engine(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    private final Engine engine;
    private final Path data;
    private final @Nullable EmbeddedPostgres postgresql;
    private final Path cluster;

    private Ground(Engine engine, Path data, @Nullable EmbeddedPostgres postgresql, Path cluster) {
        this.engine = engine;
        this.data = data;
        this.postgresql = postgresql;
        this.cluster = cluster;
    }

    /**
     * A new one. PostgreSQL is started here, as a user other than root, and makes each commit durable before confirming it, as
     * SQLite does.
     */
    static Ground open(Engine engine, Path folder) {
        Path data = folder.resolve("rough-" + engine.name().toLowerCase(Locale.ROOT));
        Path cluster = folder.resolve("cluster");
        return switch (engine) {
            case SQLITE -> new Ground(engine, data, null, cluster);
            case POSTGRESQL -> {
                try {
                    yield new Ground(
                            engine,
                            data,
                            EmbeddedPostgres.builder()
                                    .setDataDirectory(cluster)
                                    .setPort(Ports.free())
                                    // The embedded server is made for tests, and would do neither.
                                    .setServerConfig("fsync", "on")
                                    .setServerConfig("synchronous_commit", "on")
                                    .start(),
                            cluster);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    Engine engine() {
        return engine;
    }

    /** The server's data folder. */
    Path data() {
        return data;
    }

    /** The settings with which a server uses it. */
    Map<String, String> settings() {
        return postgresql == null ? Map.of() : Map.of("LATCHKEY_DATABASE_URL", url());
    }

    DatabaseAddress address() {
        return postgresql == null
                ? new DatabaseAddress.SqliteFile(data.resolve("latchkey.db"))
                : new DatabaseAddress.PostgresqlUrl(url(), null, null);
    }

    private String url() {
        return postgresql == null
                ? "jdbc:sqlite:" + data.resolve("latchkey.db")
                : postgresql.getJdbcUrl("postgres", "postgres");
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url());
    }

    /** The database server's processes; none for SQLite, which is part of ours. */
    Stream<ProcessHandle> processes() {
        if (postgresql == null) {
            return Stream.of();
        }
        try {
            long parent = Long.parseLong(
                    Files.readAllLines(cluster.resolve("postmaster.pid")).getFirst());
            return ProcessHandle.of(parent).stream()
                    .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (postgresql != null) {
                postgresql.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
