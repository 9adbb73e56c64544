package dev.latchkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * What the tests of this process leave on the disk, and what they start once for all: it is in one folder. What a class of
 * tests leaves is removed after it, all else at the end. After a run that was killed, the next one cleans up.
 */
public final class TestRun implements LauncherSessionListener, TestExecutionListener {
    /** All names are short, and in the system's folder: the path of a UNIX socket, such as Chromium's, may have 107 bytes. */
    private static final String PREFIX = "latchkey-tests-";

    /** Where libraries unpack their native code; they leave it, or some of it. */
    private static final List<String> NATIVE_CODE =
            List.of("org.sqlite.tmpdir", "com.amazon.corretto.crypto.provider.tmpdir");

    private static final Scope OF_CLASS = new Scope("class");
    private static final Scope OF_RUN = new Scope("run");

    private static Path root;
    private static FileChannel lock;
    private static int number;
    private static boolean isOver;

    /** Something to do at the end. */
    public interface Ending {
        void run() throws Exception;
    }

    /** What ends at the same time. */
    private static final class Scope {
        private final String name;
        private final Deque<Ending> endings = new ArrayDeque<>();

        private Scope(String name) {
            this.name = name;
        }

        private void end() {
            while (!endings.isEmpty()) {
                try {
                    endings.pop().run();
                } catch (Exception e) {
                    System.err.println("At the end of a test " + name + ": " + e);
                }
            }
            if (root != null) {
                delete(root.resolve(name));
            }
        }
    }

    /** A new folder that is there until the class of tests is over. */
    public static Path newFolder(String name) {
        return newFolder(OF_CLASS, name);
    }

    /** A new folder that is there as long as this process. */
    public static Path lastingFolder(String name) {
        return newFolder(OF_RUN, name);
    }

    /** Does this when the class of tests is over, what came last first. */
    public static synchronized void afterClass(Ending ending) {
        OF_CLASS.endings.push(ending);
    }

    /** Does this when all tests of this process are over, what came last first. */
    public static synchronized void atTheEnd(Ending ending) {
        OF_RUN.endings.push(ending);
    }

    private static synchronized Path newFolder(Scope scope, String name) {
        try {
            Path parent = Files.createDirectories(root().resolve(scope.name));
            return Files.createDirectory(parent.resolve(name + "-" + ++number));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path root() throws IOException {
        if (isOver) {
            throw new IllegalStateException("The tests are over.");
        }
        if (root == null) {
            // Some programs give up being root, and have to reach their folder below it.
            root = Files.createDirectory(
                    Path.of(System.getProperty("java.io.tmpdir"))
                            .resolve(PREFIX + Long.toString(System.nanoTime(), Character.MAX_RADIX)),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
            lock = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock.lock();
            // Where nothing signals the end of the tests, such as after an interrupt.
            Runtime.getRuntime().addShutdownHook(new Thread(TestRun::endForGood));
            removeDeadRoots(root.getParent());
        }
        return root;
    }

    /** Those whose process is gone no longer hold their lock. */
    private static void removeDeadRoots(Path parent) throws IOException {
        List<Path> others;
        try (Stream<Path> all = Files.list(parent)) {
            others = all.filter(path -> path.getFileName().toString().startsWith(PREFIX) && !path.equals(root))
                    .toList();
        }
        for (Path other : others) {
            try (FileChannel its = FileChannel.open(other.resolve("lock"), StandardOpenOption.WRITE)) {
                if (its.tryLock() != null) {
                    delete(other);
                }
            } catch (IOException e) {
                // Another run's, or just being created or removed.
            }
        }
    }

    /** As far as it can be removed; links are not followed. */
    private static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    return remove(file);
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException e) {
                    return remove(directory);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileVisitResult remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Something still writes there; the end of the run, or the next one, tries again.
        }
        return FileVisitResult.CONTINUE;
    }

    /** A test that was interrupted may still run for a moment. */
    private static synchronized void endForGood() {
        isOver = true;
        end();
    }

    private static synchronized void end() {
        OF_CLASS.end();
        OF_RUN.end();
        if (root != null) {
            delete(root);
            root = null;
        }
    }

    /** Before any library is loaded. */
    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        if (System.getProperty(NATIVE_CODE.getFirst()) == null) {
            String folder = lastingFolder("native").toString();
            NATIVE_CODE.forEach(library -> System.setProperty(library, folder));
        }
    }

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        // The engine, and the class that it runs.
        if (identifier.getUniqueIdObject().getSegments().size() == 2) {
            synchronized (TestRun.class) {
                OF_CLASS.end();
            }
        }
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        end();
    }

    /** Where {@link org.junit.jupiter.api.io.TempDir} makes its folders. */
    public static final class Folders implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) {
            return newFolder("junit");
        }
    }
}
