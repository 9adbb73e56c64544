package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.lane.Lane;
import java.time.Duration;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;

/** Connections, the lane of those who use them, and how long they may take for one thing. */
record Connections(HikariDataSource pool, Jdbi jdbi, Lane lane, Duration limit) {
    Connections(HikariDataSource pool, Lane lane, Duration limit) {
        this(pool, Jdbi.create(pool), lane, limit);
        // A failed statement's values stay out of its message, and so out of the log.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
    }

    /** Closes those that nobody uses, and the others as soon as they are given back. */
    void renew() {
        if (!pool.isClosed() && pool.getHikariPoolMXBean() != null) {
            pool.getHikariPoolMXBean().softEvictConnections();
        }
    }

    /** Ends those that wait for an answer, too. */
    void abort() {
        if (pool.getDataSource() instanceof PostgresqlSource source) {
            source.abortAll();
        }
    }

    /** To be done before {@link #close}, for all: while the database is away, one of them tries for the others, too. */
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
