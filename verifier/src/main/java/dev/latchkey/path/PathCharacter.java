package dev.latchkey.path;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A character that an API may allow in its paths, in addition to those that every path may have, because some of its
 * callers send it. The list is short and closed: no program takes one of these for the end of a segment, drops it, or
 * decodes it twice.
 */
public enum PathCharacter {
    /**
     * Only encoded: it joins the levels of a nested name, as in Iceberg's REST catalogs. Each level must be a plain
     * name.
     */
    UNIT_SEPARATOR("%1F"),
    /** Unencoded, where others send {@code %7C}; both are the same path. The same holds for the following. */
    BAR("|"),
    OPENING_BRACKET("["),
    CLOSING_BRACKET("]"),
    CARET("^");

    private final String spelling;

    PathCharacter(String spelling) {
        this.spelling = spelling;
    }

    /** Its name, which is how it is sent. */
    public String spelling() {
        return spelling;
    }

    /** The character with this name; empty when there is none that can be allowed. */
    public static Optional<PathCharacter> named(String spelling) {
        return Stream.of(values())
                .filter(character -> character.spelling.equalsIgnoreCase(spelling))
                .findFirst();
    }

    /** The characters with these names; unknown names are left out, and so are not allowed. */
    public static Set<PathCharacter> allNamed(Collection<String> spellings) {
        return unmodifiable(spellings.stream()
                .flatMap(spelling -> named(spelling).stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(PathCharacter.class))));
    }

    /** The names of the characters, always in the same order. */
    public static List<String> spellings(Set<PathCharacter> characters) {
        return Stream.of(values())
                .filter(characters::contains)
                .map(PathCharacter::spelling)
                .collect(Collectors.toUnmodifiableList());
    }

    private static Set<PathCharacter> unmodifiable(EnumSet<PathCharacter> characters) {
        return Collections.unmodifiableSet(characters);
    }

    /** The one that a path may contain unencoded as this character, or null. */
    static @Nullable PathCharacter sentAs(char c) {
        switch (c) {
            case '|':
                return BAR;
            case '[':
                return OPENING_BRACKET;
            case ']':
                return CLOSING_BRACKET;
            case '^':
                return CARET;
            default:
                return null;
        }
    }
}
