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

/** What Latchkey says of one API and of its own keys, copied here and kept fresh by one thread. */
final class Mirror implements AutoCloseable {
    private static final Logger LOG = System.getLogger("dev.latchkey.verifier");

    /** However many access tokens name unknown keys, Latchkey is asked for its keys this often at most. */
    private static final long BETWEEN_REFETCHES_MILLIS = 5_000;

    /** How long a caller waits for keys that are being fetched. */
    private static final long WAIT_FOR_KEYS_MILLIS = 1_000;

    /** Failures make the pauses longer, up to this. */
    private static final long LONGEST_PAUSE_MILLIS = 60_000;

    private final Latchkey latchkey;
    private final long intervalMillis;
    private final long maximumStalenessMillis;
    private final Clock clock;
    private final ScheduledThreadPoolExecutor thread;

    /** Written by that thread only. */
    private volatile Copy copy;

    /** In a row; written by that thread only. */
    private volatile int failures;

    private volatile boolean closed;
    private @Nullable Future<?> refetch;
    private long refetchedAt;

    /**
     * What was known when Latchkey last said all of it.
     *
     * @param policy null when it said something that is not understood
     */
    private record Copy(Keys keys, @Nullable Policy policy, long confirmedAt) {}

    /**
     * Loads everything once, then keeps it fresh.
     *
     * @throws LatchkeyException when it cannot be loaded
     */
    Mirror(Latchkey latchkey, String api, Duration interval, Duration maximumStaleness, Clock clock) {
        this.latchkey = latchkey;
        this.intervalMillis = interval.toMillis();
        this.maximumStalenessMillis = maximumStaleness.toMillis();
        this.clock = clock;
        long begun = clock.millis();
        this.copy = new Copy(Keys.parse(latchkey.keys()), latchkey.policy(null), begun);
        this.refetchedAt = begun - BETWEEN_REFETCHES_MILLIS;
        this.thread = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread daemon = new Thread(task, "latchkey-verifier-" + api);
                    daemon.setDaemon(true);
                    return daemon;
                },
                new ThreadPoolExecutor.DiscardPolicy());
        schedule();
    }

    /** The policy; null when there is none that may be decided with. */
    @Nullable Policy policy() {
        Copy now = copy;
        return closed || isStale(now) ? null : now.policy();
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

    /** A clock that was set back makes the age negative, and nobody can tell what it really is. */
    private boolean isStale(Copy of) {
        return Math.abs(clock.millis() - of.confirmedAt()) > maximumStalenessMillis;
    }

    Keys keys() {
        return copy.keys();
    }

    /** The keys after another look at Latchkey, for an access token that names an unknown one; if there may be one now. */
    Keys keysAfterRefetch() {
        try {
            Future<?> fetch = refetch();
            if (fetch != null) {
                fetch.get(WAIT_FOR_KEYS_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // then it stays unknown
        }
        return copy.keys();
    }

    /** While Latchkey does not answer, callers do not wait for it: the refreshing goes on trying. */
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
                LOG.log(Level.WARNING, "Not refreshed, going on with what is known: {0}", e.getMessage());
            } else {
                // A mistake in here must not end the refreshing.
                LOG.log(Level.ERROR, "Not refreshed, going on with what is known", e);
            }
        }
    }

    private void loadKeys() {
        String json = latchkey.keys();
        Copy before = copy;
        if (!before.keys().are(json)) {
            copy = new Copy(Keys.parse(json), before.policy(), before.confirmedAt());
            LOG.log(Level.INFO, "Latchkey has other keys now");
        }
    }

    private void loadPolicy() {
        long begun = clock.millis();
        Copy before = copy;
        try {
            copy = new Copy(before.keys(), latchkey.policy(before.policy()), begun);
        } catch (UnusablePolicyException e) {
            // What was allowed before may be what the new policy forbids.
            copy = new Copy(before.keys(), null, begun);
            LOG.log(Level.ERROR, e.getMessage());
        }
        if (failures > 0) {
            failures = 0;
            LOG.log(Level.INFO, "Latchkey answers again");
        }
    }

    /** Not all at once, and never later than the interval while all goes well. */
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
