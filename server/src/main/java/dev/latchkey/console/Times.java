package dev.latchkey.console;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Words for times: "3 minutes ago", and the exact time. All of them are in UTC; a script in the browser turns them into the
 * reader's own time zone.
 */
public final class Times {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH);
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm", Locale.ENGLISH);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss 'UTC'", Locale.ENGLISH);

    private Times() {}

    public static String day(Instant time) {
        return DAY.format(time.atOffset(ZoneOffset.UTC));
    }

    public static String minute(Instant time) {
        return MINUTE.format(time.atOffset(ZoneOffset.UTC));
    }

    public static String second(Instant time) {
        return SECOND.format(time.atOffset(ZoneOffset.UTC));
    }

    /** "just now", "5 minutes ago", "in 3 days". */
    public static String relative(Instant time, Instant now) {
        Duration past = Duration.between(time, now);
        boolean future = past.isNegative();
        long seconds = past.abs().toSeconds();
        if (future && seconds > 2 * 86_400L) {
            // Otherwise "in 90 days" would become 89 a moment later.
            seconds += 43_200;
        }
        if (seconds < 5) {
            return future ? "now" : "just now";
        }
        String amount;
        if (seconds < 60) {
            amount = amount(seconds, "second");
        } else if (seconds < 3_600) {
            amount = amount(seconds / 60, "minute");
        } else if (seconds < 86_400) {
            amount = amount(seconds / 3_600, "hour");
        } else if (seconds < 30 * 86_400L) {
            amount = amount(seconds / 86_400, "day");
        } else if (seconds < 365 * 86_400L) {
            amount = amount(seconds / (30 * 86_400L), "month");
        } else {
            amount = amount(seconds / (365 * 86_400L), "year");
        }
        return future ? "in " + amount : amount + " ago";
    }

    /** "3 days left". */
    public static String left(Instant end, Instant now) {
        return relative(end, now).replaceFirst("^in ", "") + " left";
    }

    private static String amount(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }
}
