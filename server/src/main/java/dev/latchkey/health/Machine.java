package dev.latchkey.health;

import dev.latchkey.management.Doc;
import java.lang.management.ManagementFactory;

/** The machine and the Java that a process runs on, without names, paths and arguments. */
public record Machine(
        String java,
        String virtualMachine,
        String operatingSystem,
        long processors,

        @Doc("The most memory for objects") long maxMemoryMib,
        long usedMemoryMib,
        long uptimeSeconds) {
    private static final long MIB = 1024 * 1024;

    /** What this process runs on. */
    public static Machine current() {
        Runtime runtime = Runtime.getRuntime();
        return new Machine(
                Runtime.version().toString(),
                System.getProperty("java.vm.name", ""),
                System.getProperty("os.name", "") + " " + System.getProperty("os.version", "") + " "
                        + System.getProperty("os.arch", ""),
                runtime.availableProcessors(),
                runtime.maxMemory() / MIB,
                (runtime.totalMemory() - runtime.freeMemory()) / MIB,
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
    }
}
