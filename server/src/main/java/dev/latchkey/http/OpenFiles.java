package dev.latchkey.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files, connections included, the process may have open. */
final class OpenFiles {
    private static final String LINE = "Max open files";

    private OpenFiles() {}

    /** The limit, where the system shows it. The JDK knows it too, but JMX takes long to start. */
    static int most() {
        try {
            return Files.readAllLines(Path.of("/proc/self/limits")).stream()
                    .filter(line -> line.startsWith(LINE))
                    .map(line -> line.substring(LINE.length()).strip().split("\\s+")[0])
                    .filter(number -> number.matches("[0-9]{1,9}"))
                    .mapToInt(Integer::parseInt)
                    .findFirst()
                    .orElse(Integer.MAX_VALUE);
        } catch (IOException e) {
            return Integer.MAX_VALUE;
        }
    }
}
