package dev.latchkey.event;

import dev.latchkey.problem.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event tells in addition to who did what: its changes, and the request that made them. They share a column, in which
 * the request looks like one more change: older versions can read it, and the hash covers it.
 */
record Told(List<Change> changes, @Nullable String requestId) {
    private static final String REQUEST_ID = "requestId";

    static Told read(String column) {
        List<Change> all = List.of(Json.readKnown(column, Change[].class));
        if (all.isEmpty() || !all.getLast().field().equals(REQUEST_ID)) {
            return new Told(all, null);
        }
        return new Told(all.subList(0, all.size() - 1), all.getLast().after());
    }

    String column() {
        if (requestId == null) {
            return Json.writeText(changes);
        }
        List<Change> all = new ArrayList<>(changes);
        all.add(Change.set(REQUEST_ID, requestId));
        return Json.writeText(all);
    }
}
