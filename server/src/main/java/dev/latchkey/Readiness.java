package dev.latchkey;

import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.http.Handler;
import dev.latchkey.http.Request;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Says within a second whether this node can serve requests and, if not, why, whatever the database does. So a balancer that
 * asks often soon turns to another node, and an administrator learns the cause.
 */
final class Readiness implements Handler {
    /** Less than a second, to leave time for the rest of the request. */
    private static final Duration PATIENCE = Duration.ofMillis(700);

    private final Database database;
    private final EventLog events;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable CompletableFuture<Boolean> asking;
    private volatile boolean stopping;

    Readiness(Database database, EventLog events) {
        this.database = database;
        this.events = events;
    }

    /** Answers 503 from now on. */
    void stop() {
        stopping = true;
    }

    @Override
    public Response handle(Request request) {
        reasonAgainst().ifPresent(reason -> {
            throw Problem.unavailable(reason, null);
        });
        // Tokens are still checked when the disk is full; a balancer that turned away would stop that too.
        return Response.text(
                200,
                database.shortage()
                        .map(reason -> "ready, but: " + reason + "\n")
                        .orElse("ready\n"));
    }

    private Optional<String> reasonAgainst() {
        if (stopping) {
            return Optional.of("This node is stopping.");
        }
        return database.trouble().or(this::silence).or(events::trouble);
    }

    private Optional<String> silence() {
        try {
            if (asked().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return Optional.empty();
            }
        } catch (TimeoutException e) {
            // Silence is the answer. The question may hang for long, and no other is asked in the meantime.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.of("The database does not answer.");
    }

    /** Asks one question at a time, however many requests wait for the answer. */
    private CompletableFuture<Boolean> asked() {
        lock.lock();
        try {
            CompletableFuture<Boolean> known = asking;
            if (known == null || known.isDone()) {
                known = CompletableFuture.supplyAsync(database::answers, Thread::startVirtualThread);
                asking = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }
}
