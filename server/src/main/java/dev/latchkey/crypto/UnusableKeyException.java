package dev.latchkey.crypto;

import org.jspecify.annotations.Nullable;

/** A key cannot be read, created or used; the message is one line that says what to do. */
public final class UnusableKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnusableKeyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
