package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Where SQLite and PostgreSQL differ. Everything else is the same SQL. */
public sealed interface Dialect permits Sqlite, Postgresql {

    /** Whether other nodes may write to the same database. */
    boolean isShared();

    /** Connections whose transactions may change something. */
    HikariDataSource writers(DatabaseAddress address);

    /**
     * Connections whose transactions change nothing, and each of which sees one state from its first statement on.
     *
     * @param name what they are for
     * @param limit what a statement may take, where the engine itself watches the time
     */
    HikariDataSource readers(DatabaseAddress address, String name, int size, Duration limit);

    /** How many may read at once: for programs, for people by keys, and for people's searches. */
    record Sizes(int lookUps, int reads, int searches) {}

    Sizes sizes();

    /**
     * Runs the work on a connection of {@link #readers}, and stops it when its time is over.
     *
     * @param limit zero for none
     * @throws org.jdbi.v3.core.JdbiException that {@link #isTooLong} knows
     */
    <T extends @Nullable Object> T within(Duration limit, Handle handle, Supplier<T> work);

    /**
     * Begins a transaction on a connection of {@link #readers} in which each statement may take so long; {@link #within} does
     * it too.
     *
     * @param limit zero for any time
     */
    default void beginReading(Handle handle, Duration limit) {}

    /** Whether the statement was stopped because its time was over. */
    boolean isTooLong(SQLException e);

    /**
     * The statement, compiled for this pooled connection once and kept with it. Whoever uses it leaves it open.
     *
     * @param connection of {@link #readers}
     */
    PreparedStatement kept(Connection connection, String sql) throws SQLException;

    /**
     * Forgets what is kept with a pooled connection that failed.
     *
     * @return whether another connection can be had, so that this one should be thrown away
     */
    boolean discarded(Connection connection);

    /**
     * Why nothing that is read and written here may be trusted, in one sentence; empty when all is well. Asked at each poll
     * and around each change, so it costs next to nothing.
     */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** The room on the disk, where it is this machine's. */
    default Optional<DiskRoom> room() {
        return Optional.empty();
    }

    /** Whether the disk is full; the room, if it is known, takes note. */
    boolean isFull(SQLException e);

    /** Lets go of what is kept besides the pools, after these are closed. */
    default void close() {}

    /**
     * Waits until no other transaction writes, and keeps others out until this one ends. It is the first thing in its
     * transaction.
     *
     * @param limit what that may take; each statement afterwards may take as long
     * @return which schema is there then
     */
    Schema becomeOnlyWriter(Handle handle, Duration limit);

    /**
     * Looks what is there, as the first thing in a transaction that reads.
     *
     * @param limit what that may take; each statement afterwards may take as long, where the engine itself watches the time
     */
    Look look(Handle handle, Duration limit);

    /**
     * What is there.
     *
     * @param onlyReads whether nobody can change it, because it is a copy of another server's
     */
    record Look(Schema schema, boolean onlyReads) {}

    /** A schema, by the rank of its newest migration. */
    record Schema(long rank) {
        static final String QUERY = "select coalesce(max(installed_rank), 0) from " + Database.HISTORY;

        static Schema of(Handle handle) {
            return new Schema(handle.createQuery(QUERY).mapTo(Long.class).one());
        }

        /** Why a node that knows this schema cannot use one that was found; empty when it can. */
        Optional<String> whyNot(Schema found) {
            if (found.rank() == rank) {
                return Optional.empty();
            }
            return Optional.of(
                    found.rank() > rank
                            ? "A newer Latchkey has changed this database. Replace this node with the newer version."
                            : "The database has an older schema than this node found in it. Start this node again.");
        }
    }

    /** Connections for what changes the schema: with all the time that it takes. */
    DataSource schemaSource(DatabaseAddress address, HikariDataSource writers);

    /** Runs what changes the schema, while nobody else writes. */
    void aloneOn(DataSource schemaSource, Runnable work);

    /**
     * Sees to it that the planner knows how many rows there are and how they differ, where the engine does not by itself.
     * Without, it would sort millions of rows for a page that an index has in order.
     */
    void keepStatistics(Handle handle);

    /** Whether the connection is of no more use: dead, or to a server that has become another one's copy. */
    boolean isLost(SQLException e);

    /** Whether the failure is the database's state (unreachable, full, locked), not the statement's. */
    boolean isUnavailable(SQLException e);

    /** The index of API tokens' search texts: the one thing that is made and asked in words of each engine's own. */
    SearchIndex searchIndex();

    /**
     * What to try when the database cannot be opened.
     *
     * @param reason what the engine said
     */
    String openingAdvice(String reason);
}
