package dev.latchkey.usage;

import dev.latchkey.database.Transaction;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The statements about the sums over all tokens: by the hour, and of each API by the day. */
final class UsageSumStore {
    /** Adds the same calls to the hour's sums over all tokens. */
    void add(Transaction transaction, Instant start, Map<UsageSum, Long> calls) {
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

    /** Adds the same calls to the day's sums of each API; calls without a known one are in none. */
    void addByApi(Transaction transaction, Instant start, List<Map.Entry<Counted, Tally.Unwritten>> rows) {
        Map<ApiSum, Long> sums = new TreeMap<>();
        rows.forEach(row -> {
            ApiSum sum = ApiSum.of(row.getKey());
            if (!sum.api().isEmpty()) {
                sums.merge(sum, row.getValue().calls(), Long::sum);
            }
        });
        transaction.each(
                "insert into usage_api_day as known (api_name, at, outcome, calls) values (?, ?, ?, ?) on conflict (api_name,"
                        + " at, outcome) do update set calls = known.calls + excluded.calls",
                sums.entrySet(),
                (statement, sum) -> {
                    statement.setString(1, sum.getKey().api());
                    statement.setLong(2, start.toEpochMilli());
                    statement.setString(3, sum.getKey().outcome().text());
                    statement.setLong(4, sum.getValue());
                });
    }

    /** The sums over all tokens of the calls to the API on the days that have any, in no order. */
    List<Usage.Point> ofApi(Handle handle, String api, Span span) {
        return handle.createQuery(
                        "select u.at, " + UsageStore.ALLOWED_AND_ALL
                                + " from usage_api_day u where u.api_name = :api and u.at >= :from and u.at < :to group by u.at")
                .bind("api", api)
                .bind("from", span.from().toEpochMilli())
                .bind("to", span.to().toEpochMilli())
                .map((row, context) -> UsageStore.point(row))
                .list();
    }

    /** The sums over all tokens in the hours that have any, in no order. */
    List<Usage.Point> sums(Handle handle, Span span) {
        return handle.createQuery("select u.at, " + UsageStore.ALLOWED_AND_ALL
                        + " from usage_sum u where u.at >= :from and u.at < :to group by u.at")
                .bind("from", span.from().toEpochMilli())
                .bind("to", span.to().toEpochMilli())
                .map((row, context) -> UsageStore.point(row))
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

    /** Deletes the sums of hours and days that began before then. */
    void delete(Transaction transaction, Instant before) {
        transaction
                .update("delete from usage_api_day where at < :before")
                .bind("before", Step.DAY.start(before).toEpochMilli())
                .execute();
        transaction
                .update("delete from usage_sum where at < :before")
                .bind("before", before.toEpochMilli())
                .execute();
    }

    /** The oldest hour with sums that began before then. */
    Optional<Instant> oldest(Handle handle, Instant before) {
        return Stream.of("usage_sum", "usage_api_day")
                .flatMap(table -> UsageStore.oldest(handle, table, before).stream())
                .min(Comparator.naturalOrder());
    }
}
