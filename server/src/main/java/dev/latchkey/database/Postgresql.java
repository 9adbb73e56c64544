package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** PostgreSQL, for more than one machine. */
final class Postgresql implements Dialect {
    private static final int CONNECTIONS = 10;

    /** Any number will do, as long as all nodes take the same one. */
    private static final long WRITER_LOCK = 0x6c61_7463_686b_6579L;

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public HikariDataSource writers(DatabaseAddress address) {
        PostgresqlUrl postgresql = (PostgresqlUrl) address;
        HikariConfig hikari = new HikariConfig();
        hikari.setPoolName("postgresql");
        hikari.setJdbcUrl(postgresql.url());
        if (postgresql.user() != null) {
            hikari.setUsername(postgresql.user());
        }
        if (postgresql.password() != null) {
            hikari.setPassword(postgresql.password());
        }
        hikari.setMaximumPoolSize(CONNECTIONS);
        hikari.setMinimumIdle(2);
        hikari.setConnectionTimeout(5_000);
        hikari.addDataSourceProperty("ApplicationName", "latchkey");
        // A server that stops answering must become a 503, not a request that hangs.
        hikari.addDataSourceProperty("socketTimeout", "30");
        return new HikariDataSource(hikari);
    }

    @Override
    public HikariDataSource readers(DatabaseAddress address, HikariDataSource writers) {
        return writers;
    }

    @Override
    public TransactionIsolationLevel readIsolation() {
        return TransactionIsolationLevel.REPEATABLE_READ;
    }

    @Override
    public void becomeOnlyWriter(Handle handle) {
        handle.execute("select pg_advisory_xact_lock(?)", WRITER_LOCK);
    }

    @Override
    public boolean isUnavailable(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        // Connection failures, insufficient resources, operator intervention.
        return e instanceof java.sql.SQLTransientException
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57");
    }

    @Override
    public String openingAdvice() {
        return "Check LATCHKEY_DATABASE_URL and that the server is running.";
    }
}
