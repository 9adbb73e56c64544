package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.lane.Lane;
import dev.latchkey.lane.Seldom;
import dev.latchkey.problem.Problem;
import java.sql.ResultSet;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
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

    private static final LookUp<Boolean> NO_TOKEN =
            new LookUp<>("select client_id from api_token where client_id = ?", ResultSet::next);

    private final Dialect dialect;
    private final DatabaseAddress address;
    private final Pools pools;
    private final Contact contact;
    private final Reads reads;
    private final Changes changes;
    private final Polling polling;
    private final Seldom unanswered = new Seldom();

    private Database(Dialect dialect, Schema schema, DatabaseAddress address, Pools pools) {
        this.dialect = dialect;
        this.address = address;
        this.pools = pools;
        this.contact = new Contact(dialect, pools);
        Failures failures = new Failures(dialect, pools, contact);
        this.reads = new Reads(dialect, pools, contact, failures);
        this.changes = new Changes(dialect, schema, pools.writes(), contact, failures);
        this.polling = new Polling(dialect, schema, pools.follows(), contact, failures);
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
        Dialect dialect = Dialect.of(address);
        List<HikariDataSource> opened = new ArrayList<>();
        try {
            HikariDataSource writers = dialect.writers(address, Pools.WRITE_LIMIT);
            opened.add(writers);
            Schema known = Migrations.known();
            Migrations.bringUpToDate(dialect, dialect.schemaSource(address, writers), address, known);
            return new Database(dialect, known, address, Pools.open(dialect, address, writers, opened));
        } catch (RuntimeException e) {
            opened.forEach(HikariDataSource::close);
            dialect.close();
            if (e instanceof UnusableDatabaseException) {
                throw e;
            }
            throw new UnusableDatabaseException(
                    "The database " + address.shown() + " cannot be opened: " + Reason.of(e) + ". "
                            + dialect.openingAdvice(Reason.of(e)),
                    e);
        }
    }

    /** What the database says about itself. */
    public DatabaseFacts facts() {
        return read(DatabaseFacts::of);
    }

    /**
     * How far this clock is ahead of the database's own, negative when it is behind; empty where the database has no clock of its own.
     */
    public Optional<Duration> clockAhead(Clock clock) {
        return dialect.isShared() ? read(handle -> dialect.clockAhead(handle, clock)) : Optional.empty();
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The current figures of the database's lanes, for monitoring. */
    public List<Supplier<Lane.Figures>> lanes() {
        return pools.all()
                .<Supplier<Lane.Figures>>map(connections -> connections.lane()::figures)
                .toList();
    }

    /** The current figures of the database's pools of connections, for monitoring. */
    public List<Supplier<PoolFigures>> pools() {
        return pools.all()
                .<Supplier<PoolFigures>>map(connections -> connections::figures)
                .toList();
    }

    /**
     * Runs a closure that reads a few rows by their keys. All its statements see the same state.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        return reads.read(pools.reads(), work);
    }

    /**
     * Like {@link #read}, on the connection that is reserved for following the log of events. It never waits for
     * searches: a node that does not learn of revocations must refuse all tokens.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T readToFollow(Function<Handle, T> work) {
        return reads.read(pools.follows(), work);
    }

    /**
     * Polls the database for the log of events: on the connection of {@link #readToFollow}, and with so little time
     * that a lost database is noticed quickly. {@link #trouble} reports what the poll found, and changes are refused
     * for that reason at once.
     *
     * @throws Problem 503 when the database does not answer, accepts no changes, or has a schema that this node cannot
     *     work with
     */
    public <T extends @Nullable Object> T poll(Function<Handle, T> work) {
        return polling.poll(work);
    }

    /**
     * Why nothing that is read or written here can be trusted, as a sentence for the operator; empty when the last
     * {@link #poll} found no problem.
     */
    public Optional<String> trouble() {
        return contact.trouble();
    }

    /** Whether this is no longer the database that was opened, so that nothing in it can be trusted. */
    public boolean isAnother() {
        return dialect.trouble().isPresent();
    }

    /** The schema that this version knows, of the migrations that come with it. */
    public static Schema knownSchema() {
        return Migrations.known();
    }

    /** Whether this node cannot work with the schema that it found, and so cannot follow what other nodes do. */
    public boolean hasOtherSchema() {
        return contact.hasOtherSchema();
    }

    /**
     * Like {@link #read}, for lists that people filter and sort as they like. Few run at once, none for long.
     *
     * @param narrower how the caller can narrow the search: "by a role, or by a longer text"
     * @throws Problem 422 when it takes too long, 503 when the database cannot answer
     */
    public <T extends @Nullable Object> T search(String narrower, Function<Handle, T> work) {
        return reads.search(narrower, work);
    }

    /**
     * Like {@link #read} without a time limit, for work that walks through everything: on a connection of its own, so
     * that it takes no other caller's place. Do not use it while serving a request.
     */
    public <T extends @Nullable Object> T readAtLength(Function<Handle, T> work) {
        return reads.readAtLength(address, work);
    }

    /**
     * Runs a query that every request needs, with as little overhead as possible.
     *
     * @throws Problem 503 when the database cannot answer
     */
    public <T> Optional<T> lookUp(LookUp<T> lookUp, String key) {
        return lookUp(lookUp, List.of(key));
    }

    /** The same by several texts, as many as the query has parameters. */
    public <T> Optional<T> lookUp(LookUp<T> lookUp, List<String> keys) {
        return reads.lookUp(lookUp, keys);
    }

    /**
     * Runs a closure alone in a transaction of its own and commits it; any exception rolls it back. An exception from
     * an action after the commit also reaches the caller: the change is durable, but not everything that must know of
     * it does.
     *
     * @throws Problem 503 when the database cannot accept the change
     */
    public <T extends @Nullable Object> T write(Function<Transaction, T> work) {
        return changes.write(work);
    }

    /** {@link #write} for a closure without a result. */
    public void change(Consumer<Transaction> work) {
        this.<@Nullable Void>write(transaction -> {
            work.accept(transaction);
            return null;
        });
    }

    /**
     * {@link #write} for a change that ends something, such as a revocation. It succeeds when others do not: on a full
     * disk the reserve is released for it, and the closure runs again.
     *
     * @throws Problem 503 when the database cannot accept the change
     */
    public <T extends @Nullable Object> T end(Function<Transaction, T> work) {
        return changes.end(work);
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
        changes.lastInEach(action);
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
                .filter(DiskRoom::isFull)
                .map(DiskRoom::releaseReserve)
                .orElse(false);
    }

    /** Keeps space on the disk for changes that end something; call it from time to time. */
    public void keepReserve() {
        dialect.room().ifPresent(DiskRoom::keepReserve);
    }

    /**
     * Discards all connections as they become free: they may lead to a server or a file that is no longer the right
     * one.
     */
    public void reconnect() {
        pools.all().forEach(Connections::renew);
    }

    /** How many changes were made without something that is only kept for convenience ({@link Transaction#aside}). */
    public long timesLeftOut() {
        return changes.timesLeftOut();
    }

    /** Rebuilds the search index, for a command. */
    public void remakeSearchIndex() {
        DataSource source = dialect.schemaSource(address, pools.writes().pool());
        dialect.aloneOn(source, () -> Jdbi.create(source).useHandle(dialect.searchIndex()::remake));
    }

    /** Keeps the planner's statistics up to date; call it from time to time. */
    public void keepStatistics() {
        change(transaction -> dialect.keepStatistics(transaction.handle()));
    }

    /** Whether the database answers the query that programs depend on. */
    public boolean answers() {
        try {
            lookUp(NO_TOKEN, "");
            return true;
        } catch (RuntimeException e) {
            if (unanswered.isDue()) {
                log.warn("The database does not answer: {}", Reason.of(e));
            }
            return false;
        }
    }

    @Override
    public void close() {
        pools.close();
        dialect.close();
    }
}
