package dev.latchkey.backup;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backup says about itself.
 *
 * @param format the version of the file's format; a newer one is not read
 * @param engine {@code sqlite} or {@code postgresql}
 * @param latchkey the version of Latchkey that made it
 * @param schema the newest migration of its database
 * @param sealedCheck a known text sealed under the master key, so that a wrong key is noticed before anything is
 *     restored
 * @param lastSequence the sequence of its last event; 0 when there is none
 * @param lastHash the hash of that event
 * @param lastAt when that event was written; null when there is none
 * @param entries its other files, with their checksums
 */
public record Manifest(
        int format,
        String engine,
        String latchkey,
        Instant madeAt,
        String schema,
        @Nullable String sealedCheck,
        long lastSequence,
        String lastHash,
        @Nullable Instant lastAt,
        List<Entry> entries) {

    static final int FORMAT = 1;

    /**
     * A file of the backup.
     *
     * @param sha256 in hexadecimal
     */
    public record Entry(String name, long bytes, String sha256) {}
}
