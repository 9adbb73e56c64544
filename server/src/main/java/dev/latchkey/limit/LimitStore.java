package dev.latchkey.limit;

import dev.latchkey.database.LookUp;
import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements of shared counts, and of the nodes that share them. */
final class LimitStore {
    /** The shared count of one limit, by its key. */
    static final LookUp<Shared> COUNT = new LookUp<>(
            "select period, taken from limit_count where whose = ? and id = ? and measure = ?", LimitStore::first);

    private LimitStore() {}

    /**
     * What a row keeps.
     *
     * @param warned the period in which people were warned that most of the quota is used; 0 for none
     */
    record Row(Shared count, long warned) {}

    private static @Nullable Shared first(ResultSet rows) throws SQLException {
        return rows.next() ? new Shared(rows.getLong(1), rows.getLong(2)) : null;
    }

    static List<String> texts(Key key) {
        return List.of(key.whose().text(), key.id(), key.measure().text());
    }

    /** The rows with these keys, without those that do not exist. */
    static Map<Key, Row> read(Handle handle, Collection<Key> keys) {
        Map<Key, Row> found = new HashMap<>();
        for (Whose whose : Whose.values()) {
            List<String> ids = keys.stream()
                    .filter(key -> key.whose() == whose)
                    .map(Key::id)
                    .distinct()
                    .toList();
            if (!ids.isEmpty()) {
                handle.createQuery(
                                "select id, measure, period, taken, warned from limit_count where whose = :whose and id in"
                                        + " (<ids>)")
                        .bind("whose", whose.text())
                        .bindList("ids", ids)
                        .map((row, context) -> Map.entry(
                                new Key(whose, row.getString(1), measure(row.getString(2))),
                                new Row(new Shared(row.getLong(3), row.getLong(4)), row.getLong(5))))
                        .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
            }
        }
        return found;
    }

    private static Measure measure(String text) {
        return Arrays.stream(Measure.values())
                .filter(measure -> measure.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no limit is of " + text));
    }

    static void save(Transaction transaction, Map<Key, Shared> counts) {
        if (counts.isEmpty()) {
            return;
        }
        try (PreparedBatch batch = transaction
                .handle()
                .prepareBatch(
                        "insert into limit_count (whose, id, measure, period, taken) values (:whose, :id, :measure,"
                                + " :period, :taken) on conflict (whose, id, measure) do update set period = excluded.period,"
                                + " taken = excluded.taken")) {
            counts.forEach((key, count) -> batch.bind("whose", key.whose().text())
                    .bind("id", key.id())
                    .bind("measure", key.measure().text())
                    .bind("period", count.period())
                    .bind("taken", count.taken())
                    .add());
            batch.execute();
        }
    }

    /** Notes that people were warned in the current period; false when they already were. */
    static boolean saveWarned(Transaction transaction, Key key, long period) {
        return transaction
                        .update(
                                "update limit_count set warned = :period where whose = :whose and id = :id and measure ="
                                        + " :measure and period = :period and warned <> :period")
                        .bind("period", period)
                        .bind("whose", key.whose().text())
                        .bind("id", key.id())
                        .bind("measure", key.measure().text())
                        .execute()
                > 0;
    }

    /** Says that this node shares limits at this time, in milliseconds. */
    static void saveNode(Transaction transaction, String node, long at) {
        transaction
                .update(
                        "insert into limit_node (node_id, seen_at) values (:node, :at) on conflict (node_id) do update set"
                                + " seen_at = excluded.seen_at")
                .bind("node", node)
                .bind("at", at)
                .execute();
    }

    static void removeNode(Transaction transaction, String node) {
        transaction
                .update("delete from limit_node where node_id = :node")
                .bind("node", node)
                .execute();
    }

    /** How many other nodes shared limits since this time. */
    static int others(Handle handle, String node, long since) {
        return handle.createQuery("select count(*) from limit_node where node_id <> :node and seen_at >= :since")
                .bind("node", node)
                .bind("since", since)
                .mapTo(Integer.class)
                .one();
    }

    /**
     * Removes counts of periods that are over, rates that are whole again, and nodes that are gone: all of them are as good as absent.
     *
     * @param millis when the earliest period is that some node may still count in
     * @param there the database's time
     * @param gone nodes that were last seen before then
     */
    static void removeOld(Transaction transaction, long millis, long there, long gone) {
        transaction
                .update("delete from limit_node where seen_at < :before")
                .bind("before", gone)
                .execute();
        transaction
                .update(
                        "delete from limit_count where (measure = :second and taken < :nanos) or (measure <> :second and period"
                                + " < :period)")
                .bind("second", Measure.SECOND.text())
                .bind("nanos", there * 1_000_000)
                .bind("period", Measure.MONTH.start(millis))
                .execute();
    }
}
