package dev.latchkey.database;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Where SQLite and PostgreSQL differ. Everything else is the same SQL. */
public sealed interface Dialect permits Sqlite, Postgresql {

    /** Whether other nodes may write to the same database. */
    boolean isShared();

    HikariDataSource writers(DatabaseAddress address);

    /** The pool for reading; it may be the writers' own. */
    HikariDataSource readers(DatabaseAddress address, HikariDataSource writers);

    /** The isolation at which all statements of a reading closure see one state. */
    TransactionIsolationLevel readIsolation();

    /** Waits until no other transaction writes, and keeps others out until this one ends. */
    void becomeOnlyWriter(Handle handle);

    /** Whether the failure is the database's state (unreachable, full, locked), not the statement's. */
    boolean isUnavailable(SQLException e);

    /** What to try when the database cannot be opened. */
    String openingAdvice();
}
