package dev.latchkey.database;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.StatementContext;

/** How an engine executes a statement, according to its planner, because a time would depend on the machine. */
public final class Plan {
    private Plan() {}

    /** The plans of all statements of this work, each in the planner's own lines, after the work was done. */
    public static List<String> of(TestEngine engine, Handle handle, Consumer<Handle> work) {
        List<String> statements = new ArrayList<>();
        SqlStatements config = handle.getConfig(SqlStatements.class);
        config.setSqlLogger(new SqlLogger() {
            @Override
            public void logBeforeExecution(StatementContext context) {
                statements.add(withValues(engine, context));
            }
        });
        try {
            work.accept(handle);
        } finally {
            config.setSqlLogger(SqlLogger.NOP_SQL_LOGGER);
        }
        return statements.stream()
                .map(statement -> String.join("\n", lines(engine, handle, statement)))
                .toList();
    }

    private static List<String> lines(TestEngine engine, Handle handle, String statement) {
        String explain = engine == TestEngine.SQLITE ? "explain query plan " : "explain ";
        String column = engine == TestEngine.SQLITE ? "detail" : "QUERY PLAN";
        List<String> lines = new ArrayList<>();
        // Not by Jdbi, which would look for parameters in the values.
        try (Statement asking = handle.getConnection().createStatement();
                ResultSet rows = asking.executeQuery(explain + statement)) {
            while (rows.next()) {
                lines.add(rows.getString(column));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(statement, e);
        }
        return lines;
    }

    /** The statement with its values filled in, because planners look at them. */
    private static String withValues(TestEngine engine, StatementContext context) {
        String sql = context.getParsedSql().getSql();
        if (!sql.contains("?")) {
            return sql;
        }
        String shown = shown(context);
        if (engine == TestEngine.POSTGRESQL) {
            return shown;
        }
        String values = shown.substring(shown.lastIndexOf("parameters=[") + "parameters=[".length());
        Iterator<String> each = Arrays.asList(
                        values.substring(0, values.lastIndexOf(']')).split(", ", -1))
                .iterator();
        StringBuilder whole = new StringBuilder();
        for (String part : sql.split("\\?", -1)) {
            whole.append(whole.isEmpty() ? "" : literal(each.next())).append(part);
        }
        return whole.toString();
    }

    private static String literal(String value) {
        return value.matches("-?\\d+") ? value : "'" + value.replace("'", "''") + "'";
    }

    /** As the driver shows it, below the pool's wrapper. */
    private static String shown(StatementContext context) {
        try {
            return context.getStatement().unwrap(PreparedStatement.class).toString();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
