package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL, for more than one node.
 *
 * <p>There may be a pooler in between that runs each transaction on another connection. So a change sets what it needs
 * for its own transaction, in the same message that takes the writers' lock. A read is spared such a message: its
 * connection has the settings, unless there is a pooler.
 */
final class Postgresql implements Dialect {
    private static final Logger log = LoggerFactory.getLogger(Postgresql.class);

    /** One that writes, and a spare for when it is lost. */
    private static final int WRITERS = 2;

    /** Any number will do, as long as all nodes use the same one. */
    private static final long WRITER_LOCK = 0x6c61_7463_686b_6579L;

    /**
     * A node that hangs while it holds the writers' lock loses it after this time: revocations on all nodes wait for
     * it.
     */
    private static final Duration SILENT_WRITER = Duration.ofSeconds(2);

    /** Longer than {@link #SILENT_WRITER}, so that a change that waits for a hanging node gets the lock. */
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(3);

    private final PostgresqlConnections connections = new PostgresqlConnections();
    private final PostgresqlErrors errors = new PostgresqlErrors();

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address, Duration limit) {
        PostgresqlUrl postgresql = (PostgresqlUrl) address;
        connections.connectOnce(postgresql);
        HikariConfig hikari = connections.pool("postgresql-writer", WRITERS, postgresql, limit);
        // Callers that wait here have already waited for other changes.
        hikari.setConnectionTimeout(hikari.getValidationTimeout());
        return new HikariDataSource(hikari);
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        HikariConfig hikari = connections.pool("postgresql-" + name, size, (PostgresqlUrl) address, limit);
        hikari.setReadOnly(true);
        if (!connections.arePooled()) {
            hikari.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
            hikari.setConnectionInitSql("set statement_timeout = " + limit.toMillis());
        }
        return new HikariDataSource(hikari);
    }

    @Override
    public Optional<Duration> clockAhead(Handle handle, Clock clock) {
        // The first statement of a transaction may take more messages than its own; the second is one there and back.
        handle.execute("select 1");
        Instant before = clock.instant();
        long there = handle.createQuery("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)")
                .mapTo(Long.class)
                .one();
        Duration way = Duration.between(before, clock.instant()).dividedBy(2);
        return Optional.of(Duration.between(Instant.ofEpochMilli(there), before.plus(way)));
    }

    /** Another machine does the work, so more can run at once than this one has processors. */
    @Override
    public Sizes sizes() {
        return new Sizes(6, 6, 4);
    }

    /** The server enforces the limit. */
    @Override
    public <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work) {
        beginReading(handle, limit);
        return work.get();
    }

    @Override
    public void beginReading(Handle handle, Duration limit) {
        if (connections.arePooled()) {
            handle.execute(readingWithin(limit));
        }
    }

    private static String readingWithin(Duration limit) {
        return "set transaction isolation level repeatable read, read only; set local statement_timeout = "
                + limit.toMillis();
    }

    @Override
    public Look look(Handle handle, Duration limit) {
        return asked(
                handle,
                limit,
                readingWithin(limit) + "; " + Schema.QUERY + ", pg_is_in_recovery()"
                        + " or current_setting('default_transaction_read_only')::boolean",
                row -> new Look(Schema.of(row.getString(1), row.getString(2)), row.getBoolean(3)));
    }

    /** READ COMMITTED: under any higher level a transaction would see the state from before it had the lock. */
    @Override
    public Schema becomeOnlyWriter(Handle handle, Duration limit) {
        Duration patience = limit.compareTo(LOCK_PATIENCE) < 0 ? limit : LOCK_PATIENCE;
        return asked(
                handle,
                limit,
                "set transaction isolation level read committed, read write; set local statement_timeout = "
                        + limit.toMillis() + "; set local lock_timeout = " + patience.toMillis()
                        + "; set local idle_in_transaction_session_timeout = " + SILENT_WRITER.toMillis()
                        + "; select null, null from pg_advisory_xact_lock(" + WRITER_LOCK + "); " + Schema.QUERY,
                row -> Schema.of(row.getString(1), row.getString(2)));
    }

    @FunctionalInterface
    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Sends several statements in one message, and reads the result of the last one. All results have its columns. */
    private static <T> T asked(Handle handle, Duration limit, String statements, Row<T> found) {
        Connection connection = handle.getConnection();
        try {
            // The pool resets it when the connection is returned.
            connection.setNetworkTimeout(Runnable::run, (int)
                    limit.plus(PostgresqlConnections.NETWORK).toMillis());
            try (Statement statement = connection.createStatement()) {
                statement.execute(statements);
                @Nullable T last = null;
                do {
                    ResultSet rows = statement.getResultSet();
                    if (rows != null && rows.next()) {
                        last = found.of(rows);
                    }
                } while (statement.getMoreResults() || statement.getUpdateCount() != -1);
                return Objects.requireNonNull(last);
            }
        } catch (SQLException e) {
            throw new UnableToExecuteStatementException(e, null);
        }
    }

    @Override
    public boolean isTooLong(SQLException e) {
        return PostgresqlErrors.isTooLong(e);
    }

    /** The driver keeps statements itself, and on the server once they are used again; not through a pooler. */
    @Override
    public PreparedStatement kept(Connection connection, String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    @Override
    public boolean discarded(Connection connection) {
        // The driver's statements end with it.
        return true;
    }

    @Override
    public boolean isFull(SQLException e) {
        return PostgresqlErrors.isFull(e);
    }

    @Override
    public DataSource schemaSource(DatabaseAddress address, HikariDataSource writers) {
        return connections.ofSchema((PostgresqlUrl) address);
    }

    @Override
    public void aloneOn(DataSource schemaSource, Runnable work) {
        Jdbi.create(schemaSource).useTransaction(handle -> {
            handle.execute("set local statement_timeout = 0");
            handle.execute("set local lock_timeout = 0");
            handle.execute("set local idle_in_transaction_session_timeout = 0");
            boolean mine = handle.createQuery("select pg_try_advisory_xact_lock(:lock)")
                    .bind("lock", WRITER_LOCK)
                    .mapTo(Boolean.class)
                    .one();
            if (!mine) {
                log.info("Waiting for another node that is changing the database");
                handle.execute("select pg_advisory_xact_lock(?)", WRITER_LOCK);
            }
            work.run();
        });
    }

    @Override
    public void keepStatistics(Handle handle) {
        // Autovacuum does this.
    }

    @Override
    public boolean isLost(SQLException e) {
        return PostgresqlErrors.isLost(e);
    }

    @Override
    public boolean isUnavailable(SQLException e) {
        return errors.isUnavailable(e);
    }

    @Override
    public SearchIndex searchIndex() {
        return new PostgresqlSearchIndex();
    }

    @Override
    public String openingAdvice(String reason) {
        return PostgresqlErrors.advice(reason);
    }
}
