package dev.latchkey.bench;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A few workers that repeat the same task, each starting again when the last run is done, but not more often than people would:
 * quick replies and refusals must not turn this into a different kind of load.
 */
final class Repeated {
    /** One run. */
    interface Once {
        /**
         * Does it.
         *
         * @param worker whose turn it is, from 0
         * @return the result, in a word or a status
         */
        String run(int worker) throws IOException, InterruptedException;
    }

    private static final Duration LAST_RUN = Duration.ofSeconds(30);

    private final ConcurrentSkipListMap<String, LongAdder> outcomes = new ConcurrentSkipListMap<>();
    private final List<Thread> workers;
    private volatile boolean stopped;

    /** @param interval how often each begins at most */
    Repeated(int number, Duration interval, Once once) {
        workers = IntStream.range(0, number)
                .mapToObj(worker ->
                        Thread.ofPlatform().name("people-" + worker).start(() -> work(worker, interval, once)))
                .toList();
    }

    private void work(int worker, Duration interval, Once once) {
        try {
            while (!stopped) {
                long next = System.nanoTime() + interval.toNanos();
                count(outcome(worker, once));
                long rest = next - System.nanoTime();
                if (rest > 0 && !stopped) {
                    Thread.sleep(Duration.ofNanos(rest));
                }
            }
        } catch (InterruptedException e) {
            // The run has ended.
        }
    }

    private String outcome(int worker, Once once) {
        try {
            return once.run(worker);
        } catch (HttpTimeoutException e) {
            return "no answer in time";
        } catch (IOException e) {
            return "connection lost";
        } catch (InterruptedException e) {
            stopped = true;
            return "unfinished";
        }
    }

    private void count(String outcome) {
        outcomes.computeIfAbsent(outcome, unused -> new LongAdder()).increment();
    }

    /** The results so far. */
    Map<String, Long> outcomes() {
        Map<String, Long> now = new TreeMap<>();
        outcomes.forEach((outcome, number) -> now.put(outcome, number.sum()));
        return now;
    }

    /**
     * Cancels what is in progress and returns all results. Where not one run has ended yet, the first worker may end its own:
     * otherwise a slow machine could not tell a task that does nothing from one that takes long.
     */
    Map<String, Long> stop() {
        stopped = true;
        try {
            if (outcomes.isEmpty()) {
                workers.getFirst().join(LAST_RUN);
            }
            workers.forEach(Thread::interrupt);
            for (Thread worker : workers) {
                worker.join();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return outcomes();
    }

    static String text(Map<?, Long> outcomes) {
        return outcomes.isEmpty()
                ? "none"
                : outcomes.entrySet().stream()
                        .map(each -> Report.whole(each.getValue()) + " × " + each.getKey())
                        .collect(Collectors.joining(", "));
    }
}
