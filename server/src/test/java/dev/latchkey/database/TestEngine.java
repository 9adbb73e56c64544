package dev.latchkey.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The engines that every store test runs on, unchanged. Use it with {@code @ParameterizedClass} and {@code
 * @EnumSource}; each address is a new, empty database.
 */
public enum TestEngine {
    SQLITE {
        @Override
        public DatabaseAddress newAddress() {
            try {
                Path folder = Files.createTempDirectory("latchkey-test");
                folder.toFile().deleteOnExit();
                return new DatabaseAddress.SqliteFile(folder.resolve("latchkey.db"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    POSTGRESQL {
        @Override
        public DatabaseAddress newAddress() {
            EmbeddedPostgres server = Server.RUNNING;
            String name = "test_" + NEXT.incrementAndGet();
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("create database " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return new DatabaseAddress.PostgresqlUrl(server.getJdbcUrl("postgres", name), null, null);
        }
    };

    private static final AtomicInteger NEXT = new AtomicInteger();

    /** Where a new, empty database is. */
    public abstract DatabaseAddress newAddress();

    public Database open() {
        return Database.open(newAddress());
    }

    /** Started when the first test asks for it, stopped with the JVM. */
    private static final class Server {
        static final EmbeddedPostgres RUNNING = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "300")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
