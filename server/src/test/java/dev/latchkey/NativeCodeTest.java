package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.crypto.SigningProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A start where the temporary folder is not available, as in careful containers. */
@DisabledOnOs(OS.WINDOWS)
class NativeCodeTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path locked;
    private boolean isMounted;

    @BeforeEach
    void makeFolder() throws Exception {
        locked = Files.createDirectory(folder.resolve("locked"));
    }

    @AfterEach
    void unmount() throws Exception {
        if (isMounted) {
            SystemCommand.succeeds("umount", locked.toString());
        }
    }

    /** Only root may mount; elsewhere the test is skipped. */
    private void mount(String options) throws Exception {
        isMounted = SystemCommand.succeeds("mount", "-t", "tmpfs", "-o", options, "none", locked.toString());
        Needs.ifPossible(isMounted, "the right to mount a disk");
    }

    /** The output of a start until it ran or ended. */
    private String started(Path temporary, Path data) throws Exception {
        Path log = folder.resolve("serve.log");
        ProcessBuilder builder = RunningServer.command("serve", "--port", "0", "--data", data.toString())
                .redirectOutput(log.toFile());
        builder.command().removeIf(argument -> argument.startsWith("-Djava.io.tmpdir="));
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        Process process = builder.start();
        try {
            Instant end = Instant.now().plus(PATIENCE);
            while (process.isAlive() && !Files.readString(log).contains("Stop it with Ctrl-C")) {
                assertThat(Instant.now()).as(Files.readString(log)).isBefore(end);
                process.waitFor(20, TimeUnit.MILLISECONDS);
            }
            if (process.isAlive()) {
                process.destroy();
                assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
            return Files.readString(log);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static void assertItRanWithAllItsNativeCode(String said, Path data) throws Exception {
        assertThat(said)
                .contains("is running at")
                .doesNotContain("ERROR")
                .doesNotContain("WARN ")
                .doesNotContain("\tat ");
        if (SigningProvider.forSignature("SHA256withECDSA").getName().contains("Corretto")) {
            assertThat(said).doesNotContain("Signatures are computed by the JDK");
        }
        try (Stream<Path> files = Files.list(data)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString()).toList();
            assertThat(names)
                    .contains("latchkey.db")
                    .noneMatch(name -> name.matches("(?i).*(native|sqlite-|probe|\\.so).*"));
        }
    }

    @Test
    void withoutATemporaryFolderTheDataFolderServes() throws Exception {
        Path data = folder.resolve("data");
        assertItRanWithAllItsNativeCode(started(folder.resolve("missing"), data), data);
    }

    @Test
    void whereNothingCanBeRunFromTheTemporaryFolderTheDataFolderServes() throws Exception {
        mount("noexec,size=32m");
        Path data = folder.resolve("data");
        assertItRanWithAllItsNativeCode(started(locked, data), data);
        try (Stream<Path> left = Files.list(locked)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void whereNothingCanBeRunFromEitherOneLineSaysSo() throws Exception {
        mount("noexec,size=32m");
        String said = started(locked, Files.createDirectory(locked.resolve("data")));
        assertThat(said.lines().toList().getLast())
                .isEqualTo("SQLite's native code can be loaded neither from the temporary folder " + locked
                        + " (mounted with noexec) nor from the data folder. Mount one of them writable and without"
                        + " noexec, or choose another folder: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER.");
        assertThat(said).doesNotContain("ERROR").doesNotContain("\tat ");
    }
}
