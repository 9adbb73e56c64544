package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Load from another process: wrk for full load, h2load for a steady rate, TLS and HTTP/2. */
final class Generator {
    private static final int ATTEMPTS = 3;

    private final Path folder;

    /** @param folder for scripts and what the generators write */
    Generator(Path folder) {
        this.folder = folder;
    }

    /** Whether a program is installed. */
    static boolean has(String program) {
        return Arrays.stream(System.getenv("PATH").split(":", -1))
                .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
    }

    /**
     * Full load, over kept-alive connections.
     *
     * @param more Lua that changes what is sent: it may define {@code request}; empty for the same request each time
     */
    Sample most(Served server, Call call, int connections, int seconds, String more) {
        Path script = folder.resolve("load.lua");
        write(script, lua(call, more));
        return costing(server, () -> {
            String output = run(List.of(
                    "wrk",
                    "-t2",
                    "-c" + connections,
                    "-d" + seconds + "s",
                    "-s" + script,
                    "--timeout",
                    "10s",
                    call.url()));
            String[] numbers = output.substring(output.indexOf("RESULT ") + 7)
                    .lines()
                    .findFirst()
                    .orElseThrow()
                    .split(" ", -1);
            double duration = Double.parseDouble(numbers[1]) / 1_000_000;
            long answered = Long.parseLong(numbers[0]);
            long wrong = Long.parseLong(numbers[2]);
            return new Sample(
                    answered / duration,
                    Double.parseDouble(numbers[4]) / 1_000,
                    Double.parseDouble(numbers[5]) / 1_000,
                    Double.parseDouble(numbers[6]) / 1_000,
                    answered - wrong,
                    0,
                    0,
                    wrong + Long.parseLong(numbers[3]),
                    0);
        });
    }

    /**
     * Lua with which wrk sends one request after the other, over and over. They are prepared in advance, so that the generator
     * does not become what is measured.
     *
     * @param name of the file that holds them
     * @param requests as they go over the wire
     */
    String inTurn(String name, List<byte[]> requests) {
        Path list = folder.resolve(name + ".lua");
        StringBuilder lua = new StringBuilder("return {\n");
        for (byte[] request : requests) {
            lua.append(quoted(new String(request, StandardCharsets.US_ASCII))
                            .replace("\r", "\\r")
                            .replace("\n", "\\n"))
                    .append(",\n");
        }
        write(list, lua.append("}\n").toString());
        return """
                local list = dofile("%s")
                local turn = 0
                function request()
                  turn = turn %% #list + 1
                  return list[turn]
                end
                """.formatted(list);
    }

    private static String lua(Call call, String more) {
        StringBuilder lua = new StringBuilder();
        call.fields()
                .forEach((name, value) -> lua.append("wrk.headers[")
                        .append(quoted(name))
                        .append("] = ")
                        .append(quoted(value))
                        .append('\n'));
        if (call.body() != null) {
            lua.append("wrk.method = \"POST\"\n")
                    .append("wrk.headers[\"Content-Type\"] = ")
                    .append(quoted(call.type()))
                    .append('\n')
                    .append("wrk.body = ")
                    .append(quoted(call.body()))
                    .append('\n');
        }
        return lua.append(more).append("""

                        function done(summary, latency, requests)
                          local e = summary.errors
                          io.write(string.format("RESULT %d %d %d %d %.1f %.1f %.1f\\n", summary.requests,
                            summary.duration, e.status, e.connect + e.read + e.write + e.timeout,
                            latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
                        end
                        """).toString();
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /**
     * Requests by h2load, which reports each response's status and time.
     *
     * @param http1 whether over HTTP/1.1; HTTP/2 otherwise
     * @param rate requests a second; null for full load
     */
    Sample each(Served server, Call call, int connections, int seconds, boolean http1, @Nullable Integer rate) {
        Path log = folder.resolve("h2load.log");
        Path body = folder.resolve("body");
        List<String> command = new ArrayList<>(List.of("h2load", "-c" + connections, "-t1", "-D" + seconds));
        command.add("--log-file=" + log);
        if (http1) {
            command.add("--h1");
        } else {
            command.add("-m4");
        }
        if (rate != null) {
            command.add("--rps=" + String.format(Locale.ROOT, "%.1f", (double) rate / connections));
        }
        call.fields().forEach((name, value) -> command.add("-H" + name + ": " + value));
        if (call.body() != null) {
            write(body, call.body());
            command.add("-d" + body);
            command.add("-HContent-Type: " + call.type());
        }
        command.add(call.url());
        // h2load 1.52 sometimes does not start its clock, and would then never end.
        for (int attempt = 1; ; attempt++) {
            try {
                return costing(server, () -> {
                    delete(log);
                    run(command, Map.of(), Duration.ofSeconds(seconds + 30));
                    return parsed(log, seconds);
                });
            } catch (TookTooLong late) {
                if (attempt == ATTEMPTS) {
                    throw late;
                }
            }
        }
    }

    /** Lines of start, status and microseconds. */
    private static Sample parsed(Path log, int seconds) {
        long[] counts = new long[3];
        List<Long> times = new ArrayList<>();
        List<Long> refusals = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(log)) {
                String[] fields = line.split("\t", -1);
                int status = Integer.parseInt(fields[1]);
                boolean good = status >= 200 && status < 400;
                counts[good ? 0 : status == 503 ? 1 : 2]++;
                if (good) {
                    times.add(Long.parseLong(fields[2]));
                } else if (status == 503) {
                    refusals.add(Long.parseLong(fields[2]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long[] sorted = sorted(times);
        return new Sample(
                (double) (counts[0] + counts[1] + counts[2]) / seconds,
                percentile(sorted, 0.5),
                percentile(sorted, 0.99),
                percentile(sorted, 0.999),
                counts[0],
                counts[1],
                percentile(sorted(refusals), 0.99),
                counts[2],
                0);
    }

    private static long[] sorted(List<Long> times) {
        return times.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    private static double percentile(long[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1_000.0;
    }

    private interface Run {
        Sample sample();
    }

    private static Sample costing(Served server, Run run) {
        double before = server.cpuSeconds();
        Sample sample = run.sample();
        double spent = server.cpuSeconds() - before;
        return sample.withCpu(spent * 1_000_000 / Math.max(1, sample.good() + sample.busy() + sample.other()));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command was stopped because it had not ended in time. */
    static final class TookTooLong extends IllegalStateException {
        private static final long serialVersionUID = 1;

        TookTooLong(String message) {
            super(message);
        }
    }

    /** The output of a command. */
    static String run(List<String> command) {
        return run(command, Map.of());
    }

    /** @param environment variables for the command, in addition to those of this process */
    static String run(List<String> command, Map<String, String> environment) {
        return run(command, environment, Duration.ofMinutes(10));
    }

    /** @throws TookTooLong when the command has not ended after the limit; it is killed */
    static String run(List<String> command, Map<String, String> environment, Duration limit) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            Process process = builder.start();
            CompletableFuture<Boolean> inTime = process.onExit()
                    .thenApply(ended -> true)
                    .completeOnTimeout(false, limit.toMillis(), TimeUnit.MILLISECONDS);
            // Reading ends with the process, so whatever takes too long is killed while it is read.
            inTime.thenAccept(ended -> {
                if (!ended) {
                    process.destroyForcibly();
                }
            });
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!inTime.join()) {
                throw new TookTooLong(String.join(" ", command) + " had not ended after " + limit);
            }
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + "\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
