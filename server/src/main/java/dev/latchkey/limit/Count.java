package dev.latchkey.limit;

import org.jspecify.annotations.Nullable;

/** How much of one limit is used, as far as this node knows. It is on the path of every call, so it neither waits nor writes. */
sealed interface Count permits Rate, Quota {

    /** Takes one; returns 0, or when that would be too many, takes nothing and returns after how many nanoseconds it may not be. */
    long take(CallLimits limits, Now now);

    /** Gives back what was taken at that moment, because another limit refused the call. */
    void giveBack(CallLimits limits, Now then);

    /** Where it stands. */
    Standing standing(Key key, CallLimits limits, Now now);

    /** Whether forgetting it changes nothing. */
    boolean isForgettable(Now now);

    /**
     * What to tell and to ask of the shared count; null for nothing.
     *
     * @param last whether this node stops, and gives back what it has
     */
    @Nullable Ask ask(Key key, Now now, boolean last);

    void answered(Ask ask, Shared.Answer answer);
}
