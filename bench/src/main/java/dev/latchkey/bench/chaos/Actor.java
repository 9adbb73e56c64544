package dev.latchkey.bench.chaos;

import dev.latchkey.bench.chaos.Break.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A node, and the disturbances that affect it alone. */
final class Actor implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long PAUSE_MILLIS = 200;

    private final Node node;
    private final List<Link> links;
    private final History history;
    private final @Nullable Path clockLibrary;
    private final ReentrantLock lock = new ReentrantLock();
    private long skewSeconds;

    /** @param links all links from it to a database */
    Actor(Node node, List<Link> links, History history) {
        this.node = node;
        this.links = List.copyOf(links);
        this.history = history;
        this.clockLibrary = clockLibrary();
    }

    private static @Nullable Path clockLibrary() {
        try (Stream<Path> machines = Files.list(Path.of("/usr/lib"))) {
            return machines.map(machine -> machine.resolve("faketime/libfaketimeMT.so.1"))
                    .filter(Files::exists)
                    .findFirst()
                    .orElse(null);
        } catch (java.io.IOException e) {
            return null;
        }
    }

    /** Whether clocks can be skewed here. */
    static boolean canSkew() {
        return clockLibrary() != null;
    }

    Node node() {
        return node;
    }

    /** Reserves the node, so that nothing else is done to it at the same time. */
    ReentrantLock lock() {
        return lock;
    }

    /** How it can be broken, whatever its database. */
    List<Step.Kind> kinds() {
        List<Step.Kind> kinds = new ArrayList<>(List.of(Step.Kind.KILL, Step.Kind.FREEZE));
        if (!links.isEmpty()) {
            kinds.add(Step.Kind.CUT_OFF);
            if (clockLibrary != null) {
                kinds.add(Step.Kind.SKEW);
            }
        }
        return kinds;
    }

    void perform(Step step) {
        lock.lock();
        try {
            switch (step.kind()) {
                case KILL -> again();
                case SKEW -> {
                    skewSeconds = (step.thorough() ? 1 : -1) * step.millis() / 1_000;
                    again();
                }
                case FREEZE -> broken(Cause.FROZEN, step.millis(), node::freeze, node::thaw);
                case CUT_OFF ->
                    broken(
                            Cause.CUT_OFF,
                            step.millis(),
                            () -> links.forEach(step.thorough() ? Link::reset : Link::silence),
                            () -> links.forEach(Link::heal));
                default -> throw new IllegalArgumentException(step.toString());
            }
        } finally {
            lock.unlock();
        }
    }

    private void broken(Cause cause, long millis, Runnable how, Runnable end) {
        long ordered = history.now();
        how.run();
        long inForce = history.now();
        sleep(millis);
        long lifted = history.now();
        end.run();
        history.add(new Break(node.name(), cause, ordered, inForce, lifted, history.now()));
    }

    private void again() {
        down(() -> {});
    }

    /** Kills the node, does something, and starts it again. */
    void down(Runnable meanwhile) {
        long ordered = history.now();
        node.kill();
        long inForce = history.now();
        meanwhile.run();
        long lifted = history.now();
        start();
        history.add(new Break(node.name(), Cause.DOWN, ordered, inForce, lifted, history.now()));
    }

    /** Starts it, again and again while its database is away. */
    void start() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                node.start(clock());
                return;
            } catch (IllegalStateException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                sleep(PAUSE_MILLIS);
            }
        }
    }

    private Map<String, String> clock() {
        return skewSeconds == 0 || clockLibrary == null
                ? Map.of()
                : Map.of(
                        "LD_PRELOAD",
                        clockLibrary.toString(),
                        "FAKETIME",
                        (skewSeconds > 0 ? "+" : "") + skewSeconds + "s",
                        // Waits use the monotonic clock, which stays correct. With the library's correction for it,
                        // every timed
                        // wait of the JVM returns at once, and all its threads spin.
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        "FAKETIME_FORCE_MONOTONIC_FIX",
                        "0");
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        node.close();
    }
}
