package dev.latchkey.database;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows of the state of its database, from the looks that it takes at it all the time ({@link
 * Database#poll}), and what it does about connections that may be dead or lead to the wrong server.
 */
final class Contact {
    private static final Logger log = LoggerFactory.getLogger(Contact.class);

    /** New connections cost the database more than anything that is asked on them. */
    private static final long RENEWALS_APART_NANOS = 200_000_000L;

    private final List<Connections> reading;
    private final Connections changing;
    private final AtomicLong renewedAt = new AtomicLong(System.nanoTime() - RENEWALS_APART_NANOS);
    private volatile @Nullable String trouble;
    private volatile boolean renewalDue;
    private volatile boolean otherSchema;
    private final AtomicInteger silences = new AtomicInteger();

    Contact(List<Connections> reading, Connections changing) {
        this.reading = reading;
        this.changing = changing;
    }

    /** What is wrong; empty as far as is known. */
    Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    /** Whether the schema is another one than this node knows. */
    boolean hasOtherSchema() {
        return otherSchema;
    }

    /** A look at the database went well. */
    void isWell() {
        silences.set(0);
        otherSchema = false;
        if (renewalDue) {
            renew();
        }
        if (trouble != null) {
            log.info("The database is as it should be again");
            trouble = null;
        }
    }

    /** Somebody has changed the schema, or put another one in its place. */
    void hasOtherSchema(String reason) {
        silences.set(0);
        otherSchema = true;
        becomes(reason);
    }

    /** The server is a standby, or has become one: with several in the address, another may be the right one. */
    void onlyReads(String reason) {
        silences.set(0);
        becomes(reason);
        renew();
    }

    /** The database did not answer. Once may be a stall; twice in a row, and nobody waits for it any more. */
    void isSilent(String reason) {
        renew();
        if (silences.incrementAndGet() > 1) {
            becomes(reason);
            // Not the changes: what became of one that is cut off, nobody would know. They have little time anyway.
            reading.forEach(Connections::abort);
        }
    }

    private void becomes(String reason) {
        if (!reason.equals(trouble)) {
            log.warn("{}", reason);
            trouble = reason;
        }
    }

    /**
     * All connections may be dead, or lead to a server that has become another one's copy. If that was done a moment ago, it is
     * done again with the next look that goes well: some may have been made in between.
     */
    void renew() {
        renewalDue = true;
        long last = renewedAt.get();
        long now = System.nanoTime();
        if (now - last >= RENEWALS_APART_NANOS && renewedAt.compareAndSet(last, now)) {
            renewalDue = false;
            reading.forEach(Connections::renew);
            changing.renew();
        }
    }
}
