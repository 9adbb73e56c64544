package dev.latchkey.apitoken;

import java.util.Locale;

/**
 * How many there are, as far as it was counted.
 *
 * @param bound what the number says
 */
public record Count(long number, Bound bound) {
    public static final Count NONE = of(0);

    /** How a number stands to how many there are. */
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

    /** What a count that stopped above the limit says. */
    public static Count upTo(long limit, long number) {
        return number > limit ? over(limit) : of(number);
    }

    public boolean isExact() {
        return bound == Bound.EXACT;
    }

    /** This one without those of the other, which are among them. */
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
