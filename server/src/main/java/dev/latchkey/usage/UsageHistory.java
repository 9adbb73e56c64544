package dev.latchkey.usage;

import dev.latchkey.database.Database;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * What is kept of the usage of many tokens by the day, for those who judge what was not used. It may only be read where the
 * caller has been checked.
 */
public final class UsageHistory {
    /** Tokens of one statement: with a year of days they are twenty thousand look-ups in the index. */
    public static final int AT_ONCE = 50;

    private final Database database;

    public UsageHistory(Database database) {
        this.database = database;
    }

    /**
     * The calls of a token to one endpoint with one outcome in a day.
     *
     * @param day when it began
     */
    public record DayOfUse(String clientId, Instant day, Called called, Outcome outcome, long calls, Instant lastAt) {}

    /** Since when all calls are counted: the day after the first day of which something is kept, which may be a part of a day. */
    public Optional<Instant> since() {
        return database.read(handle -> handle.createQuery("select at from usage_day order by at limit 1")
                .mapTo(Long.class)
                .findOne()
                .map(at -> Step.DAY.next(Instant.ofEpochMilli(at))));
    }

    /** The last of these days on which allowed calls were counted without their token. */
    public Optional<Instant> lastWithoutToken(Instant from, Instant to) {
        List<Long> days = days(from, to);
        return days.isEmpty()
                ? Optional.empty()
                : database.read(handle -> handle.createQuery("select at from usage_day where at in (<days>) and"
                                + " client_id = '' and outcome = :allowed order by at desc limit 1")
                        .bindList("days", days)
                        .bind("allowed", Outcome.ALLOWED.text())
                        .mapTo(Long.class)
                        .findOne()
                        .map(Instant::ofEpochMilli));
    }

    /**
     * Reads the calls of tokens, in no particular order.
     *
     * @param clientIds at most {@link #AT_ONCE}
     * @param from the beginning of the first day
     * @param to an end that is not included
     * @param reader takes each row
     */
    public void each(List<String> clientIds, Instant from, Instant to, Consumer<DayOfUse> reader) {
        List<Long> days = days(from, to);
        if (days.isEmpty() || clientIds.isEmpty()) {
            return;
        }
        database.read(handle -> {
            read(handle, clientIds, days, reader);
            return days.size();
        });
    }

    private static void read(Handle handle, List<String> ids, List<Long> days, Consumer<DayOfUse> reader) {
        handle.createQuery(
                        "select client_id, at, api_name, endpoint, outcome, calls, last_at from usage_day where at in"
                                + " (<days>) and client_id in (<ids>)")
                .bindList("days", days)
                .bindList("ids", ids)
                .map((row, context) -> new DayOfUse(
                        row.getString(1),
                        Instant.ofEpochMilli(row.getLong(2)),
                        Called.read(row.getString(3), row.getString(4)),
                        Outcome.of(row.getString(5)),
                        row.getLong(6),
                        Instant.ofEpochMilli(row.getLong(7))))
                .forEach(reader);
    }

    private static List<Long> days(Instant from, Instant to) {
        return Stream.iterate(Step.DAY.start(from), day -> day.isBefore(to), Step.DAY::next)
                .map(Instant::toEpochMilli)
                .toList();
    }
}
