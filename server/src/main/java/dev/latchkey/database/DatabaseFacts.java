package dev.latchkey.database;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * What a database says about itself.
 *
 * @param engine its product: SQLite or PostgreSQL
 * @param version the product's version
 * @param schema its newest migration
 */
public record DatabaseFacts(String engine, String version, String schema) {

    /** The facts about the database behind this handle. */
    public static DatabaseFacts of(Handle handle) {
        try {
            DatabaseMetaData product = handle.getConnection().getMetaData();
            // Packagers add their own version in brackets.
            String version = product.getDatabaseProductVersion().replaceFirst(" .*$", "");
            return new DatabaseFacts(product.getDatabaseProductName(), version, DatabaseCopy.schemaVersion(handle));
        } catch (SQLException e) {
            throw new Unreadable(e);
        }
    }

    /** Handled like any other failure of the database. */
    private static final class Unreadable extends JdbiException {
        private static final long serialVersionUID = 1L;

        Unreadable(SQLException cause) {
            super(cause);
        }
    }
}
