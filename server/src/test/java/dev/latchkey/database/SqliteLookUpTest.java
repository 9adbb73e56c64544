package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteConfig;

/** What programs wait for, after the file could not be read for a moment. */
class SqliteLookUpTest {
    private static final LookUp<String> VALUE =
            new LookUp<>("select value from thing where name = ?", rows -> rows.next() ? rows.getString(1) : null);

    private static final LookUp<String> OTHER =
            new LookUp<>("select what from once where what = ?", rows -> rows.next() ? rows.getString(1) : null);

    @Test
    void aMomentOfReadErrorsIsOverWhenItIsOver() throws IOException {
        DatabaseAddress.SqliteFile address = (DatabaseAddress.SqliteFile) TestEngine.SQLITE.newAddress();
        Path file = address.file();
        try (Database database = Database.open(address)) {
            database.change(transaction -> {
                transaction.handle().execute("create table thing (name text primary key, value text not null)");
                transaction.handle().execute("insert into thing (name, value) values ('a', 'known')");
            });
        }
        try (Database database = Database.open(address)) {
            assertThat(database.lookUp(OTHER, "a")).isEmpty();
            byte[] whole = Files.readAllBytes(file);
            // The first pages exist, or it would not be a database file; what the look-up needs does not.
            overwrite(file, whole, 4 * 4_096);
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> database.lookUp(VALUE, "a")).isInstanceOf(RuntimeException.class);
            }
            overwrite(file, whole, whole.length);
            for (int i = 0; i < 20; i++) {
                assertThat(database.lookUp(VALUE, "a")).isEqualTo(Optional.of("known"));
            }
        }
    }

    @Test
    void noEmptyDatabaseIsMadeWhereTheFileWasRemoved() throws IOException {
        DatabaseAddress.SqliteFile address = (DatabaseAddress.SqliteFile) TestEngine.SQLITE.newAddress();
        Path file = address.file();
        Path elsewhere = file.resolveSibling("elsewhere.db");
        try (Database database = Database.open(address)) {
            assertThat(database.trouble()).as("all its files were seen").isEmpty();
            Files.move(file, elsewhere);
            assertThatThrownBy(() ->
                            SqliteConnections.source(file, new SQLiteConfig()).getConnection())
                    .isInstanceOf(SQLException.class);
            assertThat(file).doesNotExist();
            assertThat(database.trouble())
                    .hasValueSatisfying(trouble -> assertThat(trouble).contains("was removed or moved away"));
            Files.move(elsewhere, file);
            assertThat(database.trouble()).isEmpty();
        }
    }

    /** The same file, of which only the first part can be read. */
    private static void overwrite(Path file, byte[] bytes, int length) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(length);
            access.write(bytes, 0, length);
        }
    }
}
