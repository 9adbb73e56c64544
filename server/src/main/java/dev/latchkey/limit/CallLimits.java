package dev.latchkey.limit;

import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem.FieldError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much may be called. What is null is not limited.
 *
 * @param perSecond calls a second, in the long run
 * @param burst so many calls may come at once after a pause; null for as many as {@code perSecond}
 * @param perDay calls in a day of UTC
 * @param perMonth calls in a month of UTC
 * @param accessTokensPerHour access tokens that are issued in an hour
 */
public record CallLimits(
        @Nullable Integer perSecond,
        @Nullable Integer burst,
        @Nullable Long perDay,
        @Nullable Long perMonth,
        @Nullable Integer accessTokensPerHour) {
    public static final CallLimits NONE = new CallLimits(null, null, null, null, null);

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final int MOST_PER_SECOND = 100_000;
    private static final int MOST_AT_ONCE = 1_000_000;

    /** Clients read these numbers from header fields, which hold integers of at most 15 digits (RFC 9651 section 3.3.1). */
    private static final long MOST_IN_A_PERIOD = 1_000_000_000_000L;

    private static final int MOST_ACCESS_TOKENS = 100_000_000;

    /** Whether nothing is limited. */
    public boolean areNone() {
        return equals(NONE);
    }

    /** How many calls may come at once where calls a second are limited. */
    long atOnce() {
        return burst != null ? burst : perSecond != null ? perSecond : 0;
    }

    /** What is limited, with how much of it is allowed; null for what is not. */
    @Nullable Long of(Measure measure) {
        return switch (measure) {
            case SECOND -> perSecond == null ? null : Long.valueOf(perSecond);
            case DAY -> perDay;
            case MONTH -> perMonth;
            case ACCESS_TOKENS -> accessTokensPerHour == null ? null : Long.valueOf(accessTokensPerHour);
        };
    }

    /**
     * What is wrong with these limits.
     *
     * @param prefix comes before the names of the fields, such as {@code limits.}
     */
    public List<FieldError> errors(String prefix) {
        List<FieldError> errors = new ArrayList<>();
        check(errors, prefix + "perSecond", perSecond == null ? null : Long.valueOf(perSecond), MOST_PER_SECOND);
        check(errors, prefix + "burst", burst == null ? null : Long.valueOf(burst), MOST_AT_ONCE);
        check(errors, prefix + "perDay", perDay, MOST_IN_A_PERIOD);
        check(errors, prefix + "perMonth", perMonth, MOST_IN_A_PERIOD);
        check(
                errors,
                prefix + "accessTokensPerHour",
                accessTokensPerHour == null ? null : Long.valueOf(accessTokensPerHour),
                MOST_ACCESS_TOKENS);
        if (burst != null && perSecond == null) {
            errors.add(new FieldError(
                    prefix + "burst", "Leave this out, or also say how many calls a second there may be (perSecond)."));
        }
        return errors;
    }

    private static void check(List<FieldError> errors, String field, @Nullable Long value, long most) {
        if (value != null && (value < 1 || value > most)) {
            errors.add(new FieldError(field, "Enter 1 to " + Measure.grouped(most) + ", or nothing for no limit."));
        }
    }

    /** The limits in words, such as "10 calls a second (20 at once), 10,000 calls a day"; empty when there are none. */
    public String text() {
        List<String> parts = new ArrayList<>();
        for (Measure measure : Measure.values()) {
            Long most = of(measure);
            if (most != null) {
                parts.add(measure.amount(most)
                        + (measure == Measure.SECOND && burst != null
                                ? " (" + Measure.grouped(burst) + " at once)"
                                : ""));
            }
        }
        return String.join(", ", parts);
    }

    /** The form in which a row keeps them; null when there are none. */
    public @Nullable String stored() {
        return areNone() ? null : Json.writeText(this);
    }

    /** Reads what a row keeps. */
    public static CallLimits stored(@Nullable String text) {
        return text == null ? NONE : Json.readKnown(text, CallLimits.class);
    }

    /** The time between two calls at the allowed rate, in nanoseconds. */
    long interval() {
        return perSecond == null ? SECOND : SECOND / perSecond;
    }

    /** How much is allowed; without a limit, as much as there can be. */
    long most(Measure measure) {
        Long most = of(measure);
        return most == null ? Long.MAX_VALUE : most;
    }
}
