package dev.latchkey.console;

import dev.latchkey.apitoken.LastWeek;
import dev.latchkey.usage.Usage;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The calls of a token in the last days, as its row of the list shows them.
 *
 * @param days in order, those without calls included
 */
public record Week(List<Usage.Point> days) {
    static final int DAYS = LastWeek.DAYS;

    /** Of a drawing that is as high as a line of text, a pixel. */
    private static final long LEAST = 8;

    static final Week QUIET = new Week(List.of());

    public UsageBars bars() {
        return UsageBars.of(days, LEAST);
    }

    public long calls() {
        return days.stream().mapToLong(Usage.Point::calls).sum();
    }

    public long refused() {
        return days.stream().mapToLong(Usage.Point::refused).sum();
    }

    /** The drawing in words: "Calls by day: 0, 12, 3, 0, 0, 4, 1". */
    public String words() {
        return days.stream()
                .map(day -> Long.toString(day.calls()))
                .collect(Collectors.joining(", ", "Calls by day: ", ""));
    }
}
