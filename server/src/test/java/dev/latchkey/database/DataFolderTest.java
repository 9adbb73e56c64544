package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path parent;

    @Test
    void theFolderIsMadeForItsOwnerOnly() throws IOException {
        Path path = parent.resolve("a/b");
        try (DataFolder folder = DataFolder.open(path)) {
            assertThat(folder.path()).isEqualTo(path);
            assertThat(folder.file("x")).isEqualTo(path.resolve("x"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void aFolderInUseIsRefusedInThisProcessAndFreeAfterwards() {
        try (DataFolder folder = DataFolder.open(parent)) {
            assertThatThrownBy(() -> DataFolder.open(folder.path().resolve("../" + parent.getFileName())))
                    .isInstanceOf(UnusableDatabaseException.class);
        }
        DataFolder.open(parent).close();
    }

    @Test
    void aFolderThatAnotherProcessUsesIsRefusedInOneLineAndFreeWhenThatIsKilled() throws Exception {
        Process other = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Djava.io.tmpdir=" + parent.getParent(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = other.inputReader()) {
            assertThat(output.readLine()).isEqualTo("held");
            assertThatThrownBy(() -> DataFolder.open(parent))
                    .isInstanceOf(UnusableDatabaseException.class)
                    .hasMessage("Another Latchkey (process " + other.pid() + ") is running with the data folder "
                            + parent + ". Stop it, or set LATCHKEY_DATA to another folder.");
        } finally {
            other.destroyForcibly();
            assertThat(other.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        DataFolder.open(parent).close();
    }

    /** Holds a folder until it is killed. */
    static final class Holder {
        public static void main(String[] arguments) throws IOException {
            try (DataFolder folder = DataFolder.open(Path.of(arguments[0]))) {
                System.out.println(folder.path().isAbsolute() ? "held" : "relative");
                // Until the test closes the other end.
                System.in.read();
            }
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsRefusedInOneLine() throws IOException {
        Path file = Files.createFile(parent.resolve("a-file"));
        for (Path path : new Path[] {file, file.resolve("data")}) {
            assertThatThrownBy(() -> DataFolder.open(path))
                    .isInstanceOf(UnusableDatabaseException.class)
                    .hasMessageStartingWith("The data folder " + path + " cannot be written (")
                    .hasMessageEndingWith("or set LATCHKEY_DATA to another folder.")
                    .message()
                    .hasLineCount(1);
        }
    }
}
