package dev.latchkey.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A query by one text that requests wait for: a single statement, which connections keep compiled, without a transaction
 * around it ({@link Database#lookUp}).
 *
 * @param sql with one {@code ?}, where the text belongs
 * @param reader makes something of the rows; it begins before the first
 */
public record LookUp<T>(String sql, Reader<T> reader) {

    /** Makes something of the rows that were found; null when there are none. */
    @FunctionalInterface
    public interface Reader<T> {
        @Nullable T read(ResultSet rows) throws SQLException;
    }
}
