package dev.latchkey.database;

import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.lane.Seldom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a pool's connections to PostgreSQL. While the database is away it tries again, a few times a second, until it
 * is back: a pool that saw each failure would wait longer and longer before it tried again, and would reconnect seconds
 * late.
 */
final class PostgresqlSource extends PGSimpleDataSource implements AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final Logger log = LoggerFactory.getLogger(PostgresqlSource.class);
    private static final long PAUSE_MILLIS = 200;
    private static final int CLOSING_SECONDS = 2;

    private final transient PostgresqlUrl address;
    private final transient Properties properties;
    private final transient @Nullable Attempts attempts;
    private final transient Set<Connection> made = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** What all pools of one database share: while it is away, one of them tries and the others wait for the outcome. */
    static final class Attempts {
        private final ReentrantLock lock = new ReentrantLock();
        private final Seldom complaint = new Seldom();
        private volatile boolean failing;
    }

    /** @param attempts null to try once and report the failure */
    PostgresqlSource(PostgresqlUrl address, Properties properties, @Nullable Attempts attempts) {
        this.address = address;
        this.properties = properties;
        this.attempts = attempts;
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (attempts == null) {
            return connected();
        }
        try {
            while (!closed) {
                try {
                    return attempts.failing ? firstOf(attempts) : connected();
                } catch (SQLException e) {
                    note(e, attempts);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("interrupted while the database is away", e);
        }
        throw new SQLTransientConnectionException("the pool is closed");
    }

    /** Tries while the database is away; once it is back, all callers that waited connect at the same time. */
    private Connection firstOf(Attempts together) throws SQLException, InterruptedException {
        together.lock.lockInterruptibly();
        try {
            while (together.failing && !closed) {
                try {
                    Connection connection = connected();
                    together.failing = false;
                    return connection;
                } catch (SQLException e) {
                    note(e, together);
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } finally {
            together.lock.unlock();
        }
        return connected();
    }

    private void note(SQLException e, Attempts together) {
        together.failing = true;
        if (!closed && together.complaint.isDue()) {
            log.warn("There is no connection to the database; trying again until there is one: {}", Reason.of(e));
        }
    }

    private Connection connected() throws SQLException {
        Connection connection = DriverManager.getConnection(address.url(), properties);
        for (Connection known : made) {
            if (known.isClosed()) {
                made.remove(known);
            }
        }
        made.add(connection);
        return connection;
    }

    /** Aborts all its connections, and whatever waits for an answer on them. */
    void abortAll() {
        for (Connection connection : made) {
            made.remove(connection);
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                log.debug("A connection was not aborted cleanly", e);
            }
        }
    }

    /** Stops trying; the pool closes its connections itself. */
    @Override
    public void close() {
        closed = true;
    }

    /** How long a pool that is closed waits for a connection that is being opened. */
    @Override
    public int getLoginTimeout() {
        return CLOSING_SECONDS;
    }
}
