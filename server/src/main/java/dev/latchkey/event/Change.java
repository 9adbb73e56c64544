package dev.latchkey.event;

import org.jspecify.annotations.Nullable;

/**
 * One thing that an event changed, or that explains it.
 *
 * @param before absent for something new
 * @param after absent for something removed
 */
public record Change(
        String field, @Nullable String before, @Nullable String after) {

    public static Change set(String field, @Nullable String value) {
        return new Change(field, null, value);
    }

    public static Change from(String field, @Nullable String before, @Nullable String after) {
        return new Change(field, before, after);
    }
}
