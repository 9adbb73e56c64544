package dev.latchkey.bench.chaos;

import dev.latchkey.bench.Served;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One Latchkey: a process of the built jar, which can be killed, frozen and started again. */
final class Node implements AutoCloseable {
    private static final long PAUSE_NANOS = 1_000_000;
    private static final long READY_PAUSE_NANOS = 50_000_000;

    private final String name;
    private final int port;
    private final Path data;
    private final Path log;
    private final List<String> java;
    private final Map<String, String> settings;
    private @Nullable Served served;

    /** @param settings without the port, which is assigned here, and the data folder, which is below the given one */
    Node(String name, int port, Path jar, Path folder, Map<String, String> settings) {
        this.name = name;
        this.port = port;
        this.data = folder.resolve(name).resolve("data");
        this.log = folder.resolve(name + ".log");
        this.java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // Correctness matters here, not speed, and there are three nodes.
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                jar.toString());
        this.settings = new HashMap<>(settings);
        this.settings.put("LATCHKEY_PORT", Integer.toString(port));
        this.settings.put("LATCHKEY_DATA", data.toString());
    }

    String name() {
        return name;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    Path data() {
        return data;
    }

    Path log() {
        return log;
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @param environment further variables
     * @throws IllegalStateException when it ends instead
     */
    void start(Map<String, String> environment) {
        try {
            Files.createDirectories(data.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(environment);
        served = Served.start(
                name, "this checkout", url(), url() + "/health/live", data.getParent(), log, all, with("serve"));
        while (!isReady()) {
            if (!process().isAlive()) {
                throw new IllegalStateException(name + " ended during startup; see " + log);
            }
            LockSupport.parkNanos(READY_PAUSE_NANOS);
        }
    }

    private boolean isReady() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(url() + "/health/ready").toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(10_000);
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private List<String> with(String... arguments) {
        return Stream.concat(java.stream(), Stream.of(arguments)).toList();
    }

    /** A command with this node's settings that runs alongside it. */
    Command command(String... arguments) {
        return new Command(with(arguments), settings);
    }

    private Process process() {
        if (served == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return served.process();
    }

    /** Kills it without warning, and returns when it is gone. */
    void kill() {
        try {
            process().destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Freezes all its threads, and returns when they have stopped. */
    void freeze() {
        signal("-STOP");
        while (!stands()) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    void thaw() {
        signal("-CONT");
    }

    private void signal(String signal) {
        if (!process().isAlive()) {
            throw new IllegalStateException(name + " has ended without being told to; see " + log);
        }
        Command.of("kill", signal, Long.toString(process().pid())).run();
    }

    /** Dumps all its threads, including virtual ones, next to its log. */
    void dump() {
        Command.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process().pid()),
                        "Thread.dump_to_file",
                        log.resolveSibling(name + "-threads.log").toString())
                .result();
    }

    private boolean stands() {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + process().pid() + "/task"))) {
            return threads.allMatch(thread -> {
                try {
                    String stat = Files.readString(thread.resolve("stat"));
                    return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
                } catch (IOException e) {
                    // This thread has ended.
                    return true;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Once everything has been read, an orderly end is unnecessary. */
    @Override
    public void close() {
        if (served != null) {
            kill();
        }
    }
}
