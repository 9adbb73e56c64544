package dev.latchkey.backup;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a backup says of itself.
 *
 * @param format the form of the file; a newer one is not read
 * @param engine {@code sqlite} or {@code postgresql}
 * @param latchkey the version that made it
 * @param schema the newest migration that its database knows
 * @param sealedCheck a known text under the master key, so that a wrong key shows before anything is restored
 * @param lastSequence where its history ends; 0 for before the first event
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
