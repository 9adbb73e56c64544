package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for the files of a measurement, at times several gigabytes; it is deleted at the end. */
public final class TemporaryFolder implements AutoCloseable {
    private final Path path;

    /** @param name the beginning of its name */
    public TemporaryFolder(String name) throws IOException {
        path = Files.createTempDirectory(name);
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
