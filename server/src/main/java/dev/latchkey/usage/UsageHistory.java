package dev.latchkey.usage;

import dev.latchkey.database.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What is kept of the usage of many tokens by the day, for those who judge what was not used. Its callers check who may see it.
 */
public final class UsageHistory {
    /** Tokens of one statement: with a year of days they are twenty thousand look-ups in the index. */
    public static final int AT_ONCE = 50;

    private final Database database;
    private final UsageHistoryStore store = new UsageHistoryStore();

    public UsageHistory(Database database) {
        this.database = database;
    }

    /** Since when all calls are counted: the day after the first day of which something is kept, which may be a part of a day. */
    public Optional<Instant> since() {
        return database.read(store::first).map(Step.DAY::next);
    }

    /** The last of these days on which allowed calls were counted without their token. */
    public Optional<Instant> lastWithoutToken(Instant from, Instant to) {
        return database.read(handle -> store.lastWithoutToken(handle, days(from, to)));
    }

    /**
     * Reads the calls of tokens, in no particular order.
     *
     * @param clientIds 1 to {@link #AT_ONCE}
     * @param from the beginning of the first day
     * @param to an end that is not included
     * @param reader takes each row
     */
    public void each(List<String> clientIds, Instant from, Instant to, Consumer<DayOfUse> reader) {
        List<Instant> days = days(from, to);
        database.read(handle -> {
            store.read(handle, clientIds, days, reader);
            return days;
        });
    }

    private static List<Instant> days(Instant from, Instant to) {
        return Stream.iterate(Step.DAY.start(from), day -> day.isBefore(to), Step.DAY::next)
                .toList();
    }
}
