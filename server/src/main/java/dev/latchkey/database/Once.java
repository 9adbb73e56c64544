package dev.latchkey.database;

import java.time.Instant;
import org.jdbi.v3.core.Handle;

/** What must happen only once in the life of a database; each has a row of its own that records that it did. */
public enum Once {
    /** The first start creates an API token for automating everything else. */
    BOOTSTRAP_TOKEN("bootstrap token");

    private final String what;

    Once(String what) {
        this.what = what;
    }

    public boolean happened(Handle handle) {
        return handle.createQuery("select count(*) from once where what = :what")
                        .bind("what", what)
                        .mapTo(Long.class)
                        .one()
                > 0;
    }

    /** Records it in the transaction in which it happens; a second time fails, and the transaction with it. */
    public void happens(Transaction transaction, Instant at) {
        transaction
                .update("insert into once (what, at) values (:what, :at)")
                .bind("what", what)
                .bind("at", at.toEpochMilli())
                .execute();
    }
}
