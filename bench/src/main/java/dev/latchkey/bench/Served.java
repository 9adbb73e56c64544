package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server under load: its processes, and what they cost.
 *
 * @param startMillis from its command to its first response
 */
public record Served(String name, String version, String url, Process process, long startMillis)
        implements AutoCloseable {
    /** The kernel's unit of processor time, the same on every Linux that Java runs on. */
    static final double TICKS_PER_SECOND = 100;

    private static final long PATIENCE_SECONDS = 180;

    /**
     * Starts a server and waits for its first response.
     *
     * @param ready an address that returns 200 as soon as it serves; with TLS an open port is enough
     */
    public static Served start(
            String name,
            String version,
            String url,
            String ready,
            Path folder,
            Path log,
            Map<String, String> environment,
            List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            // Settings are strict: a variable of this process that is meant for something else would be refused.
            builder.environment().keySet().removeIf(each -> each.startsWith("LATCHKEY_"));
            builder.environment().putAll(environment);
            long start = System.nanoTime();
            Process process = builder.start();
            while (!answers(ready)) {
                if (!process.isAlive() || System.nanoTime() - start > TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(name + " does not answer:\n" + Files.readString(log));
                }
                Thread.sleep(2);
            }
            return new Served(name, version, url, process, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean answers(String address) {
        URI uri = URI.create(address);
        if (uri.getScheme().equals("https")) {
            try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        }
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private Stream<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants());
    }

    /** Processor seconds that the server has used so far. */
    double cpuSeconds() {
        return cpuSeconds(processes());
    }

    /** Processor seconds that these processes have used so far. */
    static double cpuSeconds(Stream<ProcessHandle> processes) {
        return processes
                .mapToDouble(each -> cpuSecondsOf(read(Path.of("/proc/" + each.pid() + "/stat"))))
                .sum();
    }

    /** Processor seconds that the server's threads of this name have used so far. */
    double cpuSeconds(String thread) {
        double[] sum = new double[1];
        processes().forEach(each -> {
            try (Stream<Path> threads = Files.list(Path.of("/proc/" + each.pid() + "/task"))) {
                threads.filter(task -> read(task.resolve("comm")).strip().equals(thread))
                        .forEach(task -> sum[0] += cpuSecondsOf(read(task.resolve("stat"))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return sum[0];
    }

    /** After the name, which is in parentheses and may contain anything: utime and stime are fields 14 and 15. */
    private static double cpuSecondsOf(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Megabytes that the server's processes hold in memory. */
    long residentMib() {
        return processes()
                .mapToLong(each -> read(Path.of("/proc/" + each.pid() + "/status"))
                        .lines()
                        .filter(line -> line.startsWith("VmRSS:"))
                        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1_024)
                        .sum())
                .sum();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = processes().toList();
        all.forEach(ProcessHandle::destroy);
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                all.forEach(ProcessHandle::destroyForcibly);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
