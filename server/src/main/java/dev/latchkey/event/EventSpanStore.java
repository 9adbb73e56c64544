package dev.latchkey.event;

import dev.latchkey.database.Transaction;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The earliest and the latest time of each thousand events. The times of events are not quite in the order of the log,
 * because the clocks of nodes differ and are set back. The spans show exactly in which part of the log events of a
 * given time can be. The events after the last whole thousand are read themselves.
 */
final class EventSpanStore {
    /** How many events a span has; the migration that created the table uses it, too. */
    static final int SIZE = 1_000;

    private EventSpanStore() {}

    /** Events in a row, by their sequences, both inclusive. */
    record Range(long first, long last) {}

    /** The times of a span's events, in milliseconds. */
    record Times(long earliest, long latest) {
        static Times and(@Nullable Times others, long at) {
            return others == null
                    ? new Times(at, at)
                    : new Times(Math.min(others.earliest, at), Math.max(others.latest, at));
        }
    }

    /** Stores the spans that the event with this sequence completes. */
    static void close(Transaction transaction, long sequence) {
        // From the last one on: a node of an older version may have written events since then, and no spans.
        transaction
                .update(
                        "insert into event_span (last_sequence, earliest, latest) select (sequence + 999) / 1000 * 1000,"
                                + " min(at), max(at) from event where sequence > (select coalesce(max(last_sequence), 0) from"
                                + " event_span) and sequence <= :last group by (sequence + 999) / 1000 * 1000")
                .bind("last", sequence)
                .execute();
    }

    /**
     * The range that contains all events of a time, and maybe others; empty when there are none.
     *
     * @param from the earliest time, inclusive
     * @param until the latest time, exclusive
     */
    static Optional<Range> of(Handle handle, long from, long until) {
        return handle.createQuery("""
                        with open_span as (
                            select min(sequence) as first, max(sequence) as last, min(at) as earliest, max(at) as latest
                            from event where sequence > (select coalesce(max(last_sequence), 0) from event_span)),
                        span as (
                            select last_sequence - 999 as first, last_sequence as last, earliest, latest from event_span
                            union all select first, last, earliest, latest from open_span)
                        select min(first) as first, max(last) as last from span
                        where earliest < :until and latest >= :from having count(*) > 0
                        """)
                .bind("from", from)
                .bind("until", until)
                .map((row, context) -> new Range(row.getLong("first"), row.getLong("last")))
                .findOne();
    }

    /** Compares the stored spans with the events themselves, which it is given in order. */
    static final class Check {
        private final Map<Long, Times> noted;
        private final long last;
        private @Nullable Times seen;

        Check(Handle handle) {
            this.noted = handle.createQuery("select last_sequence, earliest, latest from event_span")
                    .map((row, context) -> Map.entry(
                            row.getLong("last_sequence"), new Times(row.getLong("earliest"), row.getLong("latest"))))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            this.last = noted.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        }

        /** Whether the times are those of the span that this event ends, if it ends one. */
        boolean fit(long sequence, long at) {
            seen = Times.and(seen, at);
            if (sequence % SIZE != 0 || sequence > last) {
                return true;
            }
            boolean same = seen.equals(noted.remove(sequence));
            seen = null;
            return same;
        }

        /** Whether no span is stored for events that do not exist. */
        boolean isDone() {
            return noted.isEmpty();
        }
    }
}
