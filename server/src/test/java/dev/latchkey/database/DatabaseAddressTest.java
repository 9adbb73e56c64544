package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.database.DatabaseAddress.SqliteFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "jdbc:postgresql://db/app,                     jdbc:postgresql://db/app,                other,  other-pw",
                "postgresql://db:5433/app,                     jdbc:postgresql://db:5433/app,           other,  other-pw",
                "postgres://ada@db/app,                        jdbc:postgresql://db/app,                ada,    other-pw",
                "postgres://ada:p%40s+s%2F@db/app?ssl=true,    jdbc:postgresql://db/app?ssl=true,       ada,    p@s+s/",
                "jdbc:postgresql://ada:pw@a:1,                 -, -, -",
                "jdbc:postgresql://[::1]:5432/app,             jdbc:postgresql://[::1]:5432/app,        other,  other-pw",
                "jdbc:postgresql://db/app?user=a&password=p@q, jdbc:postgresql://db/app,                a,      p@q",
                "jdbc:postgresql://a:1;b/app,                  -, -, -",
                "'jdbc:postgresql://a:1,[::1]:2/app?ssl=true&password=p%40q&x=1', 'jdbc:postgresql://a:1,[::1]:2/app?ssl=true&x=1', other,  p@q",
            })
    void aUrlIsReadAsPeopleWriteIt(String text, String url, String user, String password) {
        if (url == null) {
            assertThatThrownBy(() -> PostgresqlUrl.parse(text, null, null))
                    .isInstanceOf(UnusableDatabaseException.class);
        } else {
            assertThat(PostgresqlUrl.parse(text, "other", "other-pw"))
                    .isEqualTo(new PostgresqlUrl(url, user, password));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://ada:s3cr3t@w0rd@db/app",
                "postgres://ada:s3cr3t/w0rd@db/app",
                "postgres://ada:s3cr3t?w0rd@db/app",
                "postgres://ada:s3cr3t%zz@db/app",
                "mysql://ada:s3cr3t@db/app",
                "jdbc:postgresql://db/app?password=s3cr3t%b",
                "jdbc:postgresql://db/app?user=ada;password=s3cr3t",
                "jdbc:postgresql://db/app;password=s3cr3t",
                "jdbc:postgresql://db:port/app?password=s3cr3t",
                "ada:s3cr3t@db",
            })
    void anUnreadableUrlIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> PostgresqlUrl.parse(text, null, null))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("percent-encode special characters")
                .message()
                .doesNotContain("s3cr3t", "w0rd")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/app?user=ada&password=s3cr3t",
                "jdbc:postgresql://db/app?user=ada&password=s3@cr3t",
                "jdbc:postgresql://ada:s3cr3t@db/app",
                "jdbc:postgresql://ada:s3@cr3t@db/app",
                "jdbc:postgresql://ada:s3?s3cr3t@db/app",
            })
    void noPasswordIsShown(String url) {
        PostgresqlUrl address = new PostgresqlUrl(url, "ada", "s3cr3t");
        assertThat(address.shown()).doesNotContain("s3", "cr3t");
        assertThat(address).hasToString(address.shown());
    }

    @Test
    void aServerThatIsNotThereIsOneLineThatSaysWhatToDo() {
        assertThatThrownBy(
                        () -> Database.open(PostgresqlUrl.parse("postgres://ada:s3cr3t@127.0.0.1:1/app", null, null)))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/app")
                .hasMessageContaining("refused")
                .hasMessageContaining("Check LATCHKEY_DATABASE_URL and that the server is running.")
                .message()
                .doesNotContain("s3cr3t")
                .hasLineCount(1);
    }

    @Test
    void aWrongPasswordIsOneLineThatDoesNotShowIt() throws Exception {
        PostgresqlUrl right = (PostgresqlUrl) TestEngine.POSTGRESQL.newAddress();
        try (Connection connection = DriverManager.getConnection(right.url());
                Statement statement = connection.createStatement()) {
            statement.execute("create role locked login password 'right-password'");
            Path rules;
            try (var result = statement.executeQuery("show hba_file")) {
                result.next();
                rules = Path.of(result.getString(1));
            }
            Files.writeString(rules, "host all locked all scram-sha-256\n" + Files.readString(rules));
            statement.execute("select pg_reload_conf()");
        }
        PostgresqlUrl wrong = new PostgresqlUrl(right.url().replaceAll("\\?.*", ""), "locked", "wr0ng-s3cr3t");
        // The server takes the new rule over in its own time; until then it asks for no password.
        UnusableDatabaseException refused = null;
        for (int i = 0; i < 1_000 && (refused == null || !refused.getMessage().contains("password")); i++) {
            try {
                Database.open(wrong).close();
            } catch (UnusableDatabaseException e) {
                refused = e;
            }
        }
        assertThat(refused)
                .hasMessageContaining("password authentication failed for user \"locked\"")
                .hasMessageContaining("Check LATCHKEY_DATABASE_URL")
                .message()
                .doesNotContain("wr0ng-s3cr3t")
                .hasLineCount(1);
    }

    @Test
    void aFileThatIsNoDatabaseIsOneLineAndStaysAsItWas() throws IOException {
        byte[] garbage = new byte[8_192];
        new Random(1).nextBytes(garbage);
        Path file = Files.write(folder.resolve("latchkey.db"), garbage);
        assertThatThrownBy(() -> Database.open(new SqliteFile(file)))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("not a database")
                .message()
                .hasLineCount(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(garbage);
    }

    @Test
    void aFolderThatCannotBeWrittenIsOneLine() throws IOException {
        Path file = Files.createFile(folder.resolve("a-file")).resolve("latchkey.db");
        assertThatThrownBy(() -> Database.open(new SqliteFile(file)))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("Check that its folder exists and is writable, and that the disk is not full.")
                .message()
                .hasLineCount(1);
    }

    @Test
    void aPathThatSqliteWouldMisreadIsRefused() {
        assertThatThrownBy(() -> Database.open(new SqliteFile(folder.resolve("a?mode=memory"))))
                .isInstanceOf(UnusableDatabaseException.class)
                .hasMessageContaining("question mark");
    }

    @Test
    void theDatabaseFilesAreTheirOwnersOnly() throws IOException {
        try (Database database = Database.open(new SqliteFile(folder.resolve("latchkey.db")))) {
            assertThat(database.answers()).isTrue();
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.toList())
                        .hasSizeGreaterThanOrEqualTo(3)
                        .allSatisfy(
                                file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                                        .isEqualTo("rw-------"));
            }
        }
    }
}
