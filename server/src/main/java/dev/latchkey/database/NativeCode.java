package dev.latchkey.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where libraries unpack their native code to load it: the temporary folder, or the data folder where the temporary one
 * is not writable or is mounted with {@code noexec}, as in hardened containers and servers.
 */
public final class NativeCode {
    private static final Logger log = LoggerFactory.getLogger(NativeCode.class);

    static final String OF_SQLITE = "org.sqlite.tmpdir";

    /** The property that each library reads when its first class is loaded. */
    private static final List<String> FOLDERS = List.of(OF_SQLITE, "com.amazon.corretto.crypto.provider.tmpdir");

    private NativeCode() {}

    /**
     * Makes the libraries unpack in the data folder, which is created if necessary, where they cannot use the temporary
     * one.
     */
    public static synchronized void unpackIn(Path data) {
        List<String> wanting = FOLDERS.stream()
                .filter(property -> trouble(folder(property)).isPresent())
                .toList();
        if (wanting.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(data, OwnersOnly.folder(data));
        } catch (IOException e) {
            // Opening the data folder will report this.
            log.debug("Native code cannot be unpacked in the data folder", e);
            return;
        }
        if (trouble(data).isEmpty()) {
            wanting.forEach(property ->
                    System.setProperty(property, data.toAbsolutePath().toString()));
        }
    }

    /** Where a library unpacks its code now. */
    static Path folder(String property) {
        return Path.of(System.getProperty(property, System.getProperty("java.io.tmpdir", "")));
    }

    /** Why no code can be loaded from the folder; empty when it can. */
    static Optional<String> trouble(Path folder) {
        try {
            Path probe = Files.createTempFile(folder, "latchkey-", ".probe", OwnersOnly.program(folder));
            try {
                // On a disk that is mounted with noexec the system says no, whatever the file's permissions are.
                return Files.isExecutable(probe) ? Optional.empty() : Optional.of("mounted with noexec");
            } finally {
                Files.delete(probe);
            }
        } catch (IOException e) {
            return Optional.of(Reason.ofFile(e));
        }
    }
}
