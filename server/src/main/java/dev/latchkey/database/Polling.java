package dev.latchkey.database;

import dev.latchkey.problem.Problem;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Polls the database: reads what is asked for, and sees whether this is still a database that the node can use. */
final class Polling {
    private static final Logger log = LoggerFactory.getLogger(Polling.class);

    /** After this long without an answer, a poll tries another connection. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final String SILENT = "The database does not answer.";
    private static final String ONLY_READS =
            "The database accepts no changes, like a standby. Its data may be out of date.";

    private final Dialect dialect;
    private final Schema known;
    private final Connections follows;
    private final Contact contact;
    private final Failures failures;
    private volatile Schema found;

    Polling(Dialect dialect, Schema known, Connections follows, Contact contact, Failures failures) {
        this.dialect = dialect;
        this.known = known;
        this.found = known;
        this.follows = follows;
        this.contact = contact;
        this.failures = failures;
    }

    /** @throws Problem 503, see {@link Database#poll} */
    <T extends @Nullable Object> T poll(Function<Handle, T> work) {
        Failures.refuseFor(dialect.trouble());
        try {
            return looked(work);
        } catch (JdbiException e) {
            if (!Failures.isCausedBy(e, dialect::isLost)) {
                throw silent(e);
            }
        }
        // The connection may have died long ago while it was idle; a new one tells whether the database is there. A
        // durable change should not be answered with an error because of that.
        try {
            return looked(work);
        } catch (JdbiException e) {
            throw silent(e);
        }
    }

    private <T extends @Nullable Object> T looked(Function<Handle, T> work) {
        return follows.lane()
                .run(() -> follows.jdbi().<T, RuntimeException>inTransaction(handle -> {
                    Dialect.Look look = dialect.look(handle, LIMIT);
                    requireFit(look);
                    contact.foundWell();
                    return work.apply(handle);
                }));
    }

    private RuntimeException silent(JdbiException e) {
        if (Failures.isCausedBy(e, this::isGone)) {
            contact.foundSilent(SILENT);
        }
        return failures.ofReading(e);
    }

    private boolean isGone(SQLException e) {
        return dialect.isLost(e) || e instanceof SQLTransientConnectionException;
    }

    /** Polls may overlap; then the log says it twice. */
    private void noteNewer(Schema now) {
        if (!now.equals(found)) {
            found = now;
            if (known.worksWithNewer(now)) {
                log.info(
                        "A newer Latchkey has upgraded the database to schema {}. This version knows schema {} and continues"
                                + " to work",
                        now.version(),
                        known.version());
            }
        }
    }

    private void requireFit(Dialect.Look look) {
        Optional<String> otherSchema = known.whyNot(look.schema());
        if (otherSchema.isPresent()) {
            contact.foundOtherSchema(otherSchema.get());
            throw Problem.unavailable(otherSchema.get(), null);
        }
        noteNewer(look.schema());
        if (look.onlyReads()) {
            contact.foundReadOnly(ONLY_READS);
            throw Problem.unavailable(ONLY_READS, null);
        }
    }
}
