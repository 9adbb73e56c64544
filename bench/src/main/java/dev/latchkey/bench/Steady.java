package dev.latchkey.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Requests at a steady rate, whatever their outcome. Each is due at a certain moment, and its latency is measured from then: if
 * the server hangs for a second, all requests that were due in that second show how long they would have waited. A generator that
 * waits for a response before it sends the next request would show only one of them ("coordinated omission").
 */
final class Steady {
    private static final long NANOS = 1_000_000_000;

    /** How late a response may be noticed; asking the kernel without a pause would take a whole processor. */
    private static final long PAUSE_NANOS = 50_000;

    private static final int MOST_STATUS = 600;

    private final InetSocketAddress server;
    private final List<String> from;
    private final List<byte[]> requests;
    private final double perSecond;
    private final int connections;

    private final long[] statuses = new long[MOST_STATUS];
    private final Deque<Wire> idle = new ArrayDeque<>();
    private long[] micros;
    private int answered;
    private long[] lateness;
    private int punctual;
    private long start;

    /**
     * @param from the addresses to call from, in turn
     * @param requests what to ask, in turn
     * @param connections at most; further requests wait for one, and that time is included
     */
    Steady(InetSocketAddress server, List<String> from, List<byte[]> requests, double perSecond, int connections) {
        this.server = server;
        this.from = from;
        this.requests = requests;
        this.perSecond = perSecond;
        this.connections = connections;
        this.micros = new long[0];
        this.lateness = new long[0];
    }

    /**
     * The results.
     *
     * @param statuses how many responses had each status; 0 for requests without a response
     * @param micros all latencies in order, in microseconds; for a request without a response, the time spent waiting
     * @param lateness how late requests went out that did not have to wait for a connection: this program's own part
     */
    record Outcome(Map<Integer, Long> statuses, long[] micros, long[] lateness) {
        /** Milliseconds within which this share of the responses came. */
        double millis(double share) {
            return at(micros, share);
        }

        double most() {
            return at(micros, 1);
        }

        double latenessMillis(double share) {
            return at(lateness, share);
        }

        private static double at(long[] sorted, double share) {
            return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1_000.0;
        }

        static boolean isGood(int status) {
            return status >= 200 && status < 300;
        }

        /** How many got no 2xx. */
        long refused() {
            return statuses.entrySet().stream()
                    .filter(each -> !isGood(each.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
        }
    }

    /**
     * Sends for this long, and then waits for outstanding responses.
     *
     * @param patience how long to wait for responses after the last request was due
     */
    Outcome run(Duration time, Duration patience) {
        int total = (int) (perSecond * time.toMillis() / 1_000);
        micros = new long[total];
        lateness = new long[total];
        try (Selector selector = Selector.open()) {
            List<Wire> wires = IntStream.range(0, connections)
                    .mapToObj(i -> new Wire(selector, server, new InetSocketAddress(from.get(i % from.size()), 0)))
                    .toList();
            idle.addAll(wires);
            start = System.nanoTime();
            int sent = run(selector, total, start + time.toNanos() + patience.toNanos());
            long now = System.nanoTime();
            idle.forEach(Wire::close);
            wires.stream().filter(wire -> !idle.contains(wire)).forEach(wire -> {
                record(0, wire.request(), now);
                wire.close();
            });
            for (int number = sent; number < total; number++) {
                record(0, number, now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return outcome();
    }

    /** How many were sent. */
    private int run(Selector selector, int total, long end) throws IOException {
        int sent = 0;
        boolean waited = false;
        while (answered < total) {
            long now = System.nanoTime();
            if (now > end) {
                break;
            }
            while (sent < total && due(sent) <= now && !idle.isEmpty()) {
                if (!waited) {
                    lateness[punctual++] = (now - due(sent)) / 1_000;
                }
                send(sent++);
                now = System.nanoTime();
            }
            waited = sent < total && due(sent) <= now;
            long wait = waited || sent == total ? PAUSE_NANOS * 20 : due(sent) - now;
            if (wait >= PAUSE_NANOS * 20) {
                // The kernel counts in whole milliseconds; a request that is due in more than one can wait for that.
                selector.select(this::progress, Math.max(1, wait / 1_000_000 - 1));
            } else if (selector.selectNow(this::progress) == 0) {
                LockSupport.parkNanos(Math.min(wait, PAUSE_NANOS));
            }
        }
        return sent;
    }

    private long due(long number) {
        return start + (long) (number * NANOS / perSecond);
    }

    private void send(long number) {
        Wire wire = idle.remove();
        try {
            wire.send(number, requests.get((int) (number % requests.size())));
        } catch (IOException e) {
            broken(wire);
        }
    }

    private void progress(SelectionKey key) {
        Wire wire = (Wire) key.attachment();
        try {
            int status = wire.progress();
            if (status != 0) {
                record(status, wire.request(), System.nanoTime());
                idle.add(wire);
            }
        } catch (IOException e) {
            if (idle.contains(wire)) {
                // Closed by the server while idle.
                wire.close();
            } else {
                broken(wire);
            }
        }
    }

    private void broken(Wire wire) {
        record(0, wire.request(), System.nanoTime());
        wire.close();
        idle.add(wire);
    }

    private void record(int status, long number, long now) {
        statuses[status]++;
        micros[answered++] = (now - due(number)) / 1_000;
    }

    private Outcome outcome() {
        Map<Integer, Long> byStatus = new TreeMap<>();
        for (int status = 0; status < MOST_STATUS; status++) {
            if (statuses[status] > 0) {
                byStatus.put(status, statuses[status]);
            }
        }
        long[] latencies = Arrays.copyOf(micros, answered);
        long[] late = Arrays.copyOf(lateness, punctual);
        Arrays.sort(latencies);
        Arrays.sort(late);
        return new Outcome(byStatus, latencies, late);
    }

    /**
     * Raises the priority of the calling thread where that is allowed, as if it ran on a machine of its own; otherwise the
     * measurement would include this program's waits for a processor.
     *
     * @return whether it was allowed
     */
    static boolean goFirst() {
        try {
            // <process>/task/<thread>
            String thread = Files.readSymbolicLink(Path.of("/proc/thread-self"))
                    .getFileName()
                    .toString();
            Process renice = new ProcessBuilder("renice", "-n", "-10", "-p", thread)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return renice.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
