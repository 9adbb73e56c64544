package dev.latchkey.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.DB;

/** Interrupts what a connection does when its time is up; SQLite has no time limit of its own. */
final class SqliteDeadline implements AutoCloseable {
    private final DB engine;
    private final CompletableFuture<Void> timer;
    private boolean over;

    SqliteDeadline(Connection connection, Duration limit) {
        try {
            this.engine = connection.unwrap(SQLiteConnection.class).getDatabase();
        } catch (SQLException e) {
            throw new IllegalStateException("this is not a SQLite connection", e);
        }
        this.timer = new CompletableFuture<Void>().orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS);
        timer.whenComplete((unused, tooLate) -> {
            if (tooLate != null) {
                interrupt();
            }
        });
    }

    private synchronized void interrupt() {
        if (!over) {
            try {
                engine.interrupt();
            } catch (SQLException e) {
                // The connection is being closed, and with it what it does.
            }
        }
    }

    /** From here on nothing is interrupted: the next user of the connection must not pay for this one. */
    @Override
    public synchronized void close() {
        over = true;
        timer.complete(null);
    }
}
