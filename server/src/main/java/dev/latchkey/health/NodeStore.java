package dev.latchkey.health;

import dev.latchkey.database.Transaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The statements of the nodes that run. */
final class NodeStore {
    private NodeStore() {}

    static void save(Transaction transaction, Node node) {
        @Nullable Duration ahead = node.clockAhead();
        transaction
                .update("insert into node (node_id, place, host, version, schema_version, started_at, seen_at,"
                        + " clock_ahead_millis) values (:id, :place, :host, :version, :schema, :startedAt, :seenAt,"
                        + " :clockAhead) on conflict (node_id) do update set seen_at = excluded.seen_at,"
                        + " clock_ahead_millis = excluded.clock_ahead_millis")
                .bind("id", node.id())
                .bind("place", node.place())
                .bind("host", node.host())
                .bind("version", node.version())
                .bind("schema", node.schema())
                .bind("startedAt", node.startedAt().toEpochMilli())
                .bind("seenAt", node.seenAt().toEpochMilli())
                .bind("clockAhead", ahead == null ? null : (Long) ahead.toMillis())
                .execute();
    }

    static void remove(Transaction transaction, String id) {
        transaction
                .update("delete from node where node_id = :id")
                .bind("id", id)
                .execute();
    }

    /** Removes what an earlier run of this node left. */
    static void removeEarlier(Transaction transaction, Node node) {
        transaction
                .update("delete from node where place = :place and node_id <> :id")
                .bind("place", node.place())
                .bind("id", node.id())
                .execute();
    }

    /** Removes nodes that were last seen before this time, and the longest silent ones above this number. */
    static void removeSilent(Transaction transaction, Instant before, int most) {
        transaction
                .update("delete from node where seen_at < :before or node_id not in (select node_id from node order by"
                        + " seen_at desc limit :most)")
                .bind("before", before.toEpochMilli())
                .bind("most", most)
                .execute();
    }

    /** All of them, in the order of their hosts. */
    static List<Node> all(Handle handle) {
        return handle.createQuery("select node_id, place, host, version, schema_version, started_at, seen_at,"
                        + " clock_ahead_millis from node order by host, place, node_id")
                .map((row, context) -> node(row))
                .list();
    }

    private static Node node(ResultSet row) throws SQLException {
        long ahead = row.getLong("clock_ahead_millis");
        boolean hasClock = !row.wasNull();
        return new Node(
                row.getString("node_id"),
                row.getString("place"),
                row.getString("host"),
                row.getString("version"),
                row.getString("schema_version"),
                Instant.ofEpochMilli(row.getLong("started_at")),
                Instant.ofEpochMilli(row.getLong("seen_at")),
                hasClock ? Duration.ofMillis(ahead) : null);
    }
}
