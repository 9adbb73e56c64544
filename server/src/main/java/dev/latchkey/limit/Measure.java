package dev.latchkey.limit;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** What a limit counts, and over which time. */
public enum Measure {
    SECOND("per-second", "call", "second"),
    DAY("per-day", "call", "day"),
    MONTH("per-month", "call", "month"),
    ACCESS_TOKENS("access-tokens-per-hour", "access token", "hour");

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
        return CallLimits.grouped(most) + " " + unit + (most == 1 ? "" : "s") + (this == ACCESS_TOKENS ? " an " : " a ")
                + period;
    }

    /** Whether it counts in periods of UTC, from zero in each. Otherwise it is a rate. */
    boolean isQuota() {
        return this != SECOND;
    }

    /** When the period that contains this time begins. */
    Instant start(Instant at) {
        return switch (this) {
            case SECOND -> at.truncatedTo(ChronoUnit.SECONDS);
            case ACCESS_TOKENS -> at.truncatedTo(ChronoUnit.HOURS);
            case DAY -> at.truncatedTo(ChronoUnit.DAYS);
            case MONTH -> at.atOffset(ZoneOffset.UTC).withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS).toInstant();
        };
    }

    /** When the period that begins at this time ends. */
    Instant end(Instant start) {
        return switch (this) {
            case SECOND -> start.plusSeconds(1);
            case ACCESS_TOKENS -> start.plus(Duration.ofHours(1));
            case DAY -> start.plus(Duration.ofDays(1));
            case MONTH -> start.atOffset(ZoneOffset.UTC).plusMonths(1).toInstant();
        };
    }
}
