package dev.latchkey.database;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

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
            throw new UnableToExecuteStatementException(
                    e, handle.createQuery("").getContext());
        }
    }
}
