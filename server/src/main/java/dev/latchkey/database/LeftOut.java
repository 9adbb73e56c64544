package dev.latchkey.database;

import dev.latchkey.lane.Seldom;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what changes were made without, because it is only kept for convenience and could not be written. */
final class LeftOut {
    private static final Logger log = LoggerFactory.getLogger(LeftOut.class);

    private final AtomicLong times = new AtomicLong();
    private final Seldom complaint = new Seldom();

    void note(String what, Exception why) {
        times.incrementAndGet();
        if (complaint.isDue()) {
            log.error("A change was made without {}, which cannot be written: {}", what, Reason.of(why));
        }
    }

    long times() {
        return times.get();
    }
}
