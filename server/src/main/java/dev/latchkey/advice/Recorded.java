package dev.latchkey.advice;

import dev.latchkey.usage.Called;
import dev.latchkey.usage.DayOfUse;
import dev.latchkey.usage.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** The recorded calls of some tokens, as far as advice needs them. Days are numbers, from the first day that is kept. */
public final class Recorded {
    private final Instant first;
    private final Instant from;
    private final Map<String, OfOne> tokens = new TreeMap<>();
    private long rows;

    /** What one token called. */
    static final class OfOne {
        /** The days on which it was used. */
        final BitSet used = new BitSet();

        final Map<Called, Total> allowed = new HashMap<>();

        /** For each API the days on which Latchkey decided about a call to it, allowed or not. */
        final Map<String, BitSet> decided = new HashMap<>();
    }

    /** The allowed calls of one token to one endpoint. */
    static final class Total {
        final BitSet days = new BitSet();
        long calls;
        long inWindow;
        Instant lastAt = Instant.MIN;
    }

    /**
     * @param first the beginning of the first day that is kept
     * @param from when the window begins
     */
    public Recorded(Instant first, Instant from) {
        this.first = first;
        this.from = from;
    }

    /** Adds a row. */
    public void add(DayOfUse row) {
        rows++;
        if (row.outcome().isOfBarred()) {
            return;
        }
        int day = (int) Duration.between(first, row.day()).toDays();
        if (day < 0) {
            return;
        }
        OfOne one = tokens.computeIfAbsent(row.clientId(), unused -> new OfOne());
        if (!row.called().isIssuing()) {
            one.decided
                    .computeIfAbsent(row.called().api(), unused -> new BitSet())
                    .set(day);
        }
        if (!isAllowed(row)) {
            return;
        }
        one.used.set(day);
        Total total = one.allowed.computeIfAbsent(row.called(), unused -> new Total());
        total.days.set(day);
        total.calls += row.calls();
        total.inWindow += row.day().isBefore(from) ? 0 : row.calls();
        total.lastAt = row.lastAt().isAfter(total.lastAt) ? row.lastAt() : total.lastAt;
    }

    /** What a limit refused was allowed by the role: the program needs it. But an access token that was not issued was not used. */
    private static boolean isAllowed(DayOfUse row) {
        return row.outcome() == Outcome.ALLOWED
                || (row.outcome() == Outcome.LIMITED && !row.called().isIssuing());
    }

    /** How many rows were added. */
    public long rows() {
        return rows;
    }

    OfOne of(String clientId) {
        return tokens.getOrDefault(clientId, new OfOne());
    }

    /** When the day ended. */
    Instant end(int day) {
        return first.plus(Duration.ofDays(day + 1L));
    }

    int day(Instant moment) {
        return (int) Duration.between(first, moment).toDays();
    }
}
