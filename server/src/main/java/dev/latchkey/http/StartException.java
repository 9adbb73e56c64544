package dev.latchkey.http;

import org.jspecify.annotations.Nullable;

/** The server cannot start; the message is one line that says what to do. */
public final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
