package dev.latchkey.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** What a limit counts, and over which time. */
public enum Measure {
    SECOND("per-second", "call", "second"),
    DAY("per-day", "call", "day"),
    MONTH("per-month", "call", "month"),
    ACCESS_TOKENS("access-tokens-per-hour", "access token", "hour");

    private static final long SECOND_MILLIS = Duration.ofSeconds(1).toMillis();
    private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();
    private static final long DAY_MILLIS = Duration.ofDays(1).toMillis();

    private final String text;
    private final String unit;
    private final String period;

    Measure(String text, String unit, String period) {
        this.text = text;
        this.unit = unit;
        this.period = period;
    }

    /** The public name. */
    public String text() {
        return text;
    }

    /** In words, such as "1 call a second" or "60 access tokens an hour". */
    String amount(long most) {
        return grouped(most) + " " + unit + (most == 1 ? "" : "s") + (this == ACCESS_TOKENS ? " an " : " a ") + period;
    }

    static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Whether it counts in periods of UTC, from zero in each. Otherwise it is a rate. */
    boolean isQuota() {
        return this != SECOND;
    }

    /** When the period that contains this time begins, both in milliseconds since 1970. */
    long start(long millis) {
        return switch (this) {
            case SECOND -> Math.floorDiv(millis, SECOND_MILLIS) * SECOND_MILLIS;
            case ACCESS_TOKENS -> Math.floorDiv(millis, HOUR_MILLIS) * HOUR_MILLIS;
            case DAY -> Math.floorDiv(millis, DAY_MILLIS) * DAY_MILLIS;
            case MONTH -> month(millis).toInstant().toEpochMilli();
        };
    }

    /** When the period that begins at this time ends. */
    long end(long start) {
        return switch (this) {
            case SECOND -> start + SECOND_MILLIS;
            case ACCESS_TOKENS -> start + HOUR_MILLIS;
            case DAY -> start + DAY_MILLIS;
            case MONTH -> month(start).plusMonths(1).toInstant().toEpochMilli();
        };
    }

    private static OffsetDateTime month(long millis) {
        return Instant.ofEpochMilli(millis)
                .atOffset(ZoneOffset.UTC)
                .withDayOfMonth(1)
                .truncatedTo(ChronoUnit.DAYS);
    }
}
