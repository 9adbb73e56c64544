package dev.latchkey.database;

import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** A schema, by the rank of its newest migration. */
record Schema(long rank) {
    /** Flyway's table of the migrations that were made. */
    static final String HISTORY = "schema_history";

    static final String QUERY = "select coalesce(max(installed_rank), 0) from " + HISTORY;

    static Schema of(Handle handle) {
        return new Schema(handle.createQuery(QUERY).mapTo(Long.class).one());
    }

    /** Why a node that knows this schema cannot use the one that was found; empty when it can. */
    Optional<String> whyNot(Schema found) {
        if (found.rank() == rank) {
            return Optional.empty();
        }
        return Optional.of(
                found.rank() > rank
                        ? "A newer Latchkey has changed this database. Replace this node with the newer version."
                        : "The database has an older schema than when this node started. Restart this node.");
    }
}
