package dev.latchkey.verifier;

import org.jspecify.annotations.Nullable;

/** Latchkey could not be reached, or its response cannot be used. The message says what to check. */
public sealed class LatchkeyException extends RuntimeException permits UnusablePolicyException {
    private static final long serialVersionUID = 1L;

    LatchkeyException(String message) {
        super(message);
    }

    LatchkeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
