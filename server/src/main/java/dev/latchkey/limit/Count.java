package dev.latchkey.limit;

/** How much of one limit is used. It is on the path of every call, so it neither waits nor writes. */
sealed interface Count permits Rate, Quota {
    /** A moment: as {@link System#nanoTime} gives it, and in milliseconds of the clock. */
    record Moment(long nanos, long millis) {}

    /** Takes one; returns 0, or when that would be too many, takes nothing and returns in how many nanoseconds it would not. */
    long take(CallLimits limits, Moment now);

    /** Gives back what was taken at that moment, because another limit refused the call. */
    void giveBack(CallLimits limits, Moment then);

    /** Where it stands. */
    Standing standing(String policy, CallLimits limits, Moment now);

    /** Whether forgetting it changes nothing: all of it is allowed again. */
    boolean isWhole(Moment now);
}
