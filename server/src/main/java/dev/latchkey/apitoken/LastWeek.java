package dev.latchkey.apitoken;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a token did on the last {@value #DAYS} days (UTC, the current one included), as of the last hour.
 *
 * @param calls all of them
 * @param refused those that were not allowed, the limited ones included; without calls whose access token had ended, because many
 *     programs renew only then
 * @param limited those that were refused because of a limit
 * @param endpoints how many different endpoints it called, without refused calls and without the one that issues access tokens; null
 *     where calls were counted without their endpoint, and where access tokens were issued for other APIs of which no call is known
 */
public record LastWeek(
        long calls, long refused, long limited, @Nullable Long endpoints) {
    public static final int DAYS = 7;

    /** A token that is refused often has at least so many refused calls, and more than a tenth of all. */
    public static final int OFTEN = 10;

    /** A token that is little used called at most so many endpoints. */
    public static final int FEW_ENDPOINTS = 3;

    public static final LastWeek NONE = new LastWeek(0, 0, 0, 0L);

    static final String COLUMNS = "week_calls, week_refused, week_limited, week_endpoints";

    /** In the words of its index, like the next one. */
    static final String REFUSED_OFTEN = "week_refused >= 10 and week_refused * 10 > week_calls";

    static final String LIMITED = "week_limited > 0";

    /** A token that is younger than a week had no time to show what it needs; nor had any as long as not all calls are known. */
    static final String LITTLE_USED = "week_endpoints <= " + FEW_ENDPOINTS
            + " and created_at < :week_ago and (select whole from last_week_pass) = 1";

    static Instant before(Instant now) {
        return now.minus(Duration.ofDays(DAYS));
    }
}
