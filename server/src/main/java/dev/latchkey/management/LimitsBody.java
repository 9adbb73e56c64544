package dev.latchkey.management;

import dev.latchkey.limit.CallLimits;
import org.jspecify.annotations.Nullable;

/** How much may be called, in the management API. What is absent is not limited. */
public record LimitsBody(
        @Doc("Calls a second, in the long run: 1 to 100,000") @Nullable Integer perSecond,

        @Doc("So many calls may come at once after a pause: 1 to 1,000,000; as many as perSecond when absent") @Nullable Integer burst,

        @Doc("Calls in a day of UTC") @Nullable Long perDay,
        @Doc("Calls in a month of UTC") @Nullable Long perMonth,

        @Doc("Access tokens that are issued in an hour") @Nullable Integer accessTokensPerHour) {

    /** What was sent; no limits when it is absent. */
    public static CallLimits limits(@Nullable LimitsBody sent) {
        return sent == null
                ? CallLimits.NONE
                : new CallLimits(sent.perSecond, sent.burst, sent.perDay, sent.perMonth, sent.accessTokensPerHour);
    }

    /** For a reply; null when there are none. */
    public static @Nullable LimitsBody of(CallLimits limits) {
        return limits.areNone()
                ? null
                : new LimitsBody(
                        limits.perSecond(),
                        limits.burst(),
                        limits.perDay(),
                        limits.perMonth(),
                        limits.accessTokensPerHour());
    }
}
