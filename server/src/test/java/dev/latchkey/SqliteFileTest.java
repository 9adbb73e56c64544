package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.database.UnusableDatabaseException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The SQLite file under a running service: removed, moved, replaced, garbled, or opened by another process as well. */
class SqliteFileTest {
    /** What is done in the background has what the processors have left, which may be little. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private RunningServer server;
    private Path data;
    private Path file;

    @BeforeEach
    void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        data = server.folder().resolve("data");
        file = data.resolve("latchkey.db");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private int command(String... words) {
        said.reset();
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(server.commandFlags());
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Latchkey(Map.of(), stream, stream).run(arguments.toArray(String[]::new));
    }

    private void assertStartIsRefused(Path folder, String... parts) {
        try {
            RunningServer.Ended ended = RunningServer.run("serve", "--port", "0", "--data", folder.toString());
            assertThat(ended.status()).as(ended.said()).isEqualTo(2);
            // The log may have a line as well.
            assertThat(ended.said().lines().toList().getLast()).as(ended.said()).contains(parts);
            assertThat(ended.said()).doesNotContain("\tat ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8).strip();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes into the file that is there, as {@code cp} does over an existing one. */
    private static void write(Path path, long position, byte[] bytes) {
        try (RandomAccessFile access = new RandomAccessFile(path.toFile(), "rw")) {
            access.seek(position);
            access.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertEverythingIsRefusedBecause(String reason, Credentials program) throws Exception {
        Waiting.until(
                "tokens to be refused",
                () -> server.requestAccessToken(program, "").status() == 503);
        Answer ready = server.get("/health/ready");
        assertThat(ready.status()).isEqualTo(503);
        assertThat(ready.body()).contains(reason);
        assertThat(server.get("/health/live").status()).isEqualTo(200);
    }

    @Test
    void nothingIsAnsweredAsKeptOnceTheFileIsRemoved() throws Exception {
        RunningServer.Api admin = server.admin();
        Credentials program = admin.createToken("Program", "public");
        Path elsewhere = server.folder().resolve("moved.db");
        move(file, elsewhere);
        Answer created = admin.post("/tokens", "{\"description\":\"Lost\",\"role\":\"public\"}");
        assertThat(created.status()).as("the very next change").isEqualTo(503);
        assertEverythingIsRefusedBecause("latchkey.db was removed or moved away while Latchkey was running", program);
        assertThat(file).as("no empty one in its place").doesNotExist();

        move(elsewhere, file);
        Waiting.until("readiness", () -> server.get("/health/ready").status() == 200);
        Waiting.until(
                "tokens to be accepted again",
                () -> server.requestAccessToken(program, "").status() == 200);
        server.admin().createToken("Kept", "public");
        server.restart();
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(200);
    }

    @Test
    void nothingIsConfirmedAsStoredOnceTheFolderIsRenamedAndTheStartCreatesNoNewDatabaseNextToTheKey()
            throws Exception {
        Credentials program = server.admin().createToken("Program", "public");
        Path renamed = server.folder().resolve("data.old");
        move(data, renamed);
        assertEverythingIsRefusedBecause("latchkey.db was removed or moved away", program);
        server.restartAfter(() -> {
            try {
                Files.createDirectories(data);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            copy(renamed.resolve("master.key"), data.resolve("master.key"));
            assertStartIsRefused(
                    data, "There is no database " + file, "master.key shows that there was one", "restore a backup");
            assertThat(file).doesNotExist();
            for (String name : List.of("latchkey.db", "latchkey.db-wal")) {
                if (Files.exists(renamed.resolve(name))) {
                    copy(renamed.resolve(name), data.resolve(name));
                }
            }
        });
        assertThat(server.requestAccessToken(program, "").status())
                .as("everything is there again, from the renamed folder")
                .isEqualTo(200);
    }

    @Test
    void anotherFileUnderItsNameIsNotTakenForTheOpenOne() throws Exception {
        Credentials program = server.admin().createToken("Program", "public");
        Path copy = server.folder().resolve("copy.db");
        copy(file, copy);
        Files.move(copy, file, StandardCopyOption.REPLACE_EXISTING);
        assertEverythingIsRefusedBecause("latchkey.db was replaced while Latchkey was running", program);
    }

    @Test
    void theWriteAheadLogIsPartOfTheDatabaseAndIsMissedToo() throws Exception {
        Credentials program = server.admin().createToken("Program", "public");
        Files.delete(data.resolve("latchkey.db-wal"));
        assertEverythingIsRefusedBecause(
                "latchkey.db-wal was re",
                program); // removed; or replaced, when a connection has created another one in the meantime
        server.restart();
        assertThat(server.requestAccessToken(program, "").status())
                .as("an orderly end has put what was in it into the database")
                .isEqualTo(200);
    }

    @Test
    void aSecondServerIsRefusedAlsoWhenTheLockFileWasRemoved() throws Exception {
        Files.delete(data.resolve("latchkey.lock"));
        assertStartIsRefused(data, "Another Latchkey", "is running with the data folder " + data);

        Path elsewhere = Files.createDirectory(server.folder().resolve("elsewhere"));
        Files.createLink(elsewhere.resolve("latchkey.db"), file);
        assertStartIsRefused(elsewhere, "Another Latchkey is running with the database file");
        assertThat(command("audit", "verify"))
                .as("what only reads may run beside")
                .isZero();
        assertThat(command("master-key", "rotate")).isEqualTo(2);
    }

    @Test
    void aFileThatWasClosedInOrderIsNotCheckedAndOneThatWasPutThereIs() throws Exception {
        server.restartAfter(() -> {
            assertThat(data.resolve("latchkey.clean")).exists();
            copy(file, server.folder().resolve("backup.db"));
        });
        server.admin().createToken("Later", "public");
        assertThat(data.resolve("latchkey.clean")).as("while it is open").doesNotExist();
        server.restartAfter(() -> {
            byte[] backup = read(server.folder().resolve("backup.db"));
            // A page in the middle, as a disk garbles it, in a copy that is put over the file.
            System.arraycopy(new byte[4_096], 0, backup, backup.length / 8_192 * 4_096, 4_096);
            byte[] whole = read(file);
            write(file, 0, backup);
            assertStartIsRefused(data, "The database file " + file + " is damaged (");
            for (String[] words : new String[][] {{"audit", "verify"}, {"repair"}}) {
                assertThat(command(words)).as(String.join(" ", words)).isEqualTo(2);
                assertThat(said().lines()).as(said()).hasSize(1);
                assertThat(said()).contains("The database file " + file + " is damaged (");
            }
            write(file, 0, whole);
        });
        assertThat(server.get("/health/ready").status()).isEqualTo(200);
    }

    /** The natural way after a crash: the copy is restored next to the write-ahead log of the file that it replaces. */
    @Test
    void aForeignWriteAheadLogIsNoticedAndNotRemoved() throws Exception {
        server.restartAfter(() -> copy(file, server.folder().resolve("backup.db")));
        RunningServer.Api admin = server.admin();
        for (int i = 0; i < 60; i++) {
            admin.createToken("Token " + i + " " + "x".repeat(80), "public");
        }
        byte[] log = read(data.resolve("latchkey.db-wal"));
        assertThat(log).as("what a crash leaves").isNotEmpty();
        server.restartAfter(() -> {
            byte[] whole = read(file);
            copy(server.folder().resolve("backup.db"), file);
            try {
                Files.write(data.resolve("latchkey.db-wal"), log);
                assertThat(command("audit", "verify")).as(said()).isEqualTo(2);
                assertThat(said()).contains("is damaged");
                assertThat(Files.readAllBytes(data.resolve("latchkey.db-wal")))
                        .as("nothing is thrown away")
                        .isEqualTo(log);
                assertThat(Files.readAllBytes(file))
                        .isEqualTo(read(server.folder().resolve("backup.db")));
                Files.delete(data.resolve("latchkey.db-wal"));
                Files.deleteIfExists(data.resolve("latchkey.db-shm"));
                Files.write(file, whole);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void numbersNeverKeepARevocationBackAndAreRepairedLater() throws Exception {
        RunningServer.Api admin = server.admin();
        Credentials program = admin.createToken("Program", "public");
        sql("alter table api_token_count rename to api_token_count_gone");
        assertThat(admin.post("/tokens/" + program.clientId() + "/revoke", "{}").status())
                .isEqualTo(200);
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(401);
        assertThat(admin.post("/tokens", "{\"description\":\"New\",\"role\":\"public\"}")
                        .status())
                .as("what creates may fail")
                .isEqualTo(500);
        sql("alter table api_token_count_gone rename to api_token_count");
        assertThat(number("revoked")).isZero();
        Waiting.until("the numbers to be mended", () -> {
            server.keepHouse();
            return number("revoked") == 1;
        });
        assertThat(number("active")).isEqualTo(1);
    }

    @Test
    void numbersThatAreWrongAreMendedAfterTheStartWithOneEvent() throws Exception {
        server.admin().createToken("Program", "public");
        server.restartAfter(() -> sql("update api_token_count set number = 70 where state = 'active'"));
        Waiting.until("the numbers to be mended", () -> number("active") == 2);
        assertThat(server.admin()
                        .get("/events?operation=api_token_count.mend")
                        .json()
                        .get("items"))
                .hasSize(1);
        server.restartAfter(
                () -> assertThat(command("audit", "verify")).as(said()).isZero());
    }

    @Test
    void repairSaysWhatWasWrongAndMendsIt() throws Exception {
        server.admin().createToken("Nightly billing", "public");
        assertThat(command("repair")).as("while the service runs").isEqualTo(2);
        assertThat(said()).contains("Another Latchkey");
        server.restartAfter(() -> {
            assertThat(command("repair")).as(said()).isZero();
            sql("update api_token_count set number = number + 5", "delete from api_token_search_row");
            assertThat(command("repair")).isEqualTo(1);
            assertThat(said())
                    .contains("of the counts of API tokens by role and state were wrong and have been corrected")
                    .contains("The search index lacked API tokens");
            assertThat(command("repair")).as(said()).isZero();
            sql("drop table api_token_count", "drop table api_token_search");
            assertThat(command("repair")).isEqualTo(1);
            assertThat(said()).contains("could not be read").contains("The search index");
            assertThat(command("repair")).as(said()).isZero();
        });
        assertThat(server.admin().get("/tokens?search=billing").json().get("items"))
                .hasSize(1);
        assertThat(number("active")).isEqualTo(2);
    }

    private void sql(String... statements) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private long number(String state) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            return statement
                    .executeQuery("select coalesce(sum(number), 0) from api_token_count where state = '" + state + "'")
                    .getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aKeyThatDoesNotFitOrIsNoneIsSaidWithoutTheAdviceToMakeAnother() {
        for (String key : List.of("not a key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")) {
            server.restartAfter(() -> {
                try {
                    String right = Files.readString(data.resolve("master.key"));
                    Files.writeString(data.resolve("master.key"), key);
                    assertStartIsRefused(data, "master key");
                    assertThat(command("audit", "verify")).isEqualTo(2);
                    assertThat(said().lines()).as(said()).hasSize(1);
                    assertThat(said()).doesNotContain("openssl");
                    assertThat(said())
                            .containsAnyOf("that the database was created with", "the master key of this database");
                    Files.writeString(data.resolve("master.key"), right);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void aFolderIsFreeAgainAfterAnOrderlyEnd() {
        server.restartAfter(() -> {
            Server second = Server.start(settings());
            assertThatThrownBy(() -> Server.start(settings())).isInstanceOf(UnusableDatabaseException.class);
            second.close();
        });
    }

    private Settings settings() {
        return Settings.read(Map.of(Setting.PORT, "0", Setting.DATA, data.toString()), Map.of(), Optional.empty());
    }
}
