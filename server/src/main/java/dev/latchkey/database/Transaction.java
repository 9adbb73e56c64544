package dev.latchkey.database;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.core.statement.Update;

/** One open write transaction. It is the only writer of the whole database until it ends. */
public final class Transaction {
    private final Handle handle;
    private final SearchIndex searchIndex;
    private final LeftOut leftOut;
    private final Map<Object, Runnable> afterCommit = new LinkedHashMap<>();

    Transaction(Handle handle, SearchIndex searchIndex, LeftOut leftOut) {
        this.handle = handle;
        this.searchIndex = searchIndex;
        this.leftOut = leftOut;
    }

    public Handle handle() {
        return handle;
    }

    /** The index that must learn of every search text that this transaction writes. */
    public SearchIndex searchIndex() {
        return searchIndex;
    }

    public Query query(String sql) {
        return handle.createQuery(sql);
    }

    public Update update(String sql) {
        return handle.createUpdate(sql);
    }

    /** Sets the parameters of a statement, each a {@code ?}, for a row. */
    @FunctionalInterface
    public interface Row<T> {
        void set(PreparedStatement statement, T row) throws SQLException;
    }

    /**
     * Runs the same statement for each row. Notes about calls are written every second, thousands at a time, and what Jdbi does
     * for each row would cost as much as the database itself.
     */
    public <T> void each(String sql, Iterable<T> rows, Row<T> row) {
        try (PreparedStatement statement = handle.getConnection().prepareStatement(sql)) {
            for (T each : rows) {
                row.set(statement, each);
                statement.addBatch();
            }
            statement.executeBatch();
        } catch (SQLException e) {
            throw new UnableToExecuteStatementException(
                    e, handle.createUpdate(sql).getContext());
        }
    }

    /**
     * Runs work that only counts, or only helps to find: if it fails, it alone is undone, and the rest of the
     * transaction continues. A revocation must not fail because a count cannot be kept.
     *
     * @param what the work writes, for the log
     */
    public void aside(String what, Runnable work) {
        handle.execute("savepoint aside");
        try {
            work.run();
            handle.execute("release savepoint aside");
        } catch (JdbiException e) {
            try {
                handle.execute("rollback to savepoint aside");
                handle.execute("release savepoint aside");
            } catch (JdbiException lost) {
                // The engine gave up the whole transaction, as it does on a full disk.
                e.addSuppressed(lost);
                throw e;
            }
            leftOut.note(what, e);
        }
    }

    /**
     * Runs the action once the transaction is durable and before {@link Database#write} returns, in the order in which
     * their owners first added one.
     *
     * @param owner whose action it is; a later action replaces an earlier one
     */
    public void afterCommit(Object owner, Runnable action) {
        afterCommit.put(owner, action);
    }

    /** Whether this owner has added an action. */
    public boolean hasAfterCommit(Object owner) {
        return afterCommit.containsKey(owner);
    }

    List<Runnable> afterCommit() {
        return List.copyOf(afterCommit.values());
    }
}
