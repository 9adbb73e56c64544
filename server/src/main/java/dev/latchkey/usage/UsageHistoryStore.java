package dev.latchkey.usage;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.EmptyHandling;

/** The statements about the usage of many tokens by the day. */
final class UsageHistoryStore {
    /** The first day of which something is kept. */
    Optional<Instant> first(Handle handle) {
        return handle.createQuery("select at from usage_day order by at limit 1")
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli);
    }

    /** The last of these days on which allowed calls were counted without their token. */
    Optional<Instant> lastWithoutToken(Handle handle, List<Instant> days) {
        return handle.createQuery("select at from usage_day where at in (<days>) and client_id = '' and outcome in"
                        + " (:allowed, :limited) order by at desc limit 1")
                .bindList(EmptyHandling.NULL_KEYWORD, "days", UsageStore.millis(days))
                .bind("allowed", Outcome.ALLOWED.text())
                .bind("limited", Outcome.LIMITED.text())
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli);
    }

    void read(Handle handle, List<String> clientIds, List<Instant> days, Consumer<DayOfUse> reader) {
        handle.createQuery(
                        "select client_id, at, api_name, endpoint, outcome, calls, last_at from usage_day where at in"
                                + " (<days>) and client_id in (<ids>)")
                .bindList(EmptyHandling.NULL_KEYWORD, "days", UsageStore.millis(days))
                .bindList(EmptyHandling.NULL_KEYWORD, "ids", clientIds)
                .map((row, context) -> new DayOfUse(
                        row.getString(1),
                        Instant.ofEpochMilli(row.getLong(2)),
                        Called.read(row.getString(3), row.getString(4)).about(),
                        Outcome.of(row.getString(5)),
                        row.getLong(6),
                        Instant.ofEpochMilli(row.getLong(7))))
                .forEach(reader);
    }
}
