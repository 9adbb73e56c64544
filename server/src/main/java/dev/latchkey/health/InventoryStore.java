package dev.latchkey.health;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The statements of the inventory. None of them reads a table that can have millions of rows. */
final class InventoryStore {
    private static final List<String> SMALL =
            List.of("person", "role", "api", "api_endpoint", "signing_key", "session", "history_change", "lost_change");

    private InventoryStore() {}

    static Map<String, Long> counts(Handle handle) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (String table : SMALL) {
            counts.put(table, number(handle, "select count(*) from " + table));
        }
        handle.createQuery("select state, cast(sum(number) as bigint) as number from api_token_count group by state"
                        + " order by state")
                .map((row, context) -> Map.entry(row.getString("state"), row.getLong("number")))
                .forEach(entry -> counts.put("api_token " + entry.getKey(), entry.getValue()));
        counts.put("event", number(handle, "select coalesce(max(sequence), 0) from event_head"));
        return counts;
    }

    private static long number(Handle handle, String sql) {
        return handle.createQuery(sql).mapTo(Long.class).one();
    }
}
