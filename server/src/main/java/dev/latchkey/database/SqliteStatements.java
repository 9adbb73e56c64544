package dev.latchkey.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.sqlite.SQLiteConnection;

/** The compiled statements of the readers' connections, which live until they fail; the driver keeps none. */
final class SqliteStatements {
    private final Map<Connection, Map<String, PreparedStatement>> kept = new ConcurrentHashMap<>();

    /** The statement, compiled once for this pooled connection. */
    PreparedStatement kept(Connection connection, String sql) throws SQLException {
        // Not through the pool, which would close it when the connection is returned.
        Connection physical = connection.unwrap(SQLiteConnection.class);
        Map<String, PreparedStatement> statements = kept.computeIfAbsent(physical, unused -> new ConcurrentHashMap<>());
        PreparedStatement known = statements.get(sql);
        if (known == null || known.isClosed()) {
            known = physical.prepareStatement(sql);
            statements.put(sql, known);
        }
        return known;
    }

    /** Closes the statements of this pooled connection. */
    void discard(Connection connection) throws SQLException {
        Map<String, PreparedStatement> statements = kept.remove(connection.unwrap(SQLiteConnection.class));
        for (PreparedStatement statement : statements == null ? List.<PreparedStatement>of() : statements.values()) {
            statement.close();
        }
    }
}
