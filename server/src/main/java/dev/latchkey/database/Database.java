package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.http.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * The database behind closures that own the transaction.
 *
 * <p>Writes run one at a time, on both engines: whoever writes sees everything written before and nobody changes it
 * meanwhile. So a rule that reads before it writes (no circle among roles, never without an administrator, the chain of
 * events) needs no lock of its own. Writes are people's clicks and management calls; issuing and checking tokens does
 * not write.
 */
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);

    static final String MIGRATIONS = "classpath:db/migration";
    static final String HISTORY = "schema_history";

    /** How long a change waits for the changes before it. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String UNAVAILABLE = "The database cannot answer now. Try again in a moment.";

    private final Dialect dialect;
    private final HikariDataSource readers;
    private final HikariDataSource writers;
    private final Jdbi reading;
    private final Jdbi writing;

    /** Writers of this process queue here, not at the engine, where each would hold a connection while it waits. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private Database(Dialect dialect, HikariDataSource readers, HikariDataSource writers) {
        this.dialect = dialect;
        this.readers = readers;
        this.writers = writers;
        this.reading = jdbi(readers);
        this.writing = jdbi(writers);
    }

    /** Loads SQLite's native code, for which the first use would wait otherwise. */
    public static void preload() {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            // Whoever needs it says what is wrong; with PostgreSQL nobody does.
        }
    }

    /**
     * Opens the database and brings its schema up to date.
     *
     * @throws UnusableDatabaseException when it cannot be reached, written or understood; the message says what to do
     */
    public static Database open(DatabaseAddress address) {
        Dialect dialect = address.dialect();
        List<HikariDataSource> opened = new ArrayList<>();
        try {
            HikariDataSource writers = dialect.writers(address);
            opened.add(writers);
            migrate(writers, address);
            makeSearchIndex(writers, dialect.searchIndex());
            HikariDataSource readers = dialect.readers(address);
            opened.add(readers);
            return new Database(dialect, readers, writers);
        } catch (RuntimeException e) {
            opened.forEach(HikariDataSource::close);
            if (e instanceof UnusableDatabaseException) {
                throw e;
            }
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " cannot be opened: " + rootMessage(e) + ". "
                            + dialect.openingAdvice(),
                    e);
        }
    }

    private static Jdbi jdbi(DataSource source) {
        Jdbi jdbi = Jdbi.create(source);
        // A failed statement's values stay out of its message, and so out of the log.
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi;
    }

    private static void migrate(DataSource dataSource, DatabaseAddress address) {
        try {
            Flyway.configure()
                    .dataSource(dataSource)
                    .locations(MIGRATIONS)
                    .table(HISTORY)
                    .loggers("slf4j")
                    // A migration that this version does not know means a newer version was here: refuse.
                    .ignoreMigrationPatterns(new String[0])
                    .load()
                    .migrate();
        } catch (FlywayValidateException e) {
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " was last used by a newer or altered Latchkey. Start that"
                            + " version, or restore a backup made with this one.",
                    e);
        } catch (FlywayException e) {
            if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
                throw new UnusableDatabaseException(
                        "The database " + address.shown() + " holds tables of something else. Give Latchkey a database"
                                + " of its own.",
                        e);
            }
            throw e;
        }
    }

    private static void makeSearchIndex(DataSource writers, SearchIndex index) {
        jdbi(writers).useHandle(handle -> {
            if (!index.isMade(handle)) {
                index.make(handle);
            }
        });
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * Runs a closure that only reads; all its statements see the same state.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        try {
            return reading.<T, RuntimeException>inTransaction(work::apply);
        } catch (JdbiException e) {
            throw translated(e);
        }
    }

    /**
     * Asks what is asked for each request, with as little around it as goes.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T> Optional<T> lookUp(LookUp<T> lookUp, String key) {
        try (Connection connection = readers.getConnection()) {
            PreparedStatement statement = dialect.kept(connection, lookUp.sql());
            statement.setString(1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return Optional.ofNullable(lookUp.reader().read(rows));
            }
        } catch (SQLException e) {
            throw isUnavailable(e)
                    ? Problem.unavailable(UNAVAILABLE, e)
                    : new IllegalStateException("a look-up failed", e);
        }
    }

    /**
     * Runs a closure in a transaction of its own, alone, and commits it; any exception rolls it back. An exception from
     * an action after the commit reaches the caller too: the change stands, but not everything that must know it does.
     *
     * @throws Problem 503 when the database cannot take it
     */
    public <T extends @Nullable Object> T write(Function<Transaction, T> work) {
        List<Runnable> afterCommit = new ArrayList<>();
        T result;
        takeTurn();
        try {
            result = writing.<T, RuntimeException>inTransaction(handle -> {
                dialect.becomeOnlyWriter(handle);
                Transaction transaction = new Transaction(handle, dialect.searchIndex());
                T value = work.apply(transaction);
                afterCommit.addAll(transaction.afterCommit());
                return value;
            });
        } catch (JdbiException e) {
            throw translated(e);
        } finally {
            turn.unlock();
        }
        runAll(afterCommit);
        return result;
    }

    private static void runAll(List<Runnable> actions) {
        @Nullable RuntimeException failure = null;
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void takeTurn() {
        if (turn.isHeldByCurrentThread()) {
            throw new IllegalStateException("this thread's transaction is still open; hand it on instead");
        }
        try {
            if (turn.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw Problem.unavailable("The database is busy with other changes. Try again in a moment.", null);
    }

    /** {@link #write} for a closure without a result. */
    public void change(Consumer<Transaction> work) {
        this.<@Nullable Void>write(transaction -> {
            work.accept(transaction);
            return null;
        });
    }

    /** Keeps what the planner knows in step with what there is; to be done from time to time. */
    public void keepStatistics() {
        change(transaction -> dialect.keepStatistics(transaction.handle()));
    }

    /** Whether the database answers now, from its tables. */
    public boolean answers() {
        try {
            return reading.<Boolean, RuntimeException>withHandle(
                    handle -> handle.createQuery("select count(*) from " + HISTORY)
                                    .mapTo(Integer.class)
                                    .one()
                            > 0);
        } catch (RuntimeException e) {
            log.warn("The database does not answer: {}", rootMessage(e));
            return false;
        }
    }

    @Override
    public void close() {
        readers.close();
        writers.close();
    }

    private RuntimeException translated(JdbiException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && isUnavailable(sql)) {
                return Problem.unavailable(UNAVAILABLE, e);
            }
        }
        return e;
    }

    private boolean isUnavailable(SQLException e) {
        return writers.isClosed() || dialect.isUnavailable(e);
    }

    static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse(message).replaceAll("\\.$", "");
    }
}
