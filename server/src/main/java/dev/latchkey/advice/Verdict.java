package dev.latchkey.advice;

import java.util.Locale;

/** What is known about the use of a privilege. */
public enum Verdict {
    USED,
    /** On at most two days of the window, or only before it. */
    RARELY_USED,
    /** Never, as far back as calls are counted, and nothing about that is doubtful. */
    NEVER_USED,
    /** No use was counted, but there may have been one. */
    NOT_KNOWN;

    /** The public name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
