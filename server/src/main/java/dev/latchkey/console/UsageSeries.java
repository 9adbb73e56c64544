package dev.latchkey.console;

import dev.latchkey.usage.Step;
import dev.latchkey.usage.Usage;
import java.time.Instant;
import java.util.List;

/**
 * Calls over time as a page shows them: drawn, a bar for each period, and as a table.
 *
 * @param all one for each period, those without calls included
 */
public record UsageSeries(UsageRange range, List<Usage.Point> all) {
    private static final long LEAST = 2;

    public UsageBars bars() {
        return UsageBars.of(all, LEAST);
    }

    public boolean isEmpty() {
        return points().isEmpty();
    }

    /** "1,204 calls allowed, 3 refused". */
    public String sum() {
        return Amounts.of(all.stream().mapToLong(Usage.Point::allowed).sum(), "call") + " allowed, "
                + Amounts.number(all.stream().mapToLong(Usage.Point::refused).sum()) + " refused";
    }

    /** The periods in which there were calls, for those who do not see the drawing. */
    public List<Usage.Point> points() {
        return all.stream().filter(point -> point.calls() > 0).toList();
    }

    /** When a period was. */
    public String when(Instant start) {
        return range.step() == Step.HOUR ? Times.minute(start) + " UTC" : Times.day(start);
    }
}
