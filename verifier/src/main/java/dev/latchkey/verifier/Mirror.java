package dev.latchkey.verifier;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A copy of Latchkey's keys and, where one is needed, of its policy for one API, kept fresh by one thread. */
final class Mirror implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.latchkey.verifier");

    /** However many access tokens name unknown keys, Latchkey's keys are fetched at most this often. */
    private static final long BETWEEN_REFETCHES_MILLIS = 5_000;

    /** How long a caller waits for keys that are being fetched. */
    private static final long WAIT_FOR_KEYS_MILLIS = 1_000;

    /** Failures lengthen the pauses up to this. */
    private static final long LONGEST_PAUSE_MILLIS = 60_000;

    private final Latchkey latchkey;
    private final Policies policies;
    private final long intervalMillis;
    private final long maximumStalenessMillis;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor thread;

    /** Written by that thread only. */
    private volatile Copy copy;

    /** The failures in a row; written by that thread only. */
    private volatile int failures;

    private volatile boolean closed;
    private @Nullable Future<?> refetch;
    private long refetchedAt;

    /**
     * The keys and the policy at one time.
     *
     * @param policy null when this version does not understand it, or none is needed
     */
    private record Copy(Keys keys, @Nullable Policy policy, long confirmedAt) {}

    /** Reads the policy. */
    @FunctionalInterface
    interface Policies {
        /** For those who need only the keys. */
        Policies NONE = known -> null;

        /** @param known the policy that was read last, which is returned when it has not changed */
        @Nullable Policy read(@Nullable Policy known);
    }

    /**
     * Loads everything once, then keeps it fresh.
     *
     * @param name for the thread
     * @throws LatchkeyException when it cannot be loaded
     */
    Mirror(
            Latchkey latchkey,
            Policies policies,
            String name,
            Duration interval,
            Duration maximumStaleness,
            Clock clock) {
        this.latchkey = latchkey;
        this.policies = policies;
        this.intervalMillis = interval.toMillis();
        this.maximumStalenessMillis = maximumStaleness.toMillis();
        this.clock = clock;
        long begun = clock.millis();
        this.copy = new Copy(Keys.parse(latchkey.keys()), policies.read(null), begun);
        this.refetchedAt = begun - BETWEEN_REFETCHES_MILLIS;
        this.thread = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread daemon = new Thread(task, "latchkey-verifier-" + name);
                    daemon.setDaemon(true);
                    return daemon;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        schedule();
    }

    /** The policy; null when there is none that can be used. */
    @Nullable Policy policy() {
        Copy now = copy;
        return closed || isStale(now) ? null : now.policy();
    }

    /** Whether the keys are fresh enough to be used. */
    boolean isUsable() {
        return !closed && !isStale(copy);
    }

    /** Why there is no policy. */
    String trouble() {
        if (closed) {
            return "The verifier is closed.";
        }
        return isStale(copy)
                ? "The access policy is too old: Latchkey could not be reached."
                : "The access policy is not understood.";
    }

    /** A clock that was set back makes the age negative, and the real age cannot be known. */
    private boolean isStale(Copy of) {
        return Math.abs(clock.millis() - of.confirmedAt()) > maximumStalenessMillis;
    }

    Keys keys() {
        return copy.keys();
    }

    /** The keys after fetching them again, at most every few seconds, for an access token that names an unknown one. */
    Keys keysAfterRefetch() {
        try {
            Future<?> fetch = refetch();
            if (fetch != null) {
                fetch.get(WAIT_FOR_KEYS_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // then the key stays unknown
        }
        return copy.keys();
    }

    /** While Latchkey does not answer, callers do not wait for it: the periodic refresh keeps trying. */
    private synchronized @Nullable Future<?> refetch() {
        if (failures == 0 && Math.abs(clock.millis() - refetchedAt) >= BETWEEN_REFETCHES_MILLIS) {
            refetchedAt = clock.millis();
            refetch = thread.submit(() -> attempt(this::loadKeys));
        }
        return refetch;
    }

    private void refresh() {
        try {
            attempt(() -> {
                loadKeys();
                loadPolicy();
            });
        } finally {
            schedule();
        }
    }

    private void attempt(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            failures++;
            if (closed) {
                return;
            }
            if (e instanceof LatchkeyException) {
                LOG.log(
                        Level.WARNING,
                        "The policy and the keys could not be refreshed; the last ones stay in use:" + " {0}",
                        e.getMessage());
            } else {
                // A bug here must not end the refreshing.
                LOG.log(Level.ERROR, "The policy and the keys could not be refreshed; the last ones stay in use", e);
            }
        }
    }

    private void loadKeys() {
        String json = latchkey.keys();
        Copy before = copy;
        if (!before.keys().are(json)) {
            copy = new Copy(Keys.parse(json), before.policy(), before.confirmedAt());
            LOG.log(Level.INFO, "Latchkey's keys have changed");
        }
    }

    private void loadPolicy() {
        long begun = clock.millis();
        Copy before = copy;
        try {
            copy = new Copy(before.keys(), policies.read(before.policy()), begun);
        } catch (UnusablePolicyException e) {
            // The new policy may forbid what the previous one allowed.
            copy = new Copy(before.keys(), null, begun);
            LOG.log(Level.ERROR, e.getMessage());
        }
        if (failures > 0) {
            failures = 0;
            LOG.log(Level.INFO, "Latchkey answers again");
        }
    }

    /**
     * With jitter, so that verifiers do not all refresh at once; never later than the interval unless there were
     * failures.
     */
    private void schedule() {
        long longest = Math.max(intervalMillis, LONGEST_PAUSE_MILLIS);
        long pause = Math.min(longest, intervalMillis << Math.min(failures, 16));
        long jittered = pause - ThreadLocalRandom.current().nextLong(pause / 5 + 1);
        thread.schedule(this::refresh, jittered, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        closed = true;
        thread.shutdownNow();
    }
}
