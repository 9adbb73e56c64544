package dev.latchkey.advice;

import java.util.Locale;

/** Why "no use was counted" may not mean "not used". */
public enum Reason {
    PREDEFINED_ROLE,
    USED_BY_PEOPLE,
    NO_TOKENS,
    TOO_MANY_TOKENS,
    SHORT_HISTORY,
    LOST_CHANGES,
    COARSE_COUNT(true),
    YOUNG_TOKEN,
    UNKNOWN_RHYTHM,
    HANDS_OUT(true),
    LINKED_ROLE,
    INCLUDES_EVERYTHING,
    OWN_CALLS(true),
    NO_CALLS_COUNTED,
    OWN_VERIFIER,
    AUTHZEN,
    INTROSPECTED(true),
    UNKNOWN_SCOPE(true),
    UNKNOWN_ENDPOINT,
    NEWLY_GRANTED,
    NO_ENDPOINT;

    private final boolean lasting;

    Reason() {
        this(false);
    }

    /** @param lasting whether it matters however long ago: a call was certainly made, and may be made again after a year */
    Reason(boolean lasting) {
        this.lasting = lasting;
    }

    boolean isLasting() {
        return lasting;
    }

    /** Whether calls may be made without being seen, so that waiting for them proves nothing. */
    boolean hidesCalls() {
        return switch (this) {
            case PREDEFINED_ROLE,
                    USED_BY_PEOPLE,
                    TOO_MANY_TOKENS,
                    LOST_CHANGES,
                    COARSE_COUNT,
                    HANDS_OUT,
                    INCLUDES_EVERYTHING,
                    OWN_CALLS,
                    NO_CALLS_COUNTED,
                    OWN_VERIFIER,
                    AUTHZEN,
                    INTROSPECTED,
                    UNKNOWN_SCOPE,
                    NO_ENDPOINT -> true;
            case NO_TOKENS, SHORT_HISTORY, YOUNG_TOKEN, UNKNOWN_RHYTHM, LINKED_ROLE, UNKNOWN_ENDPOINT, NEWLY_GRANTED ->
                false;
        };
    }

    /** The public name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
