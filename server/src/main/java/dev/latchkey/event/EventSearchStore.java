package dev.latchkey.event;

import dev.latchkey.event.EventSpanStore.Range;
import dev.latchkey.problem.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events that match a filter, the newest first, without reading the whole log, and counts them as far as that
 * is quick.
 *
 * <p>A filter by one property (an operation, a kind, a target or an actor) has an index in the order of the log. Of
 * several, the one with the fewest events is followed and the others are tested; a time becomes a range of the log
 * ({@link EventSpanStore}). The tests are placed where no planner can take them for a reason to choose another index.
 */
final class EventSearchStore {
    /** How far to look to see which of several parts has the fewest events. */
    private static final int REACH = 1_000;

    /** No count goes further, so that it stays quick. */
    static final int MOST_COUNTED = 10_000;

    private static final long EVER = Long.MAX_VALUE;

    /**
     * A part of a filter that indexes have in the log's order: one condition, or several that have no event in common.
     */
    private record Part(List<String> conditions) {
        String test() {
            return "(" + String.join(" or ", conditions) + ")";
        }
    }

    /** How many events a part has, up to {@link #REACH}, and the oldest of these. */
    private record Reach(Part part, long events, long lowest) {}

    /** A statement with its values. */
    record Listing(String sql, Map<String, Object> bindings) {}

    private final Handle handle;
    private final Map<String, Object> bindings = new LinkedHashMap<>();
    private final List<Part> parts = new ArrayList<>();
    private final List<String> tests = new ArrayList<>();
    private final Optional<Range> range;

    EventSearchStore(Handle handle, EventFilter filter) {
        this.handle = handle;
        if (filter.operation() != null) {
            parts.add(operation(filter.operation()));
        }
        if (filter.actor() != null) {
            parts.add(new Part(List.of("actor_id = :actor", "actor_name = :actor and actor_name <> actor_id")));
            bindings.put("actor", filter.actor());
        }
        if (filter.targetKind() != null && filter.targetId() != null) {
            parts.add(new Part(List.of("target_kind = :targetKind and target_id = :targetId")));
            bindings.put("targetKind", filter.targetKind().text());
            bindings.put("targetId", filter.targetId());
        }
        this.range = range(filter);
    }

    /** An operation, under each of the names that it has had, or every operation on a kind of target. */
    private Part operation(String operation) {
        EventType type = EventType.of(operation);
        List<String> texts = type == EventType.OTHER ? List.of(operation) : type.texts();
        String column = operation.indexOf('.') >= 0 ? "operation" : "target_kind";
        List<String> conditions = new ArrayList<>();
        for (String text : texts) {
            String name = "operation" + conditions.size();
            bindings.put(name, text);
            conditions.add(column + " = :" + name);
        }
        return new Part(conditions);
    }

    private Optional<Range> range(EventFilter filter) {
        if (filter.from() == null && filter.until() == null) {
            return Optional.of(new Range(1, EVER - 1));
        }
        long from = filter.from() == null ? -EVER : millis(filter.from());
        long until = filter.until() == null ? EVER : millis(filter.until());
        bindings.put("from", from);
        bindings.put("until", until);
        tests.add("at >= :from and at < :until");
        return EventSpanStore.of(handle, from, until);
    }

    /** The newest events first. */
    Page<Event> list(Page.Request page) {
        List<Event> events = listing(page)
                .map(listing -> handle.createQuery(listing.sql())
                        .bindMap(listing.bindings())
                        .map((row, context) -> EventStore.row(row).event())
                        .list())
                .orElse(List.of());
        return Page.of(events, page, event -> List.of(Long.toString(event.sequence())));
    }

    /** The statement that finds a page and one more event; empty when there can be none. */
    Optional<Listing> listing(Page.Request page) {
        if (range.isEmpty()) {
            return Optional.empty();
        }
        long first = range.get().first();
        long before = range.get().last() + 1;
        if (page.after() != null) {
            long place = Page.number(page.after().getFirst());
            if (page.backwards()) {
                first = Math.max(first, place + 1);
            } else {
                before = Math.min(before, place);
            }
        }
        bindings.put("first", first);
        bindings.put("before", before);
        @Nullable Part followed = followed();
        String fits = tests.isEmpty() ? "" : " and " + fits() + " = 1";
        bindings.put("limit", page.size() + 1);
        return Optional.of(new Listing(walk(EventStore.COLUMNS, followed, fits, page.backwards()), bindings));
    }

    /**
     * How many events there are. More than {@link #MOST_COUNTED} only means more than that; empty when counting would
     * have to read more than that.
     */
    OptionalLong count() {
        if (range.isEmpty()) {
            return OptionalLong.of(0);
        }
        if (parts.isEmpty() && tests.isEmpty()) {
            // The chain has no gaps.
            return OptionalLong.of(handle.createQuery("select coalesce(max(sequence), 0) from event")
                    .mapTo(Long.class)
                    .one());
        }
        bindings.put("first", range.get().first());
        bindings.put("before", range.get().last() + 1);
        @Nullable Part followed = followed();
        String columns = "sequence, " + (tests.isEmpty() ? "1" : fits()) + " as fits";
        return handle.createQuery("select count(*) as looked_at, coalesce(sum(fits), 0) as found from ("
                        + walk(columns, followed, "", false) + ") as walked")
                .bindMap(bindings)
                .bind("limit", MOST_COUNTED + 1)
                .map((row, context) -> {
                    long found = row.getLong("found");
                    return row.getLong("looked_at") <= MOST_COUNTED || found > MOST_COUNTED
                            ? OptionalLong.of(found)
                            : OptionalLong.empty();
                })
                .one();
    }

    /** The part whose index is followed; the others become tests. */
    private @Nullable Part followed() {
        @Nullable Part followed = switch (parts.size()) {
            case 0 -> null;
            case 1 -> parts.getFirst();
            default -> narrowest();
        };
        parts.stream().filter(part -> part != followed).map(Part::test).forEach(tests::add);
        return followed;
    }

    private String fits() {
        return "case when " + String.join(" and ", tests) + " then 1 else 0 end";
    }

    /** The part with the fewest events; among those with many, the one whose events are farthest apart. */
    private Part narrowest() {
        return parts.stream()
                .map(this::reach)
                .min(Comparator.comparingLong(Reach::events).thenComparingLong(Reach::lowest))
                .orElseThrow()
                .part();
    }

    private Reach reach(Part part) {
        return handle.createQuery("select count(*) as events, coalesce(min(sequence), 0) as lowest from ("
                        + walk("sequence", part, "", false) + ") as reached")
                .bindMap(bindings)
                .bind("limit", REACH)
                .map((row, context) -> new Reach(part, row.getLong("events"), row.getLong("lowest")))
                .one();
    }

    /**
     * Each condition is a walk of its own, from the newest event on or towards it, that ends when it has found enough;
     * the result is the first of everything that they find.
     */
    private static String walk(String columns, @Nullable Part part, String more, boolean backwards) {
        List<String> conditions = part == null ? List.of("1 = 1") : part.conditions();
        String order = " order by sequence " + (backwards ? "asc" : "desc") + " limit :limit";
        return conditions.stream()
                .map(condition -> "select " + columns + " from event where " + condition
                        + " and sequence >= :first and sequence < :before" + more + order)
                .map(walk -> conditions.size() == 1 ? walk : "select * from (" + walk + ") as walk")
                .collect(Collectors.joining(" union all ", "", conditions.size() == 1 ? "" : order));
    }

    /** The time in milliseconds, at most {@link #EVER}. */
    private static long millis(Instant time) {
        return time.isBefore(Instant.ofEpochMilli(-EVER))
                ? -EVER
                : time.isAfter(Instant.ofEpochMilli(EVER)) ? EVER : time.toEpochMilli();
    }
}
