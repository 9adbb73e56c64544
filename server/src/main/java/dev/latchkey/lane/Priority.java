package dev.latchkey.lane;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operating system's priority of a thread. Java's own priorities do nothing on Linux unless the JVM is started with
 * special options; the system call behind them is one that every process may use to lower its own priority.
 */
final class Priority {
    private static final Logger log = LoggerFactory.getLogger(Priority.class);

    /**
     * The lowest there is: a seventieth of the weight of a thread at 0. A lane may have dozens of threads, and even all
     * of them together must not outweigh the few that carry requests.
     */
    private static final int NICE = 19;

    /** {@code setpriority(2)}: with PRIO_PROCESS and 0, Linux means the calling thread alone. */
    private static final int PRIO_PROCESS = 0;

    private static final Optional<MethodHandle> SET_PRIORITY = setPriority();

    private Priority() {}

    private static Optional<MethodHandle> setPriority() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return Optional.empty();
        }
        try {
            Linker linker = Linker.nativeLinker();
            return linker.defaultLookup()
                    .find("setpriority")
                    .map(address -> linker.downcallHandle(
                            address,
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT,
                                    ValueLayout.JAVA_INT)));
        } catch (RuntimeException | LinkageError e) {
            log.debug("Threads keep their priority: {}", e.toString());
            return Optional.empty();
        }
    }

    /**
     * Lets other threads go before the calling one when processors are scarce; does nothing where the system does not
     * support that.
     */
    static void lower() {
        if (SET_PRIORITY.isEmpty()) {
            return;
        }
        try {
            int failed = (int) SET_PRIORITY.get().invokeExact(PRIO_PROCESS, 0, NICE);
            if (failed != 0) {
                log.debug("A thread keeps its priority");
            }
        } catch (Throwable e) {
            log.debug("A thread keeps its priority: {}", e.toString());
        }
    }
}
