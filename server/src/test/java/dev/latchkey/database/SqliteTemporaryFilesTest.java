package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConfig;

@DisabledOnOs(OS.WINDOWS)
class SqliteTemporaryFilesTest {
    @TempDir
    Path folder;

    private static String told(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("pragma temp_store_directory")) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    @Test
    void theyAreNextToTheDatabaseWhereNoFolderOfTheSystemCanBeWritten() throws Exception {
        Path data = Files.createDirectory(folder.resolve("o'neill's data"));
        Path file = Files.createFile(data.resolve("latchkey.db"));
        try (Connection connection =
                        SqliteConnections.source(file, new SQLiteConfig()).getConnection();
                Statement statement = connection.createStatement()) {
            try {
                SqliteTemporaryFiles.keepIn(data, List.of(folder.resolve("missing"), folder), connection);
                assertThat(told(statement)).as("one is enough").isEmpty();
                SqliteTemporaryFiles.keepIn(data, List.of(folder.resolve("missing"), file), connection);
                assertThat(told(statement)).isEqualTo(data.toString());
            } finally {
                statement.execute("pragma temp_store_directory = ''");
            }
        }
    }

    @Test
    void theUsualFoldersAreThoseThatSqliteTries() {
        assertThat(SqliteTemporaryFiles.usual())
                .containsExactly(Path.of("/var/tmp"), Path.of("/usr/tmp"), Path.of("/tmp"));
    }
}
