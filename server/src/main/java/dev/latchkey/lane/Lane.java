package dev.latchkey.lane;

import dev.latchkey.trace.CurrentRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded set of platform threads for one kind of work that may block in native code or compute for long. Virtual
 * threads carry the requests, and there are only as many carriers as processors: work that never releases its carrier
 * would stop them all.
 *
 * <p>A virtual thread hands its work over and waits, which occupies no platform thread. A platform thread may block, so
 * it does the work itself, within the same bounds. The bounds say how many callers work at once and how many more may
 * wait. A caller that finds no place, or that has waited too long, is refused with the owner's exception.
 *
 * <p>A lane must not be entered again from its own work: when all places are taken by callers that want a second one,
 * none of them could continue.
 */
public final class Lane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);
    private static final long KEPT_SECONDS = 30;

    /** The lane whose work this platform thread is doing. */
    private static final ThreadLocal<@Nullable Lane> ENTERED = new ThreadLocal<>();

    /** Whether a lane's threads share the processors equally with all others or give way to them. */
    public enum Pace {
        /** For work that programs' requests wait for. */
        USUAL,
        /** For work that can take a moment longer: other threads go first when the processors are busy. */
        GIVING_WAY
    }

    /**
     * The limits of a lane.
     *
     * @param atWork how many may work at once, at least one
     * @param waiting how many more may wait
     * @param patience how long a caller waits before it is refused
     */
    public record Bounds(int atWork, int waiting, Duration patience) {
        public Bounds {
            if (atWork < 1 || waiting < 0 || patience.isNegative()) {
                throw new IllegalArgumentException("a lane needs room");
            }
        }
    }

    /**
     * What a lane is doing, and what it has done since it was created.
     *
     * @param atWork how many callers have a place in the lane
     * @param places how many places it has
     * @param waiting how many callers wait
     * @param done the work that it has done
     * @param waitedNanos how long callers have waited, those who were refused included
     * @param refused how many callers were refused
     */
    public record Figures(
            String name, int atWork, int places, int waiting, Done done, long waitedNanos, long refused) {}

    /** How many pieces of work a lane has done, and how long they took. */
    public record Done(long number, long nanos) {}

    private final String name;
    private final Bounds bounds;
    private final @Nullable Share share;
    private final Supplier<? extends RuntimeException> refusal;
    private final Semaphore places;
    private final ThreadPoolExecutor threads;
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder done = new LongAdder();
    private final LongAdder workedNanos = new LongAdder();
    private final LongAdder waitedNanos = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Seldom complaint = new Seldom();

    /**
     * @param name for threads, metrics and the log
     * @param refusal creates what is thrown when a caller is refused
     */
    public Lane(String name, Pace pace, Bounds bounds, Supplier<? extends RuntimeException> refusal) {
        this(name, pace, bounds, null, refusal);
    }

    /**
     * @param share which part of the time its places may work in total, so that they rest after much work; null for all
     *     of it
     */
    public Lane(
            String name,
            Pace pace,
            Bounds bounds,
            @Nullable Share share,
            Supplier<? extends RuntimeException> refusal) {
        this.name = name;
        this.bounds = bounds;
        this.share = share;
        this.refusal = refusal;
        this.places = new Semaphore(bounds.atWork(), true);
        this.threads = new ThreadPoolExecutor(
                bounds.atWork(), bounds.atWork(), KEPT_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Runnable started = pace == Pace.USUAL
                            ? work
                            : () -> {
                                Priority.lower();
                                work.run();
                            };
                    return Thread.ofPlatform().name(name + "-lane-", 0).daemon().unstarted(started);
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Does the work in this lane and returns its result; what it throws reaches the caller. */
    public <T extends @Nullable Object> T run(Supplier<T> work) {
        boolean virtual = Thread.currentThread().isVirtual();
        if (!virtual && ENTERED.get() == this) {
            throw new IllegalStateException("this thread is in the lane " + name + " already");
        }
        enter();
        long began = System.nanoTime();
        try {
            return virtual ? handedOver(work) : here(work);
        } finally {
            leave(System.nanoTime() - began);
        }
    }

    private void enter() {
        try {
            if (places.tryAcquire(0, TimeUnit.NANOSECONDS)) {
                return;
            }
            boolean room = waiting.incrementAndGet() <= bounds.waiting();
            long began = System.nanoTime();
            try {
                if (room && places.tryAcquire(bounds.patience().toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } finally {
                waiting.decrementAndGet();
                waitedNanos.add(System.nanoTime() - began);
            }
        } catch (InterruptedException e) {
            // The caller is to end, for example because the server stops. That says nothing about the lane.
            Thread.currentThread().interrupt();
            throw refusal.get();
        }
        throw refused();
    }

    private <T extends @Nullable Object> T here(Supplier<T> work) {
        @Nullable Lane outer = ENTERED.get();
        ENTERED.set(this);
        try {
            return work.get();
        } finally {
            ENTERED.set(outer);
        }
    }

    private <T extends @Nullable Object> T handedOver(Supplier<T> work) {
        @Nullable CurrentRequest request = CurrentRequest.get();
        FutureTask<T> task =
                new FutureTask<>(request == null ? () -> here(work) : () -> request.during(() -> here(work)));
        try {
            threads.execute(task);
        } catch (RejectedExecutionException e) {
            // Closed, not full: the executor's own queue has no limit.
            throw refusal.get();
        }
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    // The work ends by its own limits; leaving its place before that would let in one too many.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw thrown(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException thrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }

    private void leave(long tookNanos) {
        done.increment();
        workedNanos.add(tookNanos);
        long rest = share == null ? 0 : share.restAfter(tookNanos / bounds.atWork(), System.nanoTime());
        if (rest <= 0) {
            places.release();
        } else {
            CompletableFuture.delayedExecutor(rest, TimeUnit.NANOSECONDS, Runnable::run)
                    .execute(places::release);
        }
    }

    private RuntimeException refused() {
        refused.increment();
        if (complaint.isDue()) {
            log.warn("The lane for {} is full and refuses: {}", name, figures());
        }
        return refusal.get();
    }

    public Figures figures() {
        return new Figures(
                name,
                bounds.atWork() - places.availablePermits(),
                bounds.atWork(),
                waiting.get(),
                new Done(done.sum(), workedNanos.sum()),
                waitedNanos.sum(),
                refused.sum());
    }

    /** Stops accepting work from virtual threads; what is running ends by its own limits. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
