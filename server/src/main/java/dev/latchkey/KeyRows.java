package dev.latchkey;

import dev.latchkey.apitoken.ForeignHash;
import dev.latchkey.apitoken.HashRecipe;
import dev.latchkey.apitoken.KeyImportJson.ForeignKey;
import dev.latchkey.crypto.Secret;
import dev.latchkey.problem.Text;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Turns the rows of a {@link KeyFile} into what is sent. Keys that are not hashed are hashed here, so that none leaves the machine.
 *
 * @param recipe how the keys were hashed, or are hashed now
 */
record KeyRows(HashRecipe recipe) {
    private static final int LONGEST_KEY = 500;

    /** PostgreSQL writes only the hours of an offset. */
    private static final Pattern SHORT_OFFSET = Pattern.compile("T[^+-]*[+-]\\d\\d$");

    /**
     * The key of a row.
     *
     * @throws IllegalArgumentException when there is none, with a reason that does not quote the row
     */
    ForeignKey key(KeyFile.Row row) {
        if (row.wrong() != null) {
            throw new IllegalArgumentException(row.wrong());
        }
        Map<String, String> cells = row.cells();
        cells.forEach((column, text) -> {
            if (!Text.isStorable(text)) {
                throw new IllegalArgumentException(column + ": The text has a character that cannot be stored.");
            }
        });
        return new ForeignKey(
                sha256(cells.get("key"), cells.get("hash")),
                cells.get("description"),
                cells.get("id"),
                cells.get("owner"),
                cells.get("role"),
                time(cells, "created"),
                time(cells, "last_used"),
                time(cells, "expires"),
                addresses(cells.get("addresses")));
    }

    private String sha256(@Nullable String key, @Nullable String hash) {
        if (hash != null && key == null) {
            return ForeignHash.hex(hash);
        }
        if (key == null || hash != null) {
            throw new IllegalArgumentException("The row needs a key or a hash, and not both.");
        }
        if (Secret.hasPrefix(key)) {
            throw new IllegalArgumentException(
                    "The key begins like one of Latchkey's own, so it would be taken for one. Issue a new key for this one.");
        }
        if (key.length() > LONGEST_KEY || key.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException(
                    "Keys have at most " + LONGEST_KEY
                            + " letters, digits and other visible ASCII characters, because programs send them in header fields.");
        }
        return recipe.sha256(key);
    }

    private static @Nullable Instant time(Map<String, String> cells, String column) {
        String text = cells.get(column);
        if (text == null) {
            return null;
        }
        try {
            return time(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    column + ": Times need a date, a time and an offset, such as 2026-12-31T23:59:59Z.", e);
        }
    }

    /** @throws DateTimeException for anything but RFC 3339, in which a space may take the place of the T */
    static Instant time(String text) {
        String plain = text.strip().replaceFirst(" ", "T");
        return OffsetDateTime.parse(SHORT_OFFSET.matcher(plain).find() ? plain + ":00" : plain)
                .toInstant();
    }

    private static @Nullable List<String> addresses(@Nullable String text) {
        return text == null ? null : Arrays.asList(text.split("[,\\s]+", -1));
    }
}
