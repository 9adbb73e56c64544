package dev.latchkey.database;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Where SQLite puts what is too large for memory while it sorts or builds an index. It looks for one of the system's
 * folders and fails with "unable to open database file" where none is writable, as in a container in which only the
 * data folder is. Then it is told to use the data folder.
 */
final class SqliteTemporaryFiles {
    private SqliteTemporaryFiles() {}

    /** The folders that SQLite tries everywhere. */
    static List<Path> usual() {
        return List.of(Path.of("/var/tmp"), Path.of("/usr/tmp"), Path.of("/tmp"));
    }

    /** Sets it for the whole process, so it is called before there are connections that might need it. */
    static void keepIn(Path folder, List<Path> usual, Connection connection) throws SQLException {
        boolean found = usual.stream()
                .anyMatch(one -> Files.isDirectory(one) && Files.isWritable(one) && Files.isExecutable(one));
        // Windows has one for each user.
        if (found || File.separatorChar != '/') {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "pragma temp_store_directory = '" + folder.toString().replace("'", "''") + "'");
        }
    }
}
