package dev.latchkey.usage;

import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The time whose usage is read: whole periods, at most {@value #MOST_PERIODS}.
 *
 * @param from the beginning of the first period
 * @param to the end of the last one
 */
public record Span(Step step, Instant from, Instant to) {
    static final int MOST_PERIODS = 400;

    /** Beyond this, days tell more than hours. */
    private static final Duration LONG = Duration.ofDays(3);

    private static final Duration USUAL = Duration.ofDays(1);

    /** The last periods, the current one included. */
    public static Span last(int periods, Step step, Instant now) {
        return new Span(step, step.before(now, periods - 1), step.next(step.start(now)));
    }

    /**
     * All periods that these times touch.
     *
     * @param step null for hours in up to three days, and days otherwise
     * @param from null for a day before the end
     * @param to null for now
     * @throws Problem 422 when it ends before it begins, or is too long
     */
    static Span of(@Nullable Step step, @Nullable Instant from, @Nullable Instant to, Instant now) {
        Instant end = to == null ? now : to;
        Instant begin = from == null ? end.minus(USUAL) : from;
        if (!begin.isBefore(end)) {
            throw Problem.invalid("to", "Choose an end after the beginning.");
        }
        Step chosen = step != null ? step : Duration.between(begin, end).compareTo(LONG) > 0 ? Step.DAY : Step.HOUR;
        Instant last = chosen.start(end.minusMillis(1));
        Span span = new Span(chosen, chosen.start(begin), chosen.next(last));
        if (chosen.before(last, MOST_PERIODS - 1).isAfter(span.from())) {
            throw Problem.invalid(
                    "from", "Choose at most " + MOST_PERIODS + " periods, or step=day for more than 16 days.");
        }
        return span;
    }

    /** The beginnings of the periods, in order. */
    List<Instant> starts() {
        return Stream.iterate(from, start -> start.isBefore(to), step::next).toList();
    }
}
