package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.http.Problem;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private final Dialect dialect;
    private final HikariDataSource readers;
    private final HikariDataSource writers;
    private final Jdbi reading;
    private final Jdbi writing;

    private Database(Dialect dialect, HikariDataSource readers, HikariDataSource writers) {
        this.dialect = dialect;
        this.readers = readers;
        this.writers = writers;
        this.reading = jdbi(readers);
        this.writing = readers == writers ? reading : jdbi(writers);
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
            migrate(writers);
            HikariDataSource readers = dialect.readers(address, writers);
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

    private static void migrate(DataSource dataSource) {
        try {
            Flyway.configure()
                    .dataSource(dataSource)
                    .locations("classpath:db/migration")
                    .table("schema_history")
                    .loggers("slf4j")
                    // A migration that this version does not know means a newer version was here: refuse.
                    .ignoreMigrationPatterns(new String[0])
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            if (e.getMessage() != null && e.getMessage().contains("Validate failed")) {
                throw new UnusableDatabaseException(
                        "The database was last used by a newer or altered Latchkey. Start that version, or restore a"
                                + " backup made with this one.",
                        e);
            }
            throw e;
        }
    }

    public Dialect dialect() {
        return dialect;
    }

    /** Runs a closure that only reads; all its statements see the same state. */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        try {
            return reading.<T, RuntimeException>inTransaction(dialect.readIsolation(), work::apply);
        } catch (JdbiException e) {
            throw translated(e);
        }
    }

    /**
     * Runs a closure in a transaction of its own, alone, and commits it; any exception rolls it back.
     *
     * @throws Problem 503 when the database cannot take it
     */
    public <T extends @Nullable Object> T write(Function<Transaction, T> work) {
        List<Runnable> afterCommit = new ArrayList<>();
        T result;
        try {
            result = writing.<T, RuntimeException>inTransaction(handle -> {
                dialect.becomeOnlyWriter(handle);
                Transaction transaction = new Transaction(handle);
                T value = work.apply(transaction);
                afterCommit.addAll(transaction.afterCommit());
                return value;
            });
        } catch (JdbiException e) {
            throw translated(e);
        }
        afterCommit.forEach(Runnable::run);
        return result;
    }

    /** {@link #write} for a closure without a result. */
    public void change(Consumer<Transaction> work) {
        this.<@Nullable Void>write(transaction -> {
            work.accept(transaction);
            return null;
        });
    }

    /** Whether the database answers now. */
    public boolean answers() {
        try {
            return reading.<Integer, RuntimeException>withHandle(handle ->
                            handle.createQuery("select 1").mapTo(Integer.class).one())
                    == 1;
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
            if (cause instanceof SQLException sql && dialect.isUnavailable(sql)) {
                return Problem.unavailable("The database cannot answer now. Try again in a moment.", e);
            }
        }
        return e;
    }

    private static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse(message).replaceAll("\\.$", "");
    }
}
