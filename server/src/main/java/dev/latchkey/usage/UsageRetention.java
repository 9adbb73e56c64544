package dev.latchkey.usage;

import dev.latchkey.database.Database;
import dev.latchkey.database.Transaction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Deletes usage that is older than it is kept, in small steps. */
public final class UsageRetention {
    /** Rows of one transaction; a change must not wait for more. */
    private static final int MOST_ROWS = 1_000;

    /** Transactions of one turn, which comes every minute. */
    private static final int MOST_DELETIONS = 100;

    private final Database database;
    private final Supplier<Integer> hoursFor;
    private final Supplier<Integer> daysFor;
    private final Supplier<Integer> addressesFor;
    private final Clock clock;
    private final UsageStore store = new UsageStore();
    private final UsageSumStore sums = new UsageSumStore();
    private final AddressStore addresses = new AddressStore();

    /**
     * @param hoursFor for how many days usage is kept by the hour
     * @param daysFor for how many days it is kept by the day
     * @param addressesFor for how many days addresses are kept; 0 for not at all
     */
    public UsageRetention(
            Database database,
            Supplier<Integer> hoursFor,
            Supplier<Integer> daysFor,
            Supplier<Integer> addressesFor,
            Clock clock) {
        this.database = database;
        this.hoursFor = hoursFor;
        this.daysFor = daysFor;
        this.addressesFor = addressesFor;
        this.clock = clock;
    }

    public void deleteOld() {
        delete(Step.HOUR, hoursFor.get());
        delete(Step.DAY, daysFor.get());
        deleteSums(daysFor.get());
        deleteAddresses(addressesFor.get());
    }

    private void deleteAddresses(int days) {
        Instant today = Step.DAY.start(clock.instant());
        Instant before = days == 0 ? Step.DAY.next(today) : today.minus(Duration.ofDays(days));
        delete(
                handle -> addresses.oldest(handle, before),
                (transaction, start) -> addresses.delete(transaction, start, MOST_ROWS));
    }

    /** The sums of an hour are few rows, so each turn deletes those of one day. */
    private void deleteSums(int days) {
        Instant before = Step.HOUR.start(clock.instant().minus(Duration.ofDays(days)));
        Optional<Instant> oldest = database.read(handle -> sums.oldest(handle, before));
        if (oldest.isEmpty()) {
            return;
        }
        Instant dayLater = oldest.get().plus(Duration.ofDays(1));
        database.change(transaction -> sums.delete(transaction, dayLater.isBefore(before) ? dayLater : before));
    }

    private void delete(Step step, int days) {
        Instant before = step.start(clock.instant().minus(Duration.ofDays(days)));
        delete(
                handle -> store.oldest(handle, step, before),
                (transaction, start) -> store.delete(transaction, step, start, MOST_ROWS));
    }

    /**
     * Deletes period by period, each in steps.
     *
     * @param oldest finds the beginning of the oldest period that is over
     * @param some deletes some rows of such a period
     */
    private void delete(Function<Handle, Optional<Instant>> oldest, BiConsumer<Transaction, Instant> some) {
        for (int i = 0; i < MOST_DELETIONS; i++) {
            Optional<Instant> start = database.read(oldest);
            if (start.isEmpty()) {
                return;
            }
            database.change(transaction -> some.accept(transaction, start.get()));
        }
    }
}
