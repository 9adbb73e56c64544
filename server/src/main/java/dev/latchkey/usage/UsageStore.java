package dev.latchkey.usage;

import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The statements about usage. */
final class UsageStore {
    /**
     * A role with more tokens is read by walking through the usage of all tokens. Up to this many, each is asked for each
     * period, which is quicker.
     */
    static final int MOST_ASKED = 1_000;

    /** Those that have a number of their own; what is left of all calls had another one. */
    private static final List<Outcome> KNOWN = Arrays.stream(Outcome.values())
            .filter(outcome -> outcome != Outcome.OTHER)
            .toList();

    /** The role that the token has now. */
    private static final String ROLE = "(select t.role_name from api_token t where t.client_id = u.client_id)";

    static final String ALLOWED_AND_ALL = number(Outcome.ALLOWED) + ", sum(u.calls)";

    /** Adds what is inserted to the row that is {@code known}. */
    static final String ADD_TO_KNOWN = " do update set calls = known.calls + excluded.calls,"
            + " first_at = case when excluded.first_at < known.first_at then excluded.first_at else known.first_at end,"
            + " last_at = case when excluded.last_at > known.last_at then excluded.last_at else known.last_at end";

    private static String table(Step step) {
        return switch (step) {
            case HOUR -> "usage_hour";
            case DAY -> "usage_day";
        };
    }

    /**
     * Which rows are read.
     *
     * @param condition a part of a statement
     * @param texts what its names stand for
     * @param lists what the names of its lists stand for; none is empty
     */
    record Where(String condition, Map<String, String> texts, Map<String, List<?>> lists) {
        private Query in(Query query) {
            texts.forEach((name, text) -> query.bind(name, text));
            lists.forEach((name, values) -> query.bindList(name, values));
            return query;
        }
    }

    /**
     * The groups with the most calls.
     *
     * @param all how many groups there are
     * @param calls all of their calls
     * @param allowed how many of these were allowed
     */
    record Top(List<Usage.Group> groups, long all, long calls, long allowed) {
        Usage.Rest rest() {
            long listedAllowed = groups.stream().mapToLong(Usage.Group::allowed).sum();
            long listedRefused = groups.stream().mapToLong(Usage.Group::refused).sum();
            return new Usage.Rest(all - groups.size(), allowed - listedAllowed, calls - allowed - listedRefused);
        }
    }

    /** Adds calls to what the period already has. */
    void add(Transaction transaction, Step step, Instant start, List<Map.Entry<Counted, Tally.Unwritten>> calls) {
        long at = start.toEpochMilli();
        transaction.each(
                "insert into " + table(step)
                        + " as known (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values (?, ?, ?,"
                        + " ?, ?, ?, ?, ?) on conflict (at, client_id, api_name, endpoint, outcome)" + ADD_TO_KNOWN,
                calls,
                (statement, entry) -> {
                    Counted counted = entry.getKey();
                    Tally.Unwritten unwritten = entry.getValue();
                    statement.setLong(1, at);
                    statement.setString(2, counted.clientId());
                    statement.setString(3, counted.called().api());
                    statement.setString(4, counted.called().endpoint());
                    statement.setString(5, counted.outcome().text());
                    statement.setLong(6, unwritten.calls());
                    statement.setLong(7, unwritten.firstAt().toEpochMilli());
                    statement.setLong(8, unwritten.lastAt().toEpochMilli());
                });
    }

    /** The rows of these calls. However many tokens there are, only those with usage are looked at. */
    Where where(Handle handle, Selection selection, List<Instant> starts) {
        StringBuilder condition = new StringBuilder("u.at in (<starts>)");
        Map<String, String> texts = new HashMap<>();
        Map<String, List<?>> lists = new HashMap<>();
        lists.put("starts", millis(starts));
        switch (selection.subject()) {
            case TOKEN -> {
                condition.append(" and u.client_id = :id");
                texts.put("id", selection.name());
            }
            case ROLE -> {
                List<String> ids = tokens(handle, selection.name());
                if (ids.isEmpty()) {
                    condition.append(" and 1 = 0");
                } else if (ids.size() <= MOST_ASKED) {
                    condition.append(" and u.client_id in (<ids>)");
                    lists.put("ids", ids);
                } else {
                    // Not a join: a planner could begin with the tokens.
                    condition.append(" and " + ROLE + " = :role");
                    texts.put("role", selection.name());
                }
            }
            case API -> {
                // It is among what follows.
            }
        }
        if (selection.api() != null) {
            condition.append(" and u.api_name = :api");
            texts.put("api", selection.api());
        }
        if (selection.endpoint() != null) {
            condition.append(" and u.endpoint = :endpoint");
            texts.put("endpoint", selection.endpoint());
        }
        return new Where(condition.toString(), texts, lists);
    }

    /** Some of the role's tokens. The condition is a range, so that a planner has no reason to leave the index of roles. */
    private static List<String> tokens(Handle handle, String role) {
        return handle.createQuery("select client_id from api_token where role_name >= :role and role_name <= :role"
                        + " order by role_name, client_id limit :most")
                .bind("role", role)
                .bind("most", MOST_ASKED + 1)
                .mapTo(String.class)
                .list();
    }

    static List<Long> millis(List<Instant> starts) {
        return starts.stream().map(Instant::toEpochMilli).toList();
    }

    private static String number(Outcome outcome) {
        return "sum(case when u.outcome = '" + outcome.text() + "' then u.calls else 0 end)";
    }

    /** The periods that have such rows, in no order. */
    List<Usage.Point> points(Handle handle, Step step, Where where) {
        return where.in(handle.createQuery("select u.at, " + ALLOWED_AND_ALL + " from " + table(step) + " u where "
                        + where.condition() + " group by u.at"))
                .map((row, context) -> point(row))
                .list();
    }

    /** The days on which these tokens called, in no order. */
    Map<String, List<Usage.Point>> days(Handle handle, List<String> clientIds, List<Instant> starts) {
        return handle
                .createQuery("select u.at, " + ALLOWED_AND_ALL + ", u.client_id from usage_day u"
                        + " where u.at in (<starts>) and u.client_id in (<ids>) group by u.client_id, u.at")
                .bindList("starts", millis(starts))
                .bindList("ids", clientIds)
                .map((row, context) -> Map.entry(row.getString(4), point(row)))
                .list()
                .stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toList())));
    }

    static Usage.Point point(ResultSet row) throws SQLException {
        long allowed = row.getLong(2);
        return new Usage.Point(Instant.ofEpochMilli(row.getLong(1)), allowed, row.getLong(3) - allowed);
    }

    /** The groups with the most calls. */
    Top top(Handle handle, Step step, Where where, GroupBy groupBy, int most) {
        String keys = switch (groupBy) {
            case ENDPOINT -> "u.api_name, u.endpoint";
            case API -> "u.api_name, ''";
            case TOKEN -> "u.client_id, ''";
            case ROLE -> "coalesce(" + ROLE + ", ''), ''";
            case ADDRESS -> "u.address, ''";
        };
        String grouped = groupBy == GroupBy.ENDPOINT ? "1, 2" : "1";
        long[] all = new long[3];
        List<Usage.Group> groups = where.in(handle.createQuery(
                        "select " + keys + ", count(*) over (), min(u.first_at), max(u.last_at), sum(u.calls), "
                                + KNOWN.stream().map(UsageStore::number).collect(Collectors.joining(", "))
                                + ", sum(sum(u.calls)) over (), sum(" + number(Outcome.ALLOWED) + ") over () from "
                                + (groupBy == GroupBy.ADDRESS ? AddressStore.TABLE : table(step)) + " u where "
                                + where.condition() + " group by " + grouped
                                + " order by 6 desc, " + grouped + " limit :most"))
                .bind("most", most)
                .map((row, context) -> {
                    all[0] = row.getLong(3);
                    all[1] = row.getLong(7 + KNOWN.size());
                    all[2] = row.getLong(8 + KNOWN.size());
                    return new Usage.Group(
                            key(groupBy, row.getString(1), row.getString(2)),
                            calls(row),
                            Instant.ofEpochMilli(row.getLong(4)),
                            Instant.ofEpochMilli(row.getLong(5)));
                })
                .list();
        return new Top(groupBy == GroupBy.TOKEN ? named(handle, groups) : groups, all[0], all[1], all[2]);
    }

    private static Usage.Key key(GroupBy groupBy, String first, String second) {
        return switch (groupBy) {
            case ENDPOINT -> new Usage.Key("", "", "", first, second, "");
            case API -> new Usage.Key("", "", "", first, "", "");
            case TOKEN -> Usage.Key.token(first, "", "");
            case ROLE -> Usage.Key.token("", "", first);
            case ADDRESS -> Usage.Key.address(first);
        };
    }

    private static Map<Outcome, Long> calls(ResultSet row) throws SQLException {
        Map<Outcome, Long> calls = new EnumMap<>(Outcome.class);
        long other = row.getLong(6);
        for (int i = 0; i < KNOWN.size(); i++) {
            long known = row.getLong(7 + i);
            other -= known;
            if (known > 0) {
                calls.put(KNOWN.get(i), known);
            }
        }
        if (other > 0) {
            calls.put(Outcome.OTHER, other);
        }
        return calls;
    }

    /** The same groups of tokens, with what the tokens are called. */
    private static List<Usage.Group> named(Handle handle, List<Usage.Group> groups) {
        if (groups.isEmpty()) {
            return groups;
        }
        Map<String, Usage.Key> names = handle
                .createQuery("select client_id, description, role_name from api_token where client_id in (<ids>)")
                .bindList(
                        "ids",
                        groups.stream().map(group -> group.key().clientId()).toList())
                .map((row, context) -> Usage.Key.token(row.getString(1), row.getString(2), row.getString(3)))
                .list()
                .stream()
                .collect(Collectors.toMap(Usage.Key::clientId, key -> key));
        return groups.stream()
                .map(group -> new Usage.Group(
                        names.getOrDefault(group.key().clientId(), group.key()),
                        group.calls(),
                        group.firstAt(),
                        group.lastAt()))
                .toList();
    }

    /** The oldest period that began before then. */
    Optional<Instant> oldest(Handle handle, Step step, Instant before) {
        return oldest(handle, table(step), before);
    }

    static Optional<Instant> oldest(Handle handle, String table, Instant before) {
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
