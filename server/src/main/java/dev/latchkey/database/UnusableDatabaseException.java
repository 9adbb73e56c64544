package dev.latchkey.database;

import org.jspecify.annotations.Nullable;

/** The database cannot be used at all; the message is one line that says what to do. */
public class UnusableDatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnusableDatabaseException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
