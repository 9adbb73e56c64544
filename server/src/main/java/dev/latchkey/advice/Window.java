package dev.latchkey.advice;

import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** For how long something must not have been used before its removal is advised. */
public enum Window {
    MONTH(30),
    QUARTER(90),
    YEAR(365);

    private final int days;

    Window(int days) {
        this.days = days;
    }

    public int days() {
        return days;
    }

    /** The window with this number of days; the usual one for any other text. */
    public static Window orUsual(String text) {
        return find(text).orElse(QUARTER);
    }

    /** @throws Problem 422 when there is no window with this number of days */
    static Window of(String text) {
        return find(text).orElseThrow(() -> Problem.invalid("window", "Write 30, 90 or 365."));
    }

    /** The shortest window that is not shorter than this; the longest one when all are. */
    static Window covering(Duration time) {
        return Arrays.stream(values())
                .filter(window -> time.compareTo(Duration.ofDays(window.days)) <= 0)
                .findFirst()
                .orElse(YEAR);
    }

    private static Optional<Window> find(String text) {
        return Arrays.stream(values())
                .filter(window -> Integer.toString(window.days).equals(text))
                .findFirst();
    }
}
