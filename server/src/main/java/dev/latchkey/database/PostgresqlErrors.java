package dev.latchkey.database;

import dev.latchkey.lane.Seldom;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What PostgreSQL's errors mean, by their SQLSTATE. */
final class PostgresqlErrors {
    private static final Logger log = LoggerFactory.getLogger(PostgresqlErrors.class);

    private static final String UNSEEN_POOLER =
            "A pooler is between this node and PostgreSQL. Add prepareThreshold=0 to LATCHKEY_DATABASE_URL.";

    private final Seldom complaint = new Seldom();

    static boolean isTooLong(SQLException e) {
        return "57014".equals(e.getSQLState()); // query_canceled
    }

    static boolean isFull(SQLException e) {
        return "53100".equals(e.getSQLState()); // disk_full
    }

    static boolean isLost(SQLException e) {
        String state = state(e);
        return state.startsWith("08") // connection
                || state.startsWith("57P") // the server stops or starts
                || state.equals("25P03") // idle in a transaction for too long
                || state.equals("25P04") // in a transaction for too long
                || state.equals("25006"); // a standby
    }

    private static String state(SQLException e) {
        return e.getSQLState() == null ? "" : e.getSQLState();
    }

    boolean isUnavailable(SQLException e) {
        String state = state(e);
        return isOfAnother(e)
                || e instanceof SQLTransientException
                || isLost(e)
                || state.startsWith("53") // insufficient resources
                || state.startsWith("57") // operator intervention
                || state.startsWith("58") // system error
                || state.equals("55P03") // the lock was not free in time
                || state.startsWith("40"); // rolled back
    }

    /**
     * A pooler that was not noticed runs a prepared statement on a connection that does not have it, or has another
     * one.
     */
    private boolean isOfAnother(SQLException e) {
        boolean another = state(e).equals("26000") || state(e).equals("42P05");
        if (another && complaint.isDue()) {
            log.error("{}: {}", Reason.of(e), UNSEEN_POOLER);
        }
        return another;
    }

    /** What to try when the database cannot be opened for this reason. */
    static String advice(String reason) {
        if (reason.contains("statement pooling mode")) {
            return "Set pool_mode = transaction in PgBouncer.";
        }
        if (reason.contains("unsupported startup parameter")) {
            return "Add it to ignore_startup_parameters in PgBouncer.";
        }
        if (reason.contains("prepared statement")) {
            return UNSEEN_POOLER;
        }
        return "Check LATCHKEY_DATABASE_URL and that the server is running.";
    }
}
