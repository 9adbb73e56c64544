package dev.latchkey.console;

import dev.latchkey.limit.CallLimits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The limits of calls in forms: a field for each number. */
public final class LimitLines {
    /** The fields, in the order of the form. */
    public static final List<Line> ALL = List.of(
            new Line("perSecond", "Calls a second", "In the long run.", 6),
            new Line("burst", "Calls at once", "After a pause. As many as in a second, if empty.", 7),
            new Line("perDay", "Calls a day", "In a day of UTC.", 13),
            new Line("perMonth", "Calls a month", "In a month of UTC.", 13),
            new Line("accessTokensPerHour", "Access tokens an hour", "Issued by the token endpoint.", 9));

    /** The names of the fields in the management API begin with this. */
    static final String PREFIX = "limits.";

    private LimitLines() {}

    /**
     * A field of the form.
     *
     * @param name its name in the form, and within the limits of the management API
     */
    public record Line(String name, String label, String hint, int longest) {
        /** The name that errors have. */
        public String error() {
            return PREFIX + name;
        }

        /** What the field shows before anything is typed. */
        public String value(CallLimits limits) {
            Object value = switch (name) {
                case "perSecond" -> limits.perSecond();
                case "burst" -> limits.burst();
                case "perDay" -> limits.perDay();
                case "perMonth" -> limits.perMonth();
                default -> limits.accessTokensPerHour();
            };
            return value == null ? "" : value.toString();
        }
    }

    /**
     * The limits that were typed. What is not a whole number is one that the rules refuse.
     *
     * @param old stays when the form has none of the fields: a node of an earlier version may have shown it
     */
    static CallLimits read(Visit visit, CallLimits old) {
        if (ALL.stream().noneMatch(line -> visit.form().has(line.name()))) {
            return old;
        }
        return new CallLimits(
                number(visit, "perSecond"),
                number(visit, "burst"),
                longNumber(visit, "perDay"),
                longNumber(visit, "perMonth"),
                number(visit, "accessTokensPerHour"));
    }

    private static @Nullable Integer number(Visit visit, String field) {
        return visit.field(field).isEmpty() ? null : visit.wholeNumber(field);
    }

    private static @Nullable Long longNumber(Visit visit, String field) {
        String text = visit.field(field);
        if (text.isEmpty()) {
            return null;
        }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            return -1L;
        }
    }
}
