package dev.latchkey.database;

import dev.latchkey.FreePort;
import dev.latchkey.TestRun;
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
 * @EnumSource}; each address is a new database, which exists until the test class ends.
 */
public enum TestEngine {
    SQLITE {
        @Override
        public DatabaseAddress newAddress() {
            return new DatabaseAddress.SqliteFile(newFile());
        }

        @Override
        public DatabaseAddress newAddressWithTables() {
            Path file = newFile();
            writeSqliteWithTables(file);
            return new DatabaseAddress.SqliteFile(file);
        }
    },
    POSTGRESQL {
        @Override
        public DatabaseAddress newAddress() {
            return Server.create("template1");
        }

        @Override
        public DatabaseAddress newAddressWithTables() {
            return Server.create(Server.WITH_TABLES);
        }
    };

    /** The address of a new, empty database. */
    public abstract DatabaseAddress newAddress();

    /** The address of a new database that has been opened once before, which saves tests creating the tables. */
    public abstract DatabaseAddress newAddressWithTables();

    public Database open() {
        return Database.open(newAddressWithTables());
    }

    private static Path newFile() {
        return TestRun.newFolder("database").resolve("latchkey.db");
    }

    /** Creates a SQLite database in this file that has been opened once before. */
    public static void writeSqliteWithTables(Path file) {
        try {
            Files.createDirectories(file.getParent(), OwnersOnly.folder(file.getParent()));
            DatabaseFile.makeForOwnerOnly(file);
            Files.write(file, SqliteWithTables.BYTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class SqliteWithTables {
        static final byte[] BYTES = read();

        private static byte[] read() {
            Path file = newFile();
            Database.open(new DatabaseAddress.SqliteFile(file)).close();
            try {
                return Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Started when the first test needs it, stopped after all tests of this process. */
    private static final class Server {
        static final EmbeddedPostgres RUNNING = start();
        static final String WITH_TABLES = makeTables();
        static final AtomicInteger NEXT = new AtomicInteger();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setDataDirectory(TestRun.lastingFolder("postgresql"))
                        .setRegisterShutdownHook(false)
                        .setPort(FreePort.find())
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "300")
                        .start();
                TestRun.atTheEnd(server::close);
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String makeTables() {
            execute("create database with_tables");
            Database.open(address("with_tables")).close();
            return "with_tables";
        }

        static DatabaseAddress create(String template) {
            String name = "test_" + NEXT.incrementAndGet();
            execute("create database " + name + " template " + template);
            // Otherwise a run would end with several gigabytes of them.
            TestRun.afterClass(() -> execute("drop database if exists " + name + " with (force)"));
            return address(name);
        }

        private static DatabaseAddress address(String name) {
            return new DatabaseAddress.PostgresqlUrl(RUNNING.getJdbcUrl("postgres", name), null, null);
        }

        private static void execute(String sql) {
            try (Connection connection = RUNNING.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
