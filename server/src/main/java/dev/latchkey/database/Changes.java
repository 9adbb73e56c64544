package dev.latchkey.database;

import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/** Runs the transactions that change something, one at a time, and what follows once they are durable. */
final class Changes {
    private static final Duration LEAST_LIMIT = Duration.ofMillis(300);

    private final Dialect dialect;
    private final Schema known;
    private final Connections writes;
    private final Contact contact;
    private final Failures failures;
    private final LeftOut leftOut = new LeftOut();
    private volatile Consumer<Transaction> lastInEach = transaction -> {};

    Changes(Dialect dialect, Schema known, Connections writes, Contact contact, Failures failures) {
        this.dialect = dialect;
        this.known = known;
        this.writes = writes;
        this.contact = contact;
        this.failures = failures;
    }

    /** The result of a transaction, and the actions to run now that it is durable. */
    private record Written<T extends @Nullable Object>(T result, List<Runnable> afterCommit) {}

    /** @throws Problem 503 when the database cannot accept the change; see {@link Database#write} */
    <T extends @Nullable Object> T write(Function<Transaction, T> work) {
        Failures.refuseFor(dialect.room().flatMap(DiskRoom::refusal));
        long deadline = deadline();
        return changed(() -> written(work, deadline));
    }

    /** @throws Problem 503 when the database cannot accept the change; see {@link Database#end} */
    <T extends @Nullable Object> T end(Function<Transaction, T> work) {
        long deadline = deadline();
        return changed(() -> {
            try {
                return written(work, deadline);
            } catch (JdbiException e) {
                if (dialect.room().isEmpty() || !Failures.isCausedBy(e, dialect::isFull)) {
                    throw e;
                }
                dialect.room().get().releaseReserve();
                return written(work, deadline);
            }
        });
    }

    /** Runs an action at the end of every transaction from now on. */
    void lastInEach(Consumer<Transaction> action) {
        lastInEach = action;
    }

    /** How many changes were made without something that is only kept for convenience. */
    long timesLeftOut() {
        return leftOut.times();
    }

    private <T extends @Nullable Object> T changed(Supplier<Written<T>> work) {
        Failures.refuseFor(contact.trouble());
        Written<T> written;
        try {
            written = writes.lane().run(work);
        } catch (JdbiException e) {
            throw failures.of(e);
        }
        dialect.room().ifPresent(DiskRoom::found);
        runAll(written.afterCommit());
        // The file may have gone in the meantime, and the change with it.
        Failures.refuseFor(dialect.trouble());
        return written.result();
    }

    private <T extends @Nullable Object> Written<T> written(Function<Transaction, T> work, long deadline) {
        return writes.jdbi().<Written<T>, RuntimeException>inTransaction(handle -> {
            Failures.refuseFor(known.whyNot(dialect.becomeOnlyWriter(handle, until(deadline))));
            Transaction transaction = new Transaction(handle, dialect.searchIndex(), leftOut);
            T value = work.apply(transaction);
            lastInEach.accept(transaction);
            return new Written<>(value, transaction.afterCommit());
        });
    }

    private long deadline() {
        return System.nanoTime() + writes.limit().toNanos();
    }

    private static Duration until(long deadline) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        return left.compareTo(LEAST_LIMIT) < 0 ? LEAST_LIMIT : left;
    }

    private static void runAll(List<Runnable> actions) {
        @Nullable RuntimeException failure = null;
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
