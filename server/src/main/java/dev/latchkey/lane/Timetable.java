package dev.latchkey.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks again and again: each runs, waits for its interval, and runs again. A task that fails runs again in the
 * same way, and the log reports the failure at most once a minute.
 *
 * <p>Each task has a platform thread of its own. It may wait in native code or for a silent database, and must not hold
 * up the other tasks or the carriers of virtual threads.
 */
public final class Timetable implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Timetable.class);

    /** How long {@link #close} waits for running tasks. */
    private static final Duration STOPPING = Duration.ofSeconds(2);

    /** And how long for those that it has interrupted then. */
    private static final Duration INTERRUPTED = Duration.ofMillis(500);

    private final List<Entry> entries = new ArrayList<>();
    private volatile boolean closed;

    /** One task of a timetable. */
    public final class Entry {
        private final Duration interval;
        private final Runnable task;
        private final String failure;
        private final Semaphore wake = new Semaphore(0);
        private final Seldom complaint = new Seldom();
        private final Thread thread;

        private Entry(String name, Duration interval, Runnable task, String failure) {
            this.interval = interval;
            this.task = task;
            this.failure = failure;
            this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
        }

        /**
         * Runs the task now instead of at the end of its interval; if it is running, it runs again right after that.
         */
        public void soon() {
            wake.release();
        }

        private void run() {
            while (!closed) {
                try {
                    if (wake.tryAcquire(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                        wake.drainPermits();
                    }
                } catch (InterruptedException e) {
                    // The task left its thread interrupted, which must not end it.
                    continue;
                }
                if (!closed) {
                    attempt();
                }
            }
        }

        private void attempt() {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                if (closed || !complaint.isDue()) {
                    log.debug("{} failed", thread.getName(), e);
                } else {
                    log.atWarn()
                            .setCause(log.isDebugEnabled() ? e : null)
                            .log("{}: {}", failure, e.getMessage() == null ? e.toString() : e.getMessage());
                }
            }
        }
    }

    /**
     * Adds a task; it runs for the first time after one interval.
     *
     * @param name of its thread
     * @param interval from the end of one run to the beginning of the next
     * @param failure what the log says before the reason when it fails
     */
    public Entry every(Duration interval, String name, Runnable task, String failure) {
        Entry entry = new Entry(name, interval, task, failure);
        synchronized (entries) {
            if (closed) {
                throw new IllegalStateException("the timetable is closed, so " + name + " cannot be added");
            }
            entries.add(entry);
        }
        entry.thread.start();
        return entry;
    }

    /**
     * Ends all tasks, the last one added first. Running ones have two seconds to finish, so that whatever the tasks use can be
     * closed afterwards; only then are they interrupted, because one that is interrupted while it writes may never learn what
     * became of it.
     */
    @Override
    public void close() {
        List<Entry> ending;
        synchronized (entries) {
            closed = true;
            ending = List.copyOf(entries.reversed());
        }
        // Those that wait for their interval end at once.
        ending.forEach(Entry::soon);
        try {
            if (!areOver(ending, STOPPING)) {
                ending.forEach(entry -> entry.thread.interrupt());
                areOver(ending, INTERRUPTED);
            }
        } catch (InterruptedException e) {
            ending.forEach(entry -> entry.thread.interrupt());
            Thread.currentThread().interrupt();
        }
        ending.stream()
                .filter(entry -> entry.thread.isAlive())
                .forEach(entry -> log.warn("{} does not end and is left behind", entry.thread.getName()));
    }

    private static boolean areOver(List<Entry> ending, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        boolean over = true;
        for (Entry entry : ending) {
            over &= entry.thread.join(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
        }
        return over;
    }
}
