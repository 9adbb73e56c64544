package dev.latchkey;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The name of this machine, for people who look at several nodes. Java's own way asks a name server, which may be slow to answer, and
 * a node must start without one.
 */
final class HostName {
    /** Linux's own file; other systems say it in the environment, or not at all. */
    private static final Path FILE = Path.of("/proc/sys/kernel/hostname");

    private static final int MAX_LENGTH = 100;

    private HostName() {}

    static String current() {
        String name = read();
        return name.isEmpty() ? "this machine" : name.substring(0, Math.min(MAX_LENGTH, name.length()));
    }

    private static String read() {
        try {
            return Files.readString(FILE, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            String windows = System.getenv("COMPUTERNAME");
            String others = System.getenv("HOSTNAME");
            return windows != null ? windows : others != null ? others : "";
        }
    }
}
