package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import dev.latchkey.lane.Seldom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
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

    /** How long after its own limit the server is taken to be gone. */
    private static final Duration NETWORK = Duration.ofSeconds(1);

    private static final int CONNECTION_TIMEOUT_MILLIS = 2_000;
    private static final int VALIDATION_TIMEOUT_MILLIS = 1_000;

    /** For a connection that is opened after the start; callers that wait for one wait no longer. */
    private static final int CONNECT_SECONDS = 1;

    private static final int FIRST_CONNECT_SECONDS = 5;

    private static final String UNSEEN_POOLER =
            "A pooler is between this node and PostgreSQL. Add prepareThreshold=0 to LATCHKEY_DATABASE_URL.";

    private final Seldom complaint = new Seldom();
    private final PostgresqlSource.Attempts attempts = new PostgresqlSource.Attempts();
    private volatile boolean pooled;

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address) {
        PostgresqlUrl postgresql = (PostgresqlUrl) address;
        connectOnce(postgresql);
        HikariConfig hikari = pool("postgresql-writer", WRITERS, postgresql, Database.WRITE_LIMIT);
        // Callers that wait here have already waited for other changes.
        hikari.setConnectionTimeout(VALIDATION_TIMEOUT_MILLIS);
        return new HikariDataSource(hikari);
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        HikariConfig hikari = pool("postgresql-" + name, size, (PostgresqlUrl) address, limit);
        hikari.setReadOnly(true);
        if (!pooled) {
            hikari.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
            hikari.setConnectionInitSql("set statement_timeout = " + limit.toMillis());
        }
        return new HikariDataSource(hikari);
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
        if (pooled) {
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
                readingWithin(limit) + "; select schema.rank, pg_is_in_recovery()"
                        + " or current_setting('default_transaction_read_only')::boolean from (" + Schema.QUERY
                        + ") as schema (rank)",
                row -> new Look(new Schema(row.getLong(1)), row.getBoolean(2)));
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
                        + "; select 0 from pg_advisory_xact_lock(" + WRITER_LOCK + "); " + Schema.QUERY,
                row -> new Schema(row.getLong(1)));
    }

    @FunctionalInterface
    private interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Sends several statements in one message, and reads the result of the last one. */
    private static <T> T asked(Handle handle, Duration limit, String statements, Row<T> found) {
        Connection connection = handle.getConnection();
        try {
            // The pool resets it when the connection is returned.
            connection.setNetworkTimeout(
                    Runnable::run, (int) limit.plus(NETWORK).toMillis());
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
        return "57014".equals(e.getSQLState()); // query_canceled
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
        return "53100".equals(e.getSQLState()); // disk_full
    }

    /** Connects without a pool, which would log a failure at length and hide its reason. */
    private void connectOnce(PostgresqlUrl postgresql) {
        try (Connection connection = connection(postgresql);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
            row.next();
            // A pooler announces a process id of its own when a connection begins.
            pooled = row.getInt(1) != connection.unwrap(PGConnection.class).getBackendPID();
            if (pooled) {
                log.info("There is a pooler between this node and PostgreSQL");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /**
     * A connection outside the pools.
     *
     * @throws UnusableDatabaseException when the database's encoding cannot hold every character
     */
    Connection connection(PostgresqlUrl postgresql) throws SQLException {
        Connection connection =
                DriverManager.getConnection(postgresql.url(), properties(postgresql, FIRST_CONNECT_SECONDS));
        try {
            requireAllLetters(connection, postgresql);
            return connection;
        } catch (SQLException | UnusableDatabaseException e) {
            connection.close();
            throw e;
        }
    }

    private static void requireAllLetters(Connection connection, PostgresqlUrl postgresql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select current_setting('server_encoding')")) {
            row.next();
            String encoding = row.getString(1);
            if (!encoding.equals("UTF8")) {
                throw new UnusableDatabaseException(
                        "The database " + postgresql.shown() + " has the encoding " + encoding
                                + ", which cannot hold every character. Use one in UTF8 (create database latchkey"
                                + " encoding 'UTF8' template template0); if this one is already in use, copy it"
                                + " there with pg_dump and pg_restore.",
                        null);
            }
        }
    }

    private HikariConfig pool(String name, int size, PostgresqlUrl postgresql, Duration limit) {
        Properties properties = properties(postgresql, CONNECT_SECONDS);
        // A server that stops answering must lead to a 503, not to a request that hangs.
        properties.setProperty(
                "socketTimeout",
                limit.isZero() ? "0" : Long.toString(limit.plus(NETWORK).toSeconds()));
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setDataSource(new PostgresqlSource(postgresql, properties, attempts));
        hikari.setMaximumPoolSize(size);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(CONNECTION_TIMEOUT_MILLIS);
        hikari.setValidationTimeout(VALIDATION_TIMEOUT_MILLIS);
        // One connection has succeeded; the start need not wait for more.
        hikari.setInitializationFailTimeout(-1);
        hikari.setExceptionOverride(new SQLExceptionOverride() {
            @java.lang.Override
            public Override adjudicate(SQLException e) {
                return isLost(e) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
            }
        });
        return hikari;
    }

    private Properties properties(PostgresqlUrl postgresql, int connectSeconds) {
        Properties properties = new Properties();
        if (postgresql.user() != null) {
            properties.setProperty("user", postgresql.user());
        }
        if (postgresql.password() != null) {
            properties.setProperty("password", postgresql.password());
        }
        properties.setProperty("ApplicationName", "latchkey");
        properties.setProperty("connectTimeout", Integer.toString(connectSeconds));
        properties.setProperty("tcpKeepAlive", "true");
        // The detail quotes the row's values, which do not belong in a log.
        properties.setProperty("logServerErrorDetail", "false");
        // With several hosts in the URL, how long the driver trusts what it knows about one. If it were longer, the
        // driver would keep using the old primary after a failover.
        properties.setProperty("hostRecheckSeconds", "1");
        if (pooled) {
            // Prepared statements would stay on whichever connection the pooler used at the time.
            properties.setProperty("prepareThreshold", "0");
        }
        return properties;
    }

    /** Apart from the pools, whose connections have short limits. */
    @Override
    public DataSource schemaSource(DatabaseAddress address, HikariDataSource writers) {
        PostgresqlUrl postgresql = (PostgresqlUrl) address;
        Properties properties = properties(postgresql, FIRST_CONNECT_SECONDS);
        if (!pooled) {
            properties.setProperty(
                    "options", "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0");
        }
        return new PostgresqlSource(postgresql, properties, null);
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

    @Override
    public boolean isUnavailable(SQLException e) {
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

    @Override
    public SearchIndex searchIndex() {
        return new PostgresqlSearchIndex();
    }

    /**
     * A pooler that was not noticed runs a prepared statement on a connection that does not have it, or has another
     * one.
     */
    private boolean isOfAnother(SQLException e) {
        boolean another = state(e).equals("26000") || state(e).equals("42P05");
        if (another && complaint.isDue()) {
            log.error("{}: {}", Database.rootMessage(e), UNSEEN_POOLER);
        }
        return another;
    }

    @Override
    public String openingAdvice(String reason) {
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
