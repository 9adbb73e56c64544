package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** APIs that embed the verifier may run on Java 17. */
class ClassFilesTest {
    private static final int JAVA_17 = 61;

    @Test
    void everyClassIsForJava17() throws Exception {
        Path classes = Path.of(Verifier.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(found)
                    .hasSizeGreaterThan(20)
                    .allSatisfy(file -> assertThat(version(file)).isEqualTo(JAVA_17));
        }
    }

    /** What stands after the magic number and the minor version (JVMS section 4.1). */
    private static int version(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DataInputStream data = new DataInputStream(in)) {
            data.readInt();
            data.readUnsignedShort();
            return data.readUnsignedShort();
        }
    }
}
