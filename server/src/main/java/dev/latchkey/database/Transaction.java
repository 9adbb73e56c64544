package dev.latchkey.database;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;

/** One open write transaction. It is the only writer of the whole database until it ends. */
public final class Transaction {
    private final Handle handle;
    private final SearchIndex searchIndex;
    private final Set<Runnable> afterCommit = new LinkedHashSet<>();

    Transaction(Handle handle, SearchIndex searchIndex) {
        this.handle = handle;
        this.searchIndex = searchIndex;
    }

    public Handle handle() {
        return handle;
    }

    /** What must learn of every search text that this transaction writes. */
    public SearchIndex searchIndex() {
        return searchIndex;
    }

    public Query query(String sql) {
        return handle.createQuery(sql);
    }

    public Update update(String sql) {
        return handle.createUpdate(sql);
    }

    /**
     * Runs the action once the transaction is durable and before {@link Database#write} returns, in the order of these
     * calls; an action that was given before is not run twice.
     */
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    List<Runnable> afterCommit() {
        return List.copyOf(afterCommit);
    }
}
