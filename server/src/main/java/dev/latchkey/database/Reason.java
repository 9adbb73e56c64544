package dev.latchkey.database;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why something failed, on one line, for a log or a message. */
public final class Reason {
    private Reason() {}

    /** The message of the root cause, on one line and without a full stop. */
    public static String of(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        return message.lines().findFirst().orElse(message).replaceAll("\\.$", "");
    }

    /** The system's reason for a failure with a file, without the path, which the surrounding message names. */
    public static String ofFile(Exception e) {
        return switch (e) {
            case FileSystemException file when file.getReason() != null -> file.getReason();
            case FileAlreadyExistsException there -> "it is a file";
            case NoSuchFileException missing -> "no such file or folder";
            case AccessDeniedException denied -> "permission denied";
            default -> of(e);
        };
    }
}
