package dev.latchkey.event;

import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recovers once from each change of the history, and keeps changes waiting until then. */
final class Recovering {
    private static final Logger log = LoggerFactory.getLogger(Recovering.class);

    /** How long a change waits that has met another history. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final Delivery delivery;
    private final @Nullable Witness witness;
    private volatile @Nullable Recovery recovery;
    /** Held by the thread that recovers, the only one that may write until it is done. */
    private final ReentrantLock recovering = new ReentrantLock();

    Recovering(Delivery delivery, @Nullable Witness witness) {
        this.delivery = delivery;
        this.witness = witness;
    }

    /** How to recover from now on. */
    void begin(Recovery way) {
        recovery = way;
    }

    /** Whether all followers are added, and the history is compared with what is known. */
    boolean hasBegun() {
        return recovery != null;
    }

    /** @throws Problem 503 while the history is compared, unless this thread does that */
    void requireMayWrite() {
        if (isInTheWay()) {
            // The witness still ends where the lost history did, so this change would leave no trace if it were lost,
            // too.
            throw History.hasChanged();
        }
    }

    /**
     * A change that has met another history is answered once the witness has it, which continues only after the
     * recovery.
     *
     * @throws Problem 503 when that takes too long
     */
    void await() {
        if (!isInTheWay()) {
            return;
        }
        try {
            if (!recovering.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw History.hasChanged();
            }
            recovering.unlock();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw History.hasChanged();
        }
        recover();
    }

    private boolean isInTheWay() {
        return delivery.lostFrom() != null && recovery != null && !recovering.isHeldByCurrentThread();
    }

    /** Must not run inside a poll, because it writes. Until it succeeds, the log is not current. */
    void recover() {
        Recovery way = recovery;
        if (delivery.lostFrom() == null || way == null) {
            return;
        }
        recovering.lock();
        try {
            Position held = delivery.lostFrom();
            if (held == null) {
                return;
            }
            delivery.resumeFrom(way.recover(held, witness));
            log.info("The history of the database has been read again; tokens are accepted again");
        } finally {
            recovering.unlock();
        }
    }
}
