package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Where SQLite and PostgreSQL differ. Everything else is the same SQL. */
public sealed interface Dialect permits Sqlite, Postgresql {

    /** For metrics: {@code sqlite} or {@code postgresql}. */
    default String name() {
        return this instanceof Sqlite ? "sqlite" : "postgresql";
    }

    /** The dialect of the database at this address. */
    static Dialect of(DatabaseAddress address) {
        return switch (address) {
            case DatabaseAddress.SqliteFile file -> new Sqlite();
            case DatabaseAddress.PostgresqlUrl url -> new Postgresql();
        };
    }

    /** Whether other nodes may write to the same database. */
    boolean isShared();

    /**
     * Connections whose transactions may change something.
     *
     * @param limit how long a statement may take, where the engine itself enforces that
     */
    HikariDataSource writers(DatabaseAddress address, Duration limit);

    /**
     * Connections whose transactions change nothing and see one state from their first statement on.
     *
     * @param name what they are for
     * @param limit how long a statement may take, where the engine itself enforces that
     */
    HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit);

    /** How many may read at once: look-ups of programs, reads by key, and people's searches. */
    record Sizes(int lookUps, int reads, int searches) {}

    Sizes sizes();

    /**
     * Runs the work on a connection of {@link #readers}, and stops it when its time is up.
     *
     * @param limit zero for none
     * @throws org.jdbi.v3.core.JdbiException that {@link #isTooLong} recognises
     */
    <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work);

    /**
     * Begins a transaction on a connection of {@link #readers} in which each statement may take this long; {@link
     * #within} does so, too.
     *
     * @param limit zero for none; see {@link #within}
     */
    default void beginReading(Handle handle, Duration limit) {}

    /** Whether the statement was stopped because its time was up. */
    boolean isTooLong(SQLException e);

    /**
     * The statement, compiled once for this pooled connection and kept with it. The caller leaves it open.
     *
     * @param connection of {@link #readers}
     */
    PreparedStatement kept(Connection connection, String sql) throws SQLException;

    /**
     * Discards what is kept with a pooled connection that failed.
     *
     * @return whether another connection can be opened, so that this one should be closed
     */
    boolean discarded(Connection connection);

    /**
     * Why nothing that is read or written here can be trusted, in one sentence; empty when all is well. Called at each
     * poll and around each change, so it costs next to nothing.
     */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** The space on the disk, where the disk is this machine's. */
    default Optional<DiskRoom> room() {
        return Optional.empty();
    }

    /** Whether the disk is full; if so, {@link #room} takes note. */
    boolean isFull(SQLException e);

    /** Releases everything but the pools, after these are closed. */
    default void close() {}

    /**
     * Waits until no other transaction writes, and keeps others out until this one ends. It comes first in its
     * transaction.
     *
     * @param limit how long that may take; each later statement may take as long
     * @return the schema at that moment
     */
    Schema becomeOnlyWriter(Handle handle, Duration limit);

    /**
     * Inspects the database; it comes first in a transaction that reads.
     *
     * @param limit how long that may take; each later statement may take as long, where the engine itself enforces that
     */
    Look look(Handle handle, Duration limit);

    /**
     * What {@link #look} found.
     *
     * @param onlyReads whether it accepts no changes, because the server is a standby
     */
    record Look(Schema schema, boolean onlyReads) {}

    /** How far this clock is ahead of the database's own; empty where that is the clock of this machine. */
    default Optional<Duration> clockAhead(Handle handle, Clock clock) {
        return Optional.empty();
    }

    /** Connections for schema changes, without a time limit. */
    DataSource schemaSource(DatabaseAddress address, HikariDataSource writers);

    /** Runs schema changes while no one else writes. */
    void aloneOn(DataSource schemaSource, Runnable work);

    /**
     * Tells the planner how many rows there are and how they differ, where the engine does not do so itself. Otherwise
     * it would sort millions of rows for a page that an index has in order.
     */
    void keepStatistics(Handle handle);

    /** Whether the connection is useless: dead, or to a server that has become a standby. */
    boolean isLost(SQLException e);

    /** Whether the failure is the database's state (unreachable, full, locked), not the statement's. */
    boolean isUnavailable(SQLException e);

    /** The index of API tokens' search texts: the one thing that each engine creates and queries in its own way. */
    SearchIndex searchIndex();

    /**
     * What to try when the database cannot be opened.
     *
     * @param reason what the engine said
     */
    String openingAdvice(String reason);
}
