package dev.latchkey.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite's native code. The driver unpacks it into a file of a megabyte at each start and deletes it at exit, which a
 * process that is killed never reaches. Once the code is loaded the file is not needed any more, so it is deleted at
 * once.
 */
final class SqliteCode {
    /** Names a folder that has the code already. */
    private static final String GIVEN = "org.sqlite.lib.path";

    private static boolean isLoaded;
    private static @Nullable UnusableDatabaseException failure;

    private SqliteCode() {}

    /**
     * Loads it, once.
     *
     * @throws UnusableDatabaseException when it cannot be loaded; the message says what to do
     */
    static synchronized void load() {
        if (isLoaded) {
            return;
        }
        // The driver would log its reasons at length again, and they are the same.
        if (failure != null) {
            throw failure;
        }
        try {
            if (System.getProperty(GIVEN) == null) {
                unpackAndLoad();
            } else {
                SQLiteJDBCLoader.initialize();
            }
            isLoaded = true;
        } catch (UnusableDatabaseException e) {
            throw e;
        } catch (Exception e) {
            failure = new UnusableDatabaseException("SQLite's native code cannot be loaded: " + Reason.of(e) + ".", e);
            throw failure;
        }
    }

    private static void unpackAndLoad() throws Exception {
        Path usual = NativeCode.folder(NativeCode.OF_SQLITE);
        String trouble = NativeCode.trouble(usual).orElse(null);
        if (trouble != null) {
            throw new UnusableDatabaseException(
                    "SQLite's native code can be loaded neither from the temporary folder " + usual + " (" + trouble
                            + ") nor from the data folder. Mount one of them writable and without noexec, or"
                            + " choose another folder: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER.",
                    null);
        }
        Path folder = Files.createTempDirectory(usual, "latchkey-sqlite-");
        System.setProperty(NativeCode.OF_SQLITE, folder.toString());
        try {
            SQLiteJDBCLoader.initialize();
        } finally {
            System.setProperty(NativeCode.OF_SQLITE, usual.toString());
            delete(folder);
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
