package dev.latchkey;

import dev.latchkey.database.Reason;
import dev.latchkey.problem.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;

/**
 * How far an import got, next to its file, so that it can continue after an interruption. It holds numbers and names, and no key.
 *
 * @param rows how many rows of the file were dealt with
 */
record KeyImportState(Whole whole, long rows, long imported, long existing, long refused) {
    /**
     * What the import is.
     *
     * @param terms what all keys get, and how they were hashed, as a checksum: prefix and suffix can be a secret
     * @param size of the file, in bytes
     * @param modified when the file was last changed
     */
    record Whole(String importId, String terms, long size, String modified) {}

    static Path place(Path file) {
        return file.resolveSibling(file.getFileName() + ".import");
    }

    /** The beginning of an import. */
    static KeyImportState begin(Path file, String importId, List<String> terms) throws IOException {
        return new KeyImportState(
                new Whole(
                        importId,
                        checksum(terms),
                        Files.size(file),
                        Files.getLastModifiedTime(file).toString()),
                0,
                0,
                0,
                0);
    }

    /**
     * Where this import was interrupted, or its beginning.
     *
     * @throws FailedCallException when another import of the file was interrupted
     */
    static KeyImportState of(Path file, String importId, List<String> terms) throws IOException {
        KeyImportState begun = begin(file, importId, terms);
        Path place = place(file);
        if (!Files.exists(place)) {
            return begun;
        }
        KeyImportState kept;
        try {
            kept = Json.readText(Files.readString(place), KeyImportState.class);
        } catch (RuntimeException e) {
            throw FailedCallException.impossible(
                    "The state file " + place + " is unreadable. Delete it to start again.");
        }
        if (!kept.whole().equals(begun.whole())) {
            throw FailedCallException.impossible("The state file " + place
                    + " belongs to an import with another name, role, expiry, prefix or suffix, or the file has changed since then."
                    + " Delete it to start again; keys that were imported already are skipped.");
        }
        return kept;
    }

    /** Too short to test guesses at a prefix with. */
    private static String checksum(List<String> terms) {
        CRC32 crc = new CRC32();
        crc.update(Json.write(terms));
        return Long.toHexString(crc.getValue());
    }

    /** After more rows. */
    KeyImportState with(long moreRows, long moreImported, long moreExisting, long moreRefused) {
        return new KeyImportState(
                whole, rows + moreRows, imported + moreImported, existing + moreExisting, refused + moreRefused);
    }

    /** Puts the whole state in place at once. */
    void save(Path file) {
        Path place = place(file);
        Path written = place.resolveSibling(place.getFileName() + ".new");
        try {
            Files.write(written, Json.write(this));
            Files.move(written, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw FailedCallException.impossible("The state file " + place + " cannot be written (" + Reason.ofFile(e)
                    + "). Move " + file + " into a folder that can be written.");
        }
    }
}
