package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder for what a measurement needs, some gigabytes at times; it goes when that is over. */
public final class TemporaryFolder implements AutoCloseable {
    private final Path path;

    /** @param name what its name begins with */
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
