package dev.latchkey.database;

import dev.latchkey.lane.Seldom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches whether the files of an open SQLite database are still the ones under their names. What is written to a file
 * that was removed, replaced or moved away seems to be stored, and is gone after the next start. A check costs a few
 * microseconds.
 */
final class SqliteFiles {
    private static final Logger log = LoggerFactory.getLogger(SqliteFiles.class);

    private final Path database;
    private final List<Watched> watched = new ArrayList<>();
    private final Seldom complaint = new Seldom();
    private volatile boolean troubled;

    /** A file, and its identity when it was first seen; the log and its index appear a moment after the database. */
    private static final class Watched {
        private final Path path;
        private @Nullable Object identity;

        Watched(Path path) {
            this.path = path;
        }
    }

    /** @param database the file, which is open */
    SqliteFiles(Path database) {
        this.database = database;
        for (String part : List.of("", "-wal", "-shm")) {
            watched.add(new Watched(database.resolveSibling(database.getFileName() + part)));
        }
    }

    Path database() {
        return database;
    }

    /** Why what is written here may be lost; empty when all is well. */
    synchronized Optional<String> trouble() {
        Optional<String> trouble =
                watched.stream().map(this::trouble).flatMap(Optional::stream).findFirst();
        if (trouble.isPresent() && complaint.isDue()) {
            log.error("{} Tokens and changes are refused.", trouble.get());
        } else if (trouble.isEmpty() && troubled) {
            log.info("The database file {} is back", database);
        }
        troubled = trouble.isPresent();
        return trouble;
    }

    private Optional<String> trouble(Watched file) {
        try {
            Object now =
                    Files.readAttributes(file.path, BasicFileAttributes.class).fileKey();
            if (file.identity == null) {
                file.identity = now;
            }
            return Objects.equals(file.identity, now) ? Optional.empty() : Optional.of(gone(file, "was replaced"));
        } catch (NoSuchFileException e) {
            return file.identity == null ? Optional.empty() : Optional.of(gone(file, "was removed or moved away"));
        } catch (IOException e) {
            return Optional.of(gone(file, "can no longer be found (" + Reason.of(e) + ")"));
        }
    }

    private static String gone(Watched file, String what) {
        return "The file " + file.path + " " + what
                + " while Latchkey was running. Put it back, or stop Latchkey and restore it.";
    }
}
