package dev.latchkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.opentest4j.TestAbortedException;

/**
 * What a test needs from the machine. Where that is missing the test is skipped, and a line at the end of the module's tests
 * says what was missing; where {@code LATCHKEY_TEST_BROWSER} is {@code required}, as in CI, the test fails.
 */
public final class Needs implements LauncherSessionListener, TestExecutionListener {
    /** The run of Maven that this process belongs to, with all its modules and processes. */
    private static final String RUN = System.getProperty(
            "latchkey.test.run", Long.toString(ProcessHandle.current().pid()));

    /** The run, and what was missing in it, a line for each test or class. */
    private static final Path MISSING = Path.of("..", "target", "missing-for-tests");

    /** A file of its own, because closing a file releases all locks that the process has on it. */
    private static final Path LOCK = MISSING.resolveSibling("tests.lock");

    private static FileChannel channel;

    /** The reason for a skipped test, as the listener sees it. */
    private static final class Missing extends TestAbortedException {
        private static final long serialVersionUID = 1;

        private final String what;

        private Missing(String what) {
            super(what + " is missing");
            this.what = what;
        }
    }

    /** A program. */
    public static void program(String name) {
        that(has(name), name);
    }

    /** Whether a program is installed. */
    public static boolean has(String name) {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":", -1)),
                        // Where Debian has servers, which is not in everyone's path.
                        Stream.of("/usr/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    /** Anything else. */
    public static void that(boolean isThere, String what) {
        if (!isThere && isAllRequired()) {
            throw new AssertionError(what + " is missing");
        }
        ifPossible(isThere, what);
    }

    /** Whether nothing may be missing, as in CI. */
    private static boolean isAllRequired() {
        return "required".equals(System.getenv("LATCHKEY_TEST_BROWSER"));
    }

    /** Continues without something, and says so at the end. */
    public static void doWithout(String what) {
        if (isAllRequired()) {
            throw new AssertionError(what + " is missing");
        }
        note(what);
    }

    /** What not even CI has everywhere. */
    public static void ifPossible(boolean isThere, String what) {
        if (!isThere) {
            throw new Missing(what);
        }
    }

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        follow();
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        if (result.getThrowable().orElse(null) instanceof Missing missing) {
            note(missing.what);
        }
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        tell();
    }

    /** Each process that runs tests has a share of the lock, so that the last one finds itself alone. */
    private static synchronized void follow() {
        if (channel != null) {
            return;
        }
        try {
            Files.createDirectories(MISSING.getParent());
            channel = FileChannel.open(
                    LOCK, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try (FileLock writing = channel.lock(1, 1, false)) {
                if (!Files.exists(MISSING) || !Files.readString(MISSING).startsWith(RUN)) {
                    Files.writeString(MISSING, RUN + "\n");
                }
            }
            channel.lock(0, 1, true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized void note(String what) {
        try {
            Files.writeString(MISSING, what + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static synchronized void tell() {
        if (channel == null) {
            return;
        }
        try {
            // This releases the share.
            channel.close();
            channel = null;
            try (FileChannel all = FileChannel.open(LOCK, StandardOpenOption.WRITE);
                    FileLock alone = all.tryLock(0, 1, false)) {
                List<String> missing = Files.readAllLines(MISSING);
                if (alone != null && missing.size() > 1) {
                    System.out.println("Some tests were skipped because the machine lacks: "
                            + counted(missing.subList(1, missing.size())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String counted(List<String> missing) {
        Map<String, Long> counts =
                missing.stream().collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
        return counts.entrySet().stream()
                .map(count -> count.getKey() + " (" + count.getValue() + " times)")
                .collect(Collectors.joining(", "));
    }
}
