package dev.latchkey.apitoken;

import java.util.Locale;

/**
 * How many there are, as far as they were counted.
 *
 * @param bound whether there are exactly that many
 */
public record Count(long number, Bound bound) {
    public static final Count NONE = of(0);

    /** Whether a number is exact, or on which side it errs. */
    public enum Bound {
        EXACT,
        /** There are more. */
        OVER,
        /** There are fewer. */
        UNDER
    }

    public static Count of(long number) {
        return new Count(number, Bound.EXACT);
    }

    public static Count over(long number) {
        return new Count(number, Bound.OVER);
    }

    /** The result of counting up to the limit: a number above it only means that there are more. */
    public static Count upTo(long limit, long number) {
        return number > limit ? over(limit) : of(number);
    }

    public boolean isExact() {
        return bound == Bound.EXACT;
    }

    /** This count minus a part of it. */
    Count without(Count part) {
        long rest = Math.max(0, number - part.number);
        return part.isExact() && isExact() ? of(rest) : new Count(rest, Bound.UNDER);
    }

    /** "312", "over 10,000". */
    public String words() {
        String digits = String.format(Locale.ENGLISH, "%,d", number);
        return switch (bound) {
            case EXACT -> digits;
            case OVER -> "over " + digits;
            case UNDER -> "under " + digits;
        };
    }
}
