package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** PostgreSQL, for more than one machine. */
final class Postgresql implements Dialect {
    /** One that writes, and one that migrations take beside it. */
    private static final int WRITERS = 2;

    /** Any number will do, as long as all nodes take the same one. */
    private static final long WRITER_LOCK = 0x6c61_7463_686b_6579L;

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address) {
        PostgresqlUrl postgresql = (PostgresqlUrl) address;
        connectOnce(postgresql);
        HikariConfig hikari = pool("postgresql-writer", WRITERS, postgresql);
        // READ COMMITTED, because under any higher level a transaction would see the state from before it had the
        // writer's lock. A node that hangs while it has the lock must not stop the others for ever.
        hikari.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        hikari.setConnectionInitSql("set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '30s'");
        return new HikariDataSource(hikari);
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit) {
        HikariConfig hikari = pool("postgresql-" + name, size, (PostgresqlUrl) address);
        hikari.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
        hikari.setReadOnly(true);
        hikari.setConnectionInitSql("set statement_timeout = " + limit.toMillis());
        // The writer's connection showed that it goes; the start need not wait for more of them.
        hikari.setInitializationFailTimeout(-1);
        return new HikariDataSource(hikari);
    }

    /** Another machine does the work, so more of it can be under way than this one has processors. */
    @Override
    public Sizes sizes() {
        return new Sizes(6, 6, 4);
    }

    /** The server watches the time, by {@link #readers}. */
    @Override
    public <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work) {
        return work.get();
    }

    @Override
    public boolean isTooLong(SQLException e) {
        return "57014".equals(e.getSQLState()); // query_canceled
    }

    /** The driver keeps it by itself, also compiled on the server, when it is asked for again. */
    @Override
    public PreparedStatement kept(Connection connection, String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    @Override
    public void discarded(Connection connection) {
        // The driver's statements go with it.
    }

    @Override
    public boolean isFull(SQLException e) {
        return "53100".equals(e.getSQLState()); // disk_full
    }

    /** The pool would log a failure at length and hide its reason. */
    private static void connectOnce(PostgresqlUrl postgresql) {
        Properties properties = properties();
        if (postgresql.user() != null) {
            properties.setProperty("user", postgresql.user());
        }
        if (postgresql.password() != null) {
            properties.setProperty("password", postgresql.password());
        }
        try {
            DriverManager.getConnection(postgresql.url(), properties).close();
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static HikariConfig pool(String name, int size, PostgresqlUrl postgresql) {
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName(name);
        hikari.setJdbcUrl(postgresql.url());
        if (postgresql.user() != null) {
            hikari.setUsername(postgresql.user());
        }
        if (postgresql.password() != null) {
            hikari.setPassword(postgresql.password());
        }
        hikari.setMaximumPoolSize(size);
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout(5_000);
        hikari.setDataSourceProperties(properties());
        return hikari;
    }

    private static Properties properties() {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "latchkey");
        // A server that stops answering must become a 503, not a request that hangs.
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "30");
        properties.setProperty("tcpKeepAlive", "true");
        // The detail quotes the row's values, which do not belong in a log.
        properties.setProperty("logServerErrorDetail", "false");
        return properties;
    }

    @Override
    public void becomeOnlyWriter(Handle handle) {
        handle.execute("select pg_advisory_xact_lock(?)", WRITER_LOCK);
    }

    @Override
    public void keepStatistics(Handle handle) {
        // Autovacuum does.
    }

    @Override
    public boolean isUnavailable(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        return e instanceof SQLTransientException
                || state.startsWith("08") // connection
                || state.startsWith("53") // insufficient resources
                || state.startsWith("57") // operator intervention
                || state.startsWith("58") // system error
                || state.equals("55P03") // the lock was not to be had in time
                || state.equals("25006") // a standby
                || state.equals("25P03") // idle in transaction for too long
                || state.startsWith("40"); // rolled back
    }

    @Override
    public SearchIndex searchIndex() {
        return new PostgresqlSearchIndex(this);
    }

    @Override
    public String openingAdvice() {
        return "Check LATCHKEY_DATABASE_URL and that the server is running.";
    }
}
