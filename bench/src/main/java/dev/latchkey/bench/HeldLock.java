package dev.latchkey.bench;

import dev.latchkey.bench.Disturbance.Going;
import dev.latchkey.bench.Disturbance.Scene;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A lock in the database that this process holds, and some people who want to change something at the same time. */
final class HeldLock {
    private static final int WRITERS = 4;
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final byte[] TOKEN =
            "{\"description\":\"While the lock is held\",\"role\":\"public\"}".getBytes(StandardCharsets.UTF_8);

    private HeldLock() {}

    /**
     * Takes the lock.
     *
     * @param statements what takes it; if a change is possible nevertheless, nothing is measured and the run ends
     */
    static Going begin(Scene scene, List<String> statements) {
        Connection connection = taken(scene.ground(), statements);
        long since = System.nanoTime();
        Repeated writers = new Repeated(
                WRITERS,
                INTERVAL,
                worker -> String.valueOf(scene.management()
                        .send("POST", "/tokens", Map.of("Content-Type", "application/json"), TOKEN)
                        .statusCode()));
        return () -> {
            Map<String, Long> meanwhile = writers.outcomes();
            release(connection);
            double seconds = (System.nanoTime() - since) / 1e9;
            Map<String, Long> all = writers.stop();
            if (meanwhile.containsKey("201")) {
                throw new IllegalStateException("the lock does not prevent writing: " + Repeated.text(meanwhile));
            }
            return "held for " + Report.number(seconds) + " s, while " + WRITERS + " people create tokens: "
                    + Repeated.text(all);
        };
    }

    private static Connection taken(Ground ground, List<String> statements) {
        try {
            Connection connection = ground.connect();
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
            return connection;
        } catch (SQLException e) {
            throw new IllegalStateException("the lock could not be taken", e);
        }
    }

    private static void release(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
