package dev.latchkey.usage;

import dev.latchkey.access.ManagementApi;
import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements that sum the last days of each token, and keep the sums in its row. */
final class LastWeekStore {
    /** What the role allows, whether a limit refused it or not. */
    private static final String DONE =
            "outcome in ('" + Outcome.ALLOWED.text() + "', '" + Outcome.LIMITED.text() + "')";

    private static final String ISSUED =
            "api_name = '" + ManagementApi.NAME + "' and endpoint like 'POST " + Called.TOKEN_ENDPOINT + "%'";

    /** Many programs renew their access token only when one is refused, which needs no look. */
    private static final String NOT_REFUSED =
            "outcome in ('" + Outcome.ALLOWED.text() + "', '" + Outcome.ACCESS_TOKEN_ENDED.text() + "')";

    /** Access tokens for other APIs, of which some may check them on their own. The underscore stands for the question mark. */
    private static final String ISSUED_FOR_OTHERS =
            "api_name = '" + ManagementApi.NAME + "' and endpoint like 'POST " + Called.TOKEN_ENDPOINT + "_resource=%'";

    private static final String OF_OTHERS = "api_name not in ('', '" + ManagementApi.NAME + "')";

    private static final String SUMS = "select client_id, sum(calls), sum(case when " + NOT_REFUSED
            + " then 0 else calls end), sum(case when outcome = '" + Outcome.LIMITED.text()
            + "' then calls else 0 end), case when sum(case when " + DONE + " and endpoint = '' then 1 else 0 end) = 0"
            + " and (sum(case when " + ISSUED_FOR_OTHERS + " then 1 else 0 end) = 0 or sum(case when " + OF_OTHERS
            + " then 1 else 0 end) > 0) then count(distinct case when " + DONE + " and not (" + ISSUED
            + ") then api_name || ' ' || endpoint end) end from usage_day where at in (<days>)";

    private static final String KEPT =
            "select client_id, week_calls, week_refused, week_limited, week_endpoints from api_token where week_calls > 0";

    /**
     * Some of the tokens, in the order of their client ids.
     *
     * @param after the client id before the first
     * @param last the last one; null for no end
     */
    record Part(String after, @Nullable String last) {
        private String condition() {
            return " and client_id > :after" + (last == null ? "" : " and client_id <= :last");
        }

        private Query in(Query query) {
            query.bind("after", after);
            return last == null ? query : query.bind("last", last);
        }
    }

    /** The hour of the last pass. */
    Instant begun(Handle handle) {
        return Instant.ofEpochMilli(handle.createQuery("select at from last_week_pass")
                .mapTo(Long.class)
                .one());
    }

    /** Begins the pass of this hour, unless a node has begun it since. */
    boolean begin(Transaction transaction, Instant before, Instant hour) {
        return transaction
                        .update("update last_week_pass set at = :hour where at = :before")
                        .bind("before", before.toEpochMilli())
                        .bind("hour", hour.toEpochMilli())
                        .execute()
                > 0;
    }

    /** Whether usage is kept for longer than these days, and all calls of them with their tokens. */
    boolean isWhole(Handle handle, List<Instant> days) {
        return handle.createQuery("select 1 where exists (select 1 from usage_day where at < :first)"
                        + " and not exists (select 1 from usage_day where at in (<days>) and client_id = '')")
                .bind("first", days.getFirst().toEpochMilli())
                .bindList("days", UsageStore.millis(days))
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    /** Ends a pass. */
    void end(Transaction transaction, boolean whole) {
        transaction
                .update("update last_week_pass set whole = :whole")
                .bind("whole", whole ? 1 : 0)
                .execute();
    }

    /** The next tokens: so many that about this many rows of each day are theirs, and that about this many have sums. */
    Part next(Handle handle, List<Instant> days, String after, int rows) {
        String ends = IntStream.range(0, days.size())
                .mapToObj(day -> end("usage_day where at = :day" + day, "day" + day + "_end"))
                .collect(Collectors.joining(" union all "));
        Query query = handle.createQuery("select min(client_id) from (" + ends + " union all "
                        + end("api_token where week_calls > 0", "kept_end") + ") as ends")
                .bind("after", after)
                .bind("rows", rows);
        for (int day = 0; day < days.size(); day++) {
            query.bind("day" + day, days.get(day).toEpochMilli());
        }
        return new Part(
                after, query.map((row, context) -> row.getString(1)).list().getFirst());
    }

    private static String end(String from, String name) {
        return "select client_id from (select client_id from " + from
                + " and client_id > :after order by client_id limit 1 offset :rows) as " + name;
    }

    /** What tokens did, by client id; absent for those without calls. */
    Map<String, LastWeek> counted(Handle handle, List<Instant> days, Part part) {
        return read(part.in(handle.createQuery(SUMS + part.condition() + " group by client_id")
                .bindList("days", UsageStore.millis(days))));
    }

    /** The same as their rows have it. */
    Map<String, LastWeek> kept(Handle handle, Part part) {
        return read(part.in(handle.createQuery(KEPT + part.condition())));
    }

    private static Map<String, LastWeek> read(Query query) {
        Map<String, LastWeek> weeks = new HashMap<>();
        query.map((row, context) -> Map.entry(row.getString(1), week(row)))
                .forEach(entry -> weeks.put(entry.getKey(), entry.getValue()));
        return weeks;
    }

    private static LastWeek week(ResultSet row) throws SQLException {
        long number = row.getLong(5);
        Long endpoints = row.wasNull() ? null : number;
        return new LastWeek(row.getLong(2), row.getLong(3), row.getLong(4), endpoints);
    }

    /** Keeps the sums of these tokens. */
    void keep(Transaction transaction, List<Map.Entry<String, LastWeek>> weeks) {
        transaction.each(
                "update api_token set week_calls = ?, week_refused = ?, week_limited = ?, week_endpoints = ? where client_id"
                        + " = ?",
                weeks,
                (statement, entry) -> {
                    LastWeek week = entry.getValue();
                    statement.setLong(1, week.calls());
                    statement.setLong(2, week.refused());
                    statement.setLong(3, week.limited());
                    statement.setObject(4, week.endpoints(), Types.BIGINT);
                    statement.setString(5, entry.getKey());
                });
    }
}
