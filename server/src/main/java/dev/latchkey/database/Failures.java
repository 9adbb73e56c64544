package dev.latchkey.database;

import dev.latchkey.problem.Problem;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.JdbiException;

/** What a failure of the database means to the caller, and to the connections. */
final class Failures {
    private static final String FULL = "The database's disk is full. Free some space and try again.";
    private static final String UNAVAILABLE = "The database is not available. Try again in a moment.";

    private final Dialect dialect;
    private final Pools pools;
    private final Contact contact;

    Failures(Dialect dialect, Pools pools, Contact contact) {
        this.dialect = dialect;
        this.pools = pools;
        this.contact = contact;
    }

    /** @throws Problem 503 with the reason, if there is one */
    static void refuseFor(Optional<String> trouble) {
        trouble.ifPresent(reason -> {
            throw Problem.unavailable(reason, null);
        });
    }

    /** What to throw when a transaction has failed; if its connection is lost, all are replaced. */
    RuntimeException of(JdbiException e) {
        if (isCausedBy(e, dialect::isLost)) {
            contact.renew();
        }
        if (isCausedBy(e, dialect::isFull)) {
            return Problem.unavailable(
                    dialect.room().flatMap(DiskRoom::shortage).orElse(FULL), e);
        }
        return isCausedBy(e, this::isUnavailable) ? Problem.unavailable(UNAVAILABLE, e) : e;
    }

    /** {@link #of} for a transaction that reads, and may have taken too long. */
    RuntimeException ofReading(JdbiException e) {
        return isTooLong(e) ? Problem.unavailable(UNAVAILABLE, e) : of(e);
    }

    /** What to throw when a look-up has failed. */
    RuntimeException ofLookUp(SQLException e) {
        return isUnavailable(e) || dialect.isTooLong(e)
                ? Problem.unavailable(UNAVAILABLE, e)
                : new IllegalStateException("a look-up failed", e);
    }

    boolean isTooLong(JdbiException e) {
        return isCausedBy(e, dialect::isTooLong);
    }

    private boolean isUnavailable(SQLException e) {
        return pools.areClosed() || dialect.isUnavailable(e);
    }

    static boolean isCausedBy(JdbiException e, Predicate<SQLException> kind) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && kind.test(sql)) {
                return true;
            }
        }
        return false;
    }
}
