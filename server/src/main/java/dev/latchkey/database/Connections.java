package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.latchkey.lane.Lane;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;

/** A pool of connections, the lane of its callers, and how long one piece of work may take. */
record Connections(HikariDataSource pool, Jdbi jdbi, Lane lane, Duration limit) {
    Connections(HikariDataSource pool, Lane lane, Duration limit) {
        this(pool, Jdbi.create(pool), lane, limit);
        // A failed statement's values stay out of its message, and so out of the log.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
    }

    PoolFigures figures() {
        String name = lane.figures().name();
        @Nullable HikariPoolMXBean now = pool.isClosed() ? null : pool.getHikariPoolMXBean();
        return now == null
                ? new PoolFigures(name, 0, 0, 0, pool.getMaximumPoolSize())
                : new PoolFigures(
                        name,
                        now.getActiveConnections(),
                        now.getIdleConnections(),
                        now.getThreadsAwaitingConnection(),
                        pool.getMaximumPoolSize());
    }

    /** Closes idle connections now and the others as soon as they are returned. */
    void renew() {
        if (!pool.isClosed() && pool.getHikariPoolMXBean() != null) {
            pool.getHikariPoolMXBean().softEvictConnections();
        }
    }

    /** Closes all connections, also those that wait for an answer. */
    void abort() {
        if (pool.getDataSource() instanceof PostgresqlSource source) {
            source.abortAll();
        }
    }

    /**
     * Call this on all pools before {@link #close}: while the database is away, one of them tries to connect for the
     * others.
     */
    void connectNoMore() {
        if (pool.getDataSource() instanceof PostgresqlSource source) {
            source.close();
        }
    }

    void close() {
        connectNoMore();
        lane.close();
        pool.close();
    }
}
