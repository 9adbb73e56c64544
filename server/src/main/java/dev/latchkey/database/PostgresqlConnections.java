package dev.latchkey.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.latchkey.database.DatabaseAddress.PostgresqlUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How connections to one PostgreSQL database are opened, and whether there is a pooler in between. */
final class PostgresqlConnections {
    private static final Logger log = LoggerFactory.getLogger(PostgresqlConnections.class);

    /** How long after its own limit the server is taken to be gone. */
    static final Duration NETWORK = Duration.ofSeconds(1);

    private static final int CONNECTION_TIMEOUT_MILLIS = 2_000;
    private static final int VALIDATION_TIMEOUT_MILLIS = 1_000;

    /** For a connection that is opened after the start; callers that wait for one wait no longer. */
    private static final int CONNECT_SECONDS = 1;

    private static final int FIRST_CONNECT_SECONDS = 5;

    private final PostgresqlSource.Attempts attempts = new PostgresqlSource.Attempts();
    private volatile boolean pooled;

    /** Whether there is a pooler, which may run each transaction on another connection; known after the first one. */
    boolean arePooled() {
        return pooled;
    }

    /** Connects without a pool, which would log a failure at length and hide its reason. */
    void connectOnce(PostgresqlUrl postgresql) {
        try (Connection connection = alone(postgresql);
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
    Connection alone(PostgresqlUrl postgresql) throws SQLException {
        Connection connection =
                DriverManager.getConnection(postgresql.url(), properties(postgresql, FIRST_CONNECT_SECONDS));
        try {
            requireUtf8(connection, postgresql);
            return connection;
        } catch (SQLException | UnusableDatabaseException e) {
            connection.close();
            throw e;
        }
    }

    private static void requireUtf8(Connection connection, PostgresqlUrl postgresql) throws SQLException {
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

    HikariConfig pool(String name, int size, PostgresqlUrl postgresql, Duration limit) {
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
                return PostgresqlErrors.isLost(e) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
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

    /** For schema changes: apart from the pools, whose connections have short limits. */
    DataSource ofSchema(PostgresqlUrl postgresql) {
        Properties properties = properties(postgresql, FIRST_CONNECT_SECONDS);
        if (!pooled) {
            properties.setProperty(
                    "options", "-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0");
        }
        return new PostgresqlSource(postgresql, properties, null);
    }
}
