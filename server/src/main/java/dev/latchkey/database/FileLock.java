package dev.latchkey.database;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock on a file or folder itself ({@code flock(2)}), until it is closed or the process ends. It holds whatever path
 * the file is opened by or renamed to, and no clean-up can remove it, unlike a file that only says "locked". Java's own
 * locks are the other kind ({@code fcntl}), which SQLite uses on its file and which is lost with the first descriptor
 * that is closed; the two do not see each other on Linux's local file systems.
 *
 * <p>While SQLite has the file open in this process, the lock must not be closed: closing its descriptor would drop
 * SQLite's locks.
 */
final class FileLock implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FileLock.class);

    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");
    private static final boolean MAC = System.getProperty("os.name", "").startsWith("Mac");

    /** {@code O_RDONLY | O_CLOEXEC}: children must not inherit it, or it would outlive the process. */
    private static final int OPEN_FLAGS = MAC ? 0x0100_0000 : 0x0008_0000;

    /** {@code LOCK_EX | LOCK_NB}. */
    private static final int EXCLUSIVE_AT_ONCE = 2 | 4;

    /** {@code EWOULDBLOCK}. */
    private static final int TAKEN = MAC ? 35 : 11;

    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final @Nullable Calls CALLS = calls();

    private record Calls(MethodHandle open, MethodHandle flock, MethodHandle close) {}

    /** Another process holds the lock. */
    static final class TakenException extends IOException {
        private static final long serialVersionUID = 1L;

        TakenException(Path path) {
            super(path + " is locked");
        }
    }

    private final Calls calls;
    private final int descriptor;

    private FileLock(Calls calls, int descriptor) {
        this.calls = calls;
        this.descriptor = descriptor;
    }

    private static @Nullable Calls calls() {
        if (!LINUX && !MAC) {
            return null;
        }
        try {
            Linker linker = Linker.nativeLinker();
            SymbolLookup symbols = linker.defaultLookup();
            return new Calls(
                    // The mode, which only creating a file needs, is left out of open's variable arguments.
                    linker.downcallHandle(
                            symbols.findOrThrow("open"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                            Linker.Option.firstVariadicArg(2)),
                    linker.downcallHandle(
                            symbols.findOrThrow("flock"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                            Linker.Option.captureCallState("errno")),
                    linker.downcallHandle(
                            symbols.findOrThrow("close"),
                            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
        } catch (RuntimeException | LinkageError e) {
            log.debug("flock(2) is not available, so files are locked by Java only: {}", e.toString());
            return null;
        }
    }

    /** Prepares the calls, so that the first use does not wait for them. */
    static void preload() {
        log.debug("flock(2) {}", CALLS == null ? "is not available" : "is ready");
    }

    /**
     * Locks a folder.
     *
     * @return empty where the system does not support that; then another lock must do
     * @throws TakenException when another process holds it
     */
    static Optional<FileLock> ofFolder(Path folder) throws TakenException {
        return lock(folder);
    }

    /**
     * Locks a file that SQLite uses, where SQLite's own locks are not {@code flock(2)}.
     *
     * @return empty where the system does not support that; then another lock must do
     * @throws TakenException when another process holds it
     */
    static Optional<FileLock> ofDatabase(Path file) throws TakenException {
        return LINUX && !isRemote(file) ? lock(file) : Optional.empty();
    }

    /**
     * Whether it is on a network file system: there both kinds of locks are the same, and ours would lock SQLite out.
     */
    private static boolean isRemote(Path file) {
        try {
            String type = Files.getFileStore(file).type().toLowerCase(Locale.ROOT);
            return type.startsWith("nfs") || type.startsWith("cifs") || type.startsWith("smb");
        } catch (IOException e) {
            return true;
        }
    }

    private static Optional<FileLock> lock(Path path) throws TakenException {
        if (CALLS == null) {
            return Optional.empty();
        }
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = (int) CALLS.open().invokeExact(arena.allocateFrom(path.toString()), OPEN_FLAGS);
            if (descriptor < 0) {
                return Optional.empty();
            }
            FileLock lock = new FileLock(CALLS, descriptor);
            MemorySegment state = arena.allocate(CALL_STATE);
            if ((int) CALLS.flock().invokeExact(state, descriptor, EXCLUSIVE_AT_ONCE) == 0) {
                return Optional.of(lock);
            }
            int reason = (int) ERRNO.get(state, 0L);
            lock.close();
            if (reason == TAKEN) {
                throw new TakenException(path);
            }
            log.debug("{} cannot be locked: errno {}", path, reason);
            return Optional.empty();
        } catch (TakenException e) {
            throw e;
        } catch (Throwable e) {
            log.debug("{} cannot be locked: {}", path, e.toString());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            int failed = (int) calls.close().invokeExact(descriptor);
            if (failed != 0) {
                log.debug("A lock is released only at the end of the process");
            }
        } catch (Throwable e) {
            log.debug("A lock is released only at the end of the process: {}", e.toString());
        }
    }
}
