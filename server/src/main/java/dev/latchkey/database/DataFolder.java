package dev.latchkey.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data folder of one running Latchkey: accessible to its owner only, and locked, because two processes on one
 * SQLite file would not learn of each other's changes and would answer from stale memory. The lock is on the folder and
 * the database themselves, where the system supports that, and on a file in the folder that says which process holds
 * it.
 */
public final class DataFolder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);
    private static final String LOCK_FILE = "latchkey.lock";

    /**
     * The folders that this process has open; closing a second channel to a locked file would drop the lock of the
     * first (POSIX).
     */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path realPath;
    private final FileChannel channel;
    private final Deque<FileLock> locks = new ArrayDeque<>();

    private DataFolder(Path path, Path realPath, FileChannel channel, Optional<FileLock> lock) {
        this.path = path;
        this.realPath = realPath;
        this.channel = channel;
        lock.ifPresent(locks::push);
    }

    /**
     * Creates the folder if it does not exist, and locks it until {@link #close} or the end of the process.
     *
     * @throws UnusableDatabaseException when it cannot be written or another process holds it; the message says what to
     *     do
     */
    public static DataFolder open(Path path) {
        Path realPath;
        try {
            Files.createDirectories(path, OwnersOnly.folder(path));
            realPath = path.toRealPath();
        } catch (IOException e) {
            throw unwritable(path, e);
        }
        NativeCode.unpackIn(realPath);
        if (!OPEN.add(realPath)) {
            throw inUse(path, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        Optional<FileLock> lock = Optional.empty();
        try {
            lock = FileLock.ofFolder(realPath);
            channel = FileChannel.open(
                    path.resolve(LOCK_FILE),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    OwnersOnly.file(path));
            // Not the bytes that hold the process id: where locks are mandatory, they could not be read.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
                throw inUse(path, processId(channel));
            }
            noteProcessId(channel);
            return new DataFolder(path, realPath, channel, lock);
        } catch (IOException | UnusableDatabaseException e) {
            closeQuietly(channel);
            lock.ifPresent(FileLock::close);
            OPEN.remove(realPath);
            throw switch (e) {
                case UnusableDatabaseException unusable -> unusable;
                case FileLock.TakenException taken -> inUse(path, notedProcessId(path));
                default -> unwritable(path, e);
            };
        }
    }

    private static void noteProcessId(FileChannel channel) {
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException e) {
            // The disk may be full. The lock is what matters, and the start must not fail.
            log.debug("The process id cannot be written", e);
        }
    }

    /**
     * Locks a database file in this folder until the folder is closed: other paths may lead to it, too.
     *
     * @throws UnusableDatabaseException when another process holds it
     */
    void lock(Path file) {
        try {
            FileLock.ofDatabase(file).ifPresent(locks::push);
        } catch (FileLock.TakenException e) {
            throw new UnusableDatabaseException(
                    "Another Latchkey is running with the database file " + file + ". Stop it first.", e);
        }
    }

    /** Whether the path is directly in this folder. */
    boolean holds(Path other) {
        Path parent = other.toAbsolutePath().normalize().getParent();
        try {
            return parent != null && Files.exists(parent) && parent.toRealPath().equals(realPath);
        } catch (IOException e) {
            return false;
        }
    }

    /** Like {@link #open}; empty when another process holds the folder. */
    public static Optional<DataFolder> tryOpen(Path path) {
        try {
            return Optional.of(open(path));
        } catch (InUseException e) {
            return Optional.empty();
        }
    }

    public Path path() {
        return path;
    }

    /** A file in this folder. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Releases the folder for other processes. */
    @Override
    public void close() {
        closeQuietly(channel);
        while (!locks.isEmpty()) {
            locks.pop().close();
        }
        OPEN.remove(realPath);
    }

    /** The id of the process that holds the folder; unknown when the lock file was removed. */
    private static String notedProcessId(Path path) {
        try (FileChannel noted = FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.READ)) {
            return processId(noted);
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static String processId(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        channel.read(buffer, 0);
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
        return text.matches("[0-9]+") ? text : "unknown";
    }

    /** Another process holds the folder. */
    private static final class InUseException extends UnusableDatabaseException {
        private static final long serialVersionUID = 1L;

        InUseException(String message) {
            super(message, null);
        }
    }

    private static UnusableDatabaseException inUse(Path path, String processId) {
        return new InUseException("Another Latchkey (process " + processId + ") is running with the data folder " + path
                + ". Stop it, or set LATCHKEY_DATA to another folder.");
    }

    private static UnusableDatabaseException unwritable(Path path, Exception e) {
        return new UnusableDatabaseException(
                "The data folder " + path + " cannot be written (" + Reason.ofFile(e)
                        + "). Check its permissions and that its disk is not full, or set LATCHKEY_DATA to another folder.",
                e);
    }

    /** Forces the folder's entries to the disk, where the file system supports that. */
    public static void force(@Nullable Path folder) {
        if (folder == null) {
            return;
        }
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            // Some file systems do not support this; the file itself is on the disk all the same.
        }
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The lock ends with the process at the latest.
        }
    }
}
