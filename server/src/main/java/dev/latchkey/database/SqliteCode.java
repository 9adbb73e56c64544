package dev.latchkey.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native code. The driver unpacks it into a file of a megabyte at each start and means to delete it at the end, which
 * a process that is killed does not live to see. A file that is loaded is not needed any more, so it goes at once.
 */
final class SqliteCode {
    private static final Logger log = LoggerFactory.getLogger(SqliteCode.class);
    private static final String FOLDER = "org.sqlite.tmpdir";

    private static boolean isLoaded;

    private SqliteCode() {}

    /** Once is enough. What goes wrong is said by the driver, to whoever needs it. */
    static synchronized void load() {
        if (isLoaded) {
            return;
        }
        isLoaded = true;
        try {
            String usual = System.getProperty(FOLDER, System.getProperty("java.io.tmpdir"));
            Path folder = Files.createTempDirectory(Path.of(usual), "latchkey-sqlite-");
            System.setProperty(FOLDER, folder.toString());
            try {
                SQLiteJDBCLoader.initialize();
            } finally {
                System.setProperty(FOLDER, usual);
                delete(folder);
            }
        } catch (Exception e) {
            log.debug("SQLite's code is left to its driver", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> inside = Files.list(folder)) {
            files = inside.toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
        Files.delete(folder);
    }
}
