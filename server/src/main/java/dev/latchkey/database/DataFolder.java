package dev.latchkey.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one running Latchkey: made for its owner only, and locked, because two processes on one SQLite file
 * would not hear of each other's changes and answer from stale memory.
 */
public final class DataFolder implements AutoCloseable {
    private static final String LOCK_FILE = "latchkey.lock";

    /** In this process; closing a second channel to a locked file would drop the first one's lock (POSIX). */
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final Path realPath;
    private final FileChannel channel;

    private DataFolder(Path path, Path realPath, FileChannel channel) {
        this.path = path;
        this.realPath = realPath;
        this.channel = channel;
    }

    /**
     * Makes the folder if there is none, and locks it until {@link #close} or the end of the process.
     *
     * @throws UnusableDatabaseException when it cannot be written or another process has it; the message says what to do
     */
    public static DataFolder open(Path path) {
        Path realPath;
        try {
            Files.createDirectories(path, ownersOnly(path, "rwx------"));
            realPath = path.toRealPath();
        } catch (IOException e) {
            throw unwritable(path, e);
        }
        if (!OPEN.add(realPath)) {
            throw inUse(path, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    path.resolve(LOCK_FILE),
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    ownersOnly(path, "rw-------"));
            // Not the bytes that hold the process id: where locks are mandatory, they could not be read.
            if (channel.tryLock(Long.MAX_VALUE - 1, 1, false) == null) {
                throw inUse(path, processId(channel));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new DataFolder(path, realPath, channel);
        } catch (IOException | UnusableDatabaseException e) {
            closeQuietly(channel);
            OPEN.remove(realPath);
            throw e instanceof UnusableDatabaseException unusable ? unusable : unwritable(path, e);
        }
    }

    public Path path() {
        return path;
    }

    /** A file in this folder. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Lets another process have the folder. */
    @Override
    public void close() {
        closeQuietly(channel);
        OPEN.remove(realPath);
    }

    private static FileAttribute<?>[] ownersOnly(Path path, String permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    private static String processId(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        channel.read(buffer, 0);
        String text = new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
        return text.matches("[0-9]+") ? text : "unknown";
    }

    private static UnusableDatabaseException inUse(Path path, String processId) {
        return new UnusableDatabaseException(
                "Another Latchkey (process " + processId + ") is running with the data folder " + path
                        + ". Stop it, or set LATCHKEY_DATA to another folder.",
                null);
    }

    private static UnusableDatabaseException unwritable(Path path, Exception e) {
        return new UnusableDatabaseException(
                "The data folder " + path + " cannot be written. Check its permissions, or set LATCHKEY_DATA to another"
                        + " folder.",
                e);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // The lock goes with the process at the latest.
        }
    }
}
