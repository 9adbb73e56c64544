package dev.latchkey.database;

import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Attributes that restrict a new file or folder to its owner, where the file system supports that. */
public final class OwnersOnly {
    private OwnersOnly() {}

    /** For a folder at this path or in it. */
    public static FileAttribute<?>[] folder(Path path) {
        return attributes(path, "rwx------");
    }

    /** For a file at this path or in this folder. */
    public static FileAttribute<?>[] file(Path path) {
        return attributes(path, "rw-------");
    }

    /** For a file that can be executed, at this path or in this folder. */
    static FileAttribute<?>[] program(Path path) {
        return attributes(path, "rwx------");
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
