package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.lane.Lane;
import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs closures in transactions on the database, each in the lane of its kind, so that what programs wait for never
 * queues behind people's searches.
 *
 * <p>Writes run one at a time, on both engines: a write sees everything that was written before it, and nothing changes
 * while it runs. So a rule that reads before it writes (no cycle among roles, never without an administrator, the chain
 * of events) needs no lock of its own. Writes come from people's clicks and management calls; issuing and checking
 * tokens does not write.
 */
public final class Database implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);

    static final String MIGRATIONS = "classpath:db/migration";
    static final String HISTORY = "schema_history";

    /** What programs wait for: a row or two by their key. */
    private static final Duration LOOK_UP_LIMIT = Duration.ofSeconds(2);

    private static final int LOOK_UPS_WAITING = 2_000;

    /** What the followers of the log read: a few rows, or all roles and APIs. */
    private static final Duration FOLLOW_LIMIT = Duration.ofSeconds(10);

    private static final int FOLLOWERS_WAITING = 10;

    private static final Duration READ_LIMIT = Duration.ofSeconds(10);
    private static final Duration SEARCH_LIMIT = Duration.ofSeconds(3);
    private static final Duration READ_PATIENCE = Duration.ofSeconds(5);
    private static final int READS_WAITING = 200;
    private static final int SEARCHES_WAITING = 16;

    /** How long a change waits for the changes before it; a little longer than a hanging node can hold the lock. */
    private static final Duration WRITE_PATIENCE = Duration.ofMillis(2_500);

    /** The limit for everything that a change waits for, and then for each of its statements. */
    static final Duration WRITE_LIMIT = Duration.ofMillis(3_800);

    private static final Duration LEAST_WRITE_LIMIT = Duration.ofMillis(300);

    /** After this long without an answer, a poll tries another connection. */
    private static final Duration POLL_LIMIT = Duration.ofSeconds(1);

    private static final int WRITES_WAITING = 200;

    private static final String FULL = "The database's disk is full. Free some space and try again.";
    private static final String UNAVAILABLE = "The database is not available. Try again in a moment.";

    private static final String SILENT = "The database does not answer.";
    private static final String ONLY_READS =
            "The database accepts no changes, like a standby. Its data may be out of date.";

    private static final LookUp<Boolean> NOBODY =
            new LookUp<>("select client_id from api_token where client_id = ?", ResultSet::next);

    private final Dialect dialect;
    private final Dialect.Schema schema;
    private final DatabaseAddress address;
    private final LeftOut leftOut = new LeftOut();
    private volatile Consumer<Transaction> lastInEach = transaction -> {};
    private final Connections lookUps;
    private final Connections follows;
    private final Connections reads;
    private final Connections searches;
    private final Connections writes;
    private final Contact contact;
    private final Seldom unanswered = new Seldom();

    private Database(
            Dialect dialect,
            Dialect.Schema schema,
            DatabaseAddress address,
            Connections lookUps,
            Connections follows,
            Connections reads,
            Connections searches,
            Connections writes) {
        this.dialect = dialect;
        this.schema = schema;
        this.address = address;
        this.lookUps = lookUps;
        this.follows = follows;
        this.reads = reads;
        this.searches = searches;
        this.writes = writes;
        this.contact = new Contact(List.of(lookUps, follows, reads, searches), writes);
    }

    /** Loads SQLite's native code, so that the first use does not wait for it. */
    public static void preload() {
        FileLock.preload();
        try {
            SqliteCode.load();
        } catch (UnusableDatabaseException | LinkageError e) {
            // A LinkageError when the process is already ending because its start was refused: the driver registers
            // its clean-up for the exit.
            log.debug("SQLite's native code cannot be loaded; opening a SQLite database will report this", e);
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
            Dialect.Schema schema = bringUpToDate(dialect, dialect.schemaSource(address, writers), address);
            Dialect.Sizes sizes = dialect.sizes();
            Lane writing = lane(
                    "changes",
                    new Lane.Bounds(1, WRITES_WAITING, WRITE_PATIENCE),
                    "The database is busy with other changes. Try again in a moment.");
            return new Database(
                    dialect,
                    schema,
                    address,
                    readers(dialect, address, opened, "look-ups", sizes.lookUps(), LOOK_UPS_WAITING, LOOK_UP_LIMIT),
                    readers(dialect, address, opened, "followers", 1, FOLLOWERS_WAITING, FOLLOW_LIMIT),
                    readers(dialect, address, opened, "reads", sizes.reads(), READS_WAITING, READ_LIMIT),
                    readers(dialect, address, opened, "searches", sizes.searches(), SEARCHES_WAITING, SEARCH_LIMIT),
                    new Connections(writers, writing, WRITE_LIMIT));
        } catch (RuntimeException e) {
            opened.forEach(HikariDataSource::close);
            dialect.close();
            if (e instanceof UnusableDatabaseException) {
                throw e;
            }
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " cannot be opened: " + rootMessage(e) + ". "
                            + dialect.openingAdvice(rootMessage(e)),
                    e);
        }
    }

    private static Connections readers(
            Dialect dialect,
            DatabaseAddress address,
            List<HikariDataSource> opened,
            String name,
            int size,
            int waiting,
            Duration limit) {
        HikariDataSource pool = dialect.readers(address, name, size, limit);
        opened.add(pool);
        Duration patience = limit.compareTo(READ_PATIENCE) < 0 ? limit : READ_PATIENCE;
        Lane lane = lane(
                name,
                new Lane.Bounds(size, waiting, patience),
                "The database is busy with other requests. Try again in a moment.");
        return new Connections(pool, lane, limit);
    }

    private static Lane lane(String name, Lane.Bounds bounds, String whenFull) {
        return new Lane(name, Lane.Pace.USUAL, bounds, () -> Problem.unavailable(whenFull, null));
    }

    /** A node that finds the schema up to date does not block other nodes' writes. */
    private static Dialect.Schema bringUpToDate(Dialect dialect, DataSource source, DatabaseAddress address) {
        Flyway flyway = Flyway.configure()
                .dataSource(source)
                .locations(MIGRATIONS)
                .table(HISTORY)
                .loggers("slf4j")
                // A migration that this version does not know means a newer version was here: refuse.
                .ignoreMigrationPatterns(new String[0])
                .load();
        SearchIndex index = dialect.searchIndex();
        Jdbi jdbi = Jdbi.create(source);
        boolean done = dialect.isShared()
                && flyway.validateWithResult().validationSuccessful
                && jdbi.<Boolean, RuntimeException>withHandle(index::isMade);
        if (!done) {
            dialect.aloneOn(source, () -> {
                migrate(flyway, address);
                jdbi.useHandle(handle -> {
                    if (!index.isMade(handle)) {
                        index.make(handle);
                    }
                });
            });
        }
        return jdbi.withHandle(Dialect.Schema::of);
    }

    private static void migrate(Flyway flyway, DatabaseAddress address) {
        try {
            flyway.migrate();
        } catch (FlywayValidateException e) {
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " was last used by a newer or modified version of"
                            + " Latchkey. Start that version, or restore a backup made with this one.",
                    e);
        } catch (FlywayException e) {
            if (e.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
                throw new UnusableDatabaseException(
                        "The database " + address.shown() + " contains tables of another program. Use a separate"
                                + " database for Latchkey.",
                        e);
            }
            throw e;
        }
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The current figures of the database's lanes, for monitoring. */
    public List<Lane.Figures> lanes() {
        return Stream.of(lookUps, follows, reads, searches, writes)
                .map(connections -> connections.lane().figures())
                .toList();
    }

    /**
     * Runs a closure that reads a few rows by their keys. All its statements see the same state.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        return reading(reads, work);
    }

    /**
     * Like {@link #read}, on the connection that is reserved for following the log of events. It never waits for
     * searches: a node that does not learn of revocations must refuse all tokens.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T readToFollow(Function<Handle, T> work) {
        return reading(follows, work);
    }

    /**
     * Polls the database for the log of events: on the connection of {@link #readToFollow}, and with so little time
     * that a lost database is noticed quickly. {@link #trouble} reports what the poll found, and changes are refused
     * for that reason at once.
     *
     * @throws Problem 503 when the database does not answer, accepts no changes, or has a schema that this node does
     *     not know
     */
    public <T extends @Nullable Object> T poll(Function<Handle, T> work) {
        refuseFor(dialect.trouble());
        try {
            return looked(work);
        } catch (JdbiException e) {
            if (!isCausedBy(e, dialect::isLost)) {
                throw silent(e);
            }
        }
        // The connection may have died long ago while it was idle; a new one tells whether the database is there. A
        // durable change should not be answered with an error because of that.
        try {
            return looked(work);
        } catch (JdbiException e) {
            throw silent(e);
        }
    }

    private <T extends @Nullable Object> T looked(Function<Handle, T> work) {
        return follows.lane()
                .run(() -> follows.jdbi().<T, RuntimeException>inTransaction(handle -> {
                    Dialect.Look look = dialect.look(handle, POLL_LIMIT);
                    requireFit(look);
                    contact.isWell();
                    return work.apply(handle);
                }));
    }

    private RuntimeException silent(JdbiException e) {
        if (isCausedBy(e, this::isGone)) {
            contact.isSilent(SILENT);
        }
        return isTooLong(e) ? Problem.unavailable(UNAVAILABLE, e) : translated(e);
    }

    private void requireFit(Dialect.Look look) {
        Optional<String> otherSchema = schema.whyNot(look.schema());
        if (otherSchema.isPresent()) {
            contact.hasOtherSchema(otherSchema.get());
            throw Problem.unavailable(otherSchema.get(), null);
        }
        if (look.onlyReads()) {
            contact.onlyReads(ONLY_READS);
            throw Problem.unavailable(ONLY_READS, null);
        }
    }

    /**
     * Why nothing that is read or written here can be trusted, as a sentence for the operator; empty when the last
     * {@link #poll} found no problem.
     */
    public Optional<String> trouble() {
        return dialect.trouble().or(contact::trouble);
    }

    /** Whether this is no longer the database that was opened, so that nothing in it can be trusted. */
    public boolean isAnother() {
        return dialect.trouble().isPresent();
    }

    /** Whether the schema differs from the one that this node knows, so that it cannot follow what other nodes do. */
    public boolean hasOtherSchema() {
        return contact.hasOtherSchema();
    }

    private static void refuseFor(Optional<String> trouble) {
        trouble.ifPresent(reason -> {
            throw Problem.unavailable(reason, null);
        });
    }

    /**
     * Like {@link #read}, for lists that people filter and sort as they like. Few run at once, none for long.
     *
     * @param narrower how the caller can narrow the search: "by a role, or by a longer text"
     * @throws Problem 422 when it takes too long, 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T search(String narrower, Function<Handle, T> work) {
        try {
            return inTransaction(searches, work);
        } catch (JdbiException e) {
            if (isTooLong(e)) {
                throw new Problem(422, "search_too_long", "This search takes too long. Narrow it " + narrower + ".");
            }
            throw translated(e);
        }
    }

    /**
     * Like {@link #read} without a time limit, for work that walks through everything: on a connection of its own, so
     * that it takes no other caller's place. Do not use it while serving a request.
     */
    public <T extends @Nullable Object> T readAtLength(Function<Handle, T> work) {
        Connections own = readers(dialect, address, new ArrayList<>(), "at-length", 1, 0, Duration.ZERO);
        try {
            return inTransaction(own, work);
        } catch (JdbiException e) {
            throw translated(e);
        } finally {
            own.close();
        }
    }

    private <T extends @Nullable Object> T reading(Connections connections, Function<Handle, T> work) {
        try {
            return inTransaction(connections, work);
        } catch (JdbiException e) {
            throw isTooLong(e) ? Problem.unavailable(UNAVAILABLE, e) : translated(e);
        }
    }

    private <T extends @Nullable Object> T inTransaction(Connections connections, Function<Handle, T> work) {
        return connections
                .lane()
                .run(() -> connections
                        .jdbi()
                        .<T, RuntimeException>inTransaction(
                                handle -> dialect.within(connections.limit(), handle, () -> work.apply(handle))));
    }

    /**
     * Runs a query that every request needs, with as little overhead as possible.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T> Optional<T> lookUp(LookUp<T> lookUp, String key) {
        return lookUps.lane().run(() -> {
            try (Connection connection = lookUps.pool().getConnection()) {
                try {
                    PreparedStatement statement = dialect.kept(connection, lookUp.sql());
                    statement.setString(1, key);
                    try (ResultSet rows = statement.executeQuery()) {
                        return Optional.ofNullable(lookUp.reader().read(rows));
                    }
                } catch (SQLException e) {
                    // Whatever went wrong: the statement is not used again, nor is its connection if another can be
                    // opened.
                    if (dialect.discarded(connection)) {
                        lookUps.pool().evictConnection(connection);
                    }
                    if (dialect.isLost(e)) {
                        contact.renew();
                    }
                    throw e;
                }
            } catch (SQLException e) {
                throw isUnavailable(e) || dialect.isTooLong(e)
                        ? Problem.unavailable(UNAVAILABLE, e)
                        : new IllegalStateException("a look-up failed", e);
            }
        });
    }

    /**
     * Runs a closure alone in a transaction of its own and commits it; any exception rolls it back. An exception from
     * an action after the commit also reaches the caller: the change is durable, but not everything that must know of
     * it does.
     *
     * @throws Problem 503 when the database cannot accept the change
     */
    public <T extends @Nullable Object> T write(Function<Transaction, T> work) {
        dialect.room().flatMap(DiskRoom::refusal).ifPresent(reason -> {
            throw Problem.unavailable(reason, null);
        });
        long deadline = deadline();
        return changed(() -> written(work, deadline));
    }

    /**
     * {@link #write} for a change that ends something, such as a revocation. It succeeds when others do not: on a full
     * disk the reserve is released for it, and the closure runs again.
     *
     * @throws Problem 503 when the database cannot accept the change
     */
    public <T extends @Nullable Object> T end(Function<Transaction, T> work) {
        long deadline = deadline();
        return changed(() -> {
            try {
                return written(work, deadline);
            } catch (JdbiException e) {
                if (dialect.room().isEmpty() || !isCausedBy(e, dialect::isFull)) {
                    throw e;
                }
                dialect.room().get().giveUpReserve();
                return written(work, deadline);
            }
        });
    }

    /** {@link #end} for a closure without a result. */
    public void ending(Consumer<Transaction> work) {
        this.<@Nullable Void>end(transaction -> {
            work.accept(transaction);
            return null;
        });
    }

    /** Runs an action at the end of every transaction from now on. */
    public void lastInEach(Consumer<Transaction> action) {
        lastInEach = action;
    }

    /** The result of a transaction, and the actions to run now that it is durable. */
    private record Written<T extends @Nullable Object>(T result, List<Runnable> afterCommit) {}

    private <T extends @Nullable Object> T changed(Supplier<Written<T>> work) {
        refuseFor(trouble());
        Written<T> written;
        try {
            written = writes.lane().run(work);
        } catch (JdbiException e) {
            throw translated(e);
        }
        dialect.room().ifPresent(DiskRoom::found);
        runAll(written.afterCommit());
        // The file may have gone in the meantime, and the change with it.
        refuseFor(dialect.trouble());
        return written.result();
    }

    private <T extends @Nullable Object> Written<T> written(Function<Transaction, T> work, long deadline) {
        return writes.jdbi().<Written<T>, RuntimeException>inTransaction(handle -> {
            requireKnown(dialect.becomeOnlyWriter(handle, until(deadline)));
            Transaction transaction = new Transaction(handle, dialect.searchIndex(), leftOut);
            T value = work.apply(transaction);
            lastInEach.accept(transaction);
            return new Written<>(value, transaction.afterCommit());
        });
    }

    /** What is wrong with the disk, although tokens are still checked; empty when there is space. */
    public Optional<String> shortage() {
        return dialect.room().flatMap(DiskRoom::shortage);
    }

    /**
     * Releases the reserve, if the disk is full, for what must be written next to the database.
     *
     * @return whether there may be space now
     */
    public boolean makeRoom() {
        return dialect.room()
                .filter(DiskRoom::isWanting)
                .map(DiskRoom::giveUpReserve)
                .orElse(false);
    }

    /** Keeps space on the disk for changes that end something; call it from time to time. */
    public void keepReserve() {
        dialect.room().ifPresent(DiskRoom::keepReserve);
    }

    private void requireKnown(Dialect.Schema found) {
        refuseFor(schema.whyNot(found));
    }

    private static long deadline() {
        return System.nanoTime() + WRITE_LIMIT.toNanos();
    }

    private static Duration until(long deadline) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        return left.compareTo(LEAST_WRITE_LIMIT) < 0 ? LEAST_WRITE_LIMIT : left;
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

    /** {@link #write} for a closure without a result. */
    public void change(Consumer<Transaction> work) {
        this.<@Nullable Void>write(transaction -> {
            work.accept(transaction);
            return null;
        });
    }

    /**
     * Discards all connections as they become free: they may lead to a server or a file that is no longer the right
     * one.
     */
    public void reconnect() {
        Stream.of(lookUps, follows, reads, searches, writes).forEach(Connections::renew);
    }

    /** How many changes were made without something that is only kept for convenience ({@link Transaction#aside}). */
    public long timesLeftOut() {
        return leftOut.times();
    }

    /** Rebuilds the search index, for a command. */
    public void remakeSearchIndex() {
        DataSource source = dialect.schemaSource(address, writes.pool());
        dialect.aloneOn(source, () -> Jdbi.create(source).useHandle(dialect.searchIndex()::remake));
    }

    /** Keeps the planner's statistics up to date; call it from time to time. */
    public void keepStatistics() {
        change(transaction -> dialect.keepStatistics(transaction.handle()));
    }

    /** Whether the database answers the query that programs depend on. */
    public boolean answers() {
        try {
            lookUp(NOBODY, "");
            return true;
        } catch (RuntimeException e) {
            if (unanswered.isDue()) {
                log.warn("The database does not answer: {}", rootMessage(e));
            }
            return false;
        }
    }

    @Override
    public void close() {
        Stream.of(lookUps, follows, reads, searches, writes).forEach(Connections::connectNoMore);
        Stream.of(lookUps, follows, reads, searches, writes).forEach(Connections::close);
        dialect.close();
    }

    private RuntimeException translated(JdbiException e) {
        if (isCausedBy(e, dialect::isLost)) {
            contact.renew();
        }
        if (isCausedBy(e, dialect::isFull)) {
            return Problem.unavailable(shortage().orElse(FULL), e);
        }
        return isCausedBy(e, this::isUnavailable) ? Problem.unavailable(UNAVAILABLE, e) : e;
    }

    private boolean isTooLong(JdbiException e) {
        return isCausedBy(e, dialect::isTooLong);
    }

    private static boolean isCausedBy(JdbiException e, Predicate<SQLException> kind) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && kind.test(sql)) {
                return true;
            }
        }
        return false;
    }

    private boolean isGone(SQLException e) {
        return dialect.isLost(e) || e instanceof SQLTransientConnectionException;
    }

    private boolean isUnavailable(SQLException e) {
        return writes.pool().isClosed() || dialect.isUnavailable(e);
    }

    /** The message of the root cause, on one line and without a full stop. */
    public static String rootMessage(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse(message).replaceAll("\\.$", "");
    }
}
