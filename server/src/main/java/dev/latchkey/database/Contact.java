package dev.latchkey.database;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this node knows about the state of its database from frequent polls ({@link Database#poll}), and what it does
 * about connections that may be dead or lead to the wrong server.
 */
final class Contact {
    private static final Logger log = LoggerFactory.getLogger(Contact.class);

    /** Opening connections costs the database more than anything they are used for. */
    private static final long RENEWALS_APART_NANOS = 200_000_000L;

    private final Dialect dialect;
    private final Pools pools;
    private final AtomicLong renewedAt = new AtomicLong(System.nanoTime() - RENEWALS_APART_NANOS);
    private volatile @Nullable String trouble;
    private volatile boolean renewalDue;
    private volatile boolean otherSchema;
    private final AtomicInteger silences = new AtomicInteger();

    Contact(Dialect dialect, Pools pools) {
        this.dialect = dialect;
        this.pools = pools;
    }

    /** What is wrong; empty when nothing is known to be. */
    Optional<String> trouble() {
        return dialect.trouble().or(() -> Optional.ofNullable(trouble));
    }

    /** Whether this node cannot work with the schema that it found. */
    boolean hasOtherSchema() {
        return otherSchema;
    }

    /** A poll succeeded. */
    void foundWell() {
        silences.set(0);
        otherSchema = false;
        if (renewalDue) {
            renew();
        }
        if (trouble != null) {
            log.info("The database works normally again");
            trouble = null;
        }
    }

    /** The schema was changed, or replaced with an older one. */
    void foundOtherSchema(String reason) {
        silences.set(0);
        otherSchema = true;
        becomes(reason);
    }

    /** The server is a standby or has become one. With several servers in the address, another may be the primary. */
    void foundReadOnly(String reason) {
        silences.set(0);
        becomes(reason);
        renew();
    }

    /**
     * The database did not answer. Once may be a stall; after the second time in a row, callers no longer wait for it.
     */
    void foundSilent(String reason) {
        renew();
        if (silences.incrementAndGet() > 1) {
            becomes(reason);
            // Changes are not aborted: the outcome of one that is cut off would be unknown. They have little time
            // anyway.
            pools.reading().forEach(Connections::abort);
        }
    }

    private void becomes(String reason) {
        if (!reason.equals(trouble)) {
            log.warn("{}", reason);
            trouble = reason;
        }
    }

    /**
     * Replaces all connections, which may be dead or lead to a server that has become a standby. If that was done a
     * moment ago, it is done again after the next successful poll, because some may have been opened in between.
     */
    void renew() {
        renewalDue = true;
        long last = renewedAt.get();
        long now = System.nanoTime();
        if (now - last >= RENEWALS_APART_NANOS && renewedAt.compareAndSet(last, now)) {
            renewalDue = false;
            pools.all().forEach(Connections::renew);
        }
    }
}
