package dev.latchkey.database;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A query by one text, or a few, that requests wait for: a single statement without a transaction, which connections keep compiled
 * ({@link Database#lookUp}).
 *
 * @param sql with one {@code ?} for each text
 * @param reader turns the rows into a result; it begins before the first
 */
public record LookUp<T>(String sql, Reader<T> reader) {

    /** Turns the rows that were found into a result; null when there are none. */
    @FunctionalInterface
    public interface Reader<T> {
        @Nullable T read(ResultSet rows) throws SQLException;
    }
}
