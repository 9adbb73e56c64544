package dev.latchkey.usage;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The statements about usage. */
final class UsageStore {
    private static String table(Step step) {
        return switch (step) {
            case HOUR -> "usage_hour";
            case DAY -> "usage_day";
        };
    }

    /** Adds calls to what the period already has. */
    void add(Transaction transaction, Step step, Instant start, Map<Counted, Tally.Unwritten> calls) {
        PreparedBatch batch = transaction
                .handle()
                .prepareBatch("insert into " + table(step)
                        + " as known (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values (:at,"
                        + " :id, :api, :endpoint, :outcome, :calls, :first, :last) on conflict (at, client_id, api_name,"
                        + " endpoint, outcome) do update set calls = known.calls + excluded.calls, first_at = case when"
                        + " excluded.first_at < known.first_at then excluded.first_at else known.first_at end, last_at ="
                        + " case when excluded.last_at > known.last_at then excluded.last_at else known.last_at end");
        calls.forEach((counted, unwritten) -> batch.bind("at", start.toEpochMilli())
                .bind("id", counted.clientId())
                .bind("api", counted.called().api())
                .bind("endpoint", counted.called().endpoint())
                .bind("outcome", counted.outcome().text())
                .bind("calls", unwritten.calls())
                .bind("first", unwritten.firstAt().toEpochMilli())
                .bind("last", unwritten.lastAt().toEpochMilli())
                .add());
        batch.execute();
    }

    /** Adds the same calls to the hour's sums over all tokens. */
    void addToSums(Transaction transaction, Instant start, Map<UsageSum, Long> calls) {
        PreparedBatch batch = transaction
                .handle()
                .prepareBatch(
                        "insert into usage_sum as known (at, own_api, outcome, calls) values (:at, :own, :outcome,"
                                + " :calls) on conflict (at, own_api, outcome) do update set calls = known.calls +"
                                + " excluded.calls");
        calls.forEach((sum, number) -> batch.bind("at", start.toEpochMilli())
                .bind("own", sum.isOwnApi() ? 1 : 0)
                .bind("outcome", sum.outcome().text())
                .bind("calls", number)
                .add());
        batch.execute();
    }

    /** The sums over all tokens in these hours. */
    List<Usage.Row> sums(Handle handle, Span span) {
        return handle.createQuery("select at, outcome, calls from usage_sum where at >= :from and at < :to")
                .bind("from", span.from().toEpochMilli())
                .bind("to", span.to().toEpochMilli())
                .map((row, context) -> {
                    Instant at = Instant.ofEpochMilli(row.getLong(1));
                    return new Usage.Row(at, "", "", Outcome.of(row.getString(2)), row.getLong(3), at, at);
                })
                .list();
    }

    /** Whether a call to an API other than Latchkey's own was allowed, as far back as sums are kept. */
    boolean hasGuardedCall(Handle handle) {
        return handle.createQuery("select 1 from usage_sum where own_api = 0 and outcome = :allowed limit 1")
                .bind("allowed", Outcome.ALLOWED.text())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /** Deletes the sums of hours that began before then. */
    void deleteSums(Transaction transaction, Instant before) {
        transaction
                .update("delete from usage_sum where at < :before")
                .bind("before", before.toEpochMilli())
                .execute();
    }

    /** The oldest hour with sums that began before then. */
    Optional<Instant> oldestSum(Handle handle, Instant before) {
        return oldest(handle, "usage_sum", before);
    }

    /** The token's usage in these periods. */
    List<Usage.Row> of(Handle handle, Step step, String clientId, List<Instant> starts) {
        return handle.createQuery("select at, api_name, endpoint, outcome, calls, first_at, last_at from " + table(step)
                        + " where client_id = :id and at in (<starts>)")
                .bind("id", clientId)
                .bindList("starts", starts.stream().map(Instant::toEpochMilli).toList())
                .map((row, context) -> new Usage.Row(
                        Instant.ofEpochMilli(row.getLong(1)),
                        row.getString(2),
                        row.getString(3),
                        Outcome.of(row.getString(4)),
                        row.getLong(5),
                        Instant.ofEpochMilli(row.getLong(6)),
                        Instant.ofEpochMilli(row.getLong(7))))
                .list();
    }

    /** The oldest period that began before then. */
    Optional<Instant> oldest(Handle handle, Step step, Instant before) {
        return oldest(handle, table(step), before);
    }

    private static Optional<Instant> oldest(Handle handle, String table, Instant before) {
        return handle.createQuery("select at from " + table + " where at < :before order by at limit 1")
                .bind("before", before.toEpochMilli())
                .mapTo(Long.class)
                .findOne()
                .map(Instant::ofEpochMilli);
    }

    /** Deletes some rows of the period, and says how many. */
    int delete(Transaction transaction, Step step, Instant start, int most) {
        return transaction
                .update("delete from " + table(step) + " where at = :at and (client_id, api_name, endpoint, outcome) in"
                        + " (select client_id, api_name, endpoint, outcome from " + table(step)
                        + " where at = :at limit :most)")
                .bind("at", start.toEpochMilli())
                .bind("most", most)
                .execute();
    }
}
