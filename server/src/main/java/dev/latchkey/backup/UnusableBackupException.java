package dev.latchkey.backup;

import org.jspecify.annotations.Nullable;

/** A backup cannot be made, read or restored; the message says why and what to do. */
public final class UnusableBackupException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableBackupException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
