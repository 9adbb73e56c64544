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
 * A character that an API may take in its paths beyond those that every path may have, because some of its callers send it.
 * The list is short and closed: no reader takes one of these for the end of a segment, drops it, or decodes it twice.
 */
public enum PathCharacter {
    /** Only encoded: it joins the levels of a nested name, as in Iceberg's REST catalogs. Each level must be a plain one. */
    UNIT_SEPARATOR("%1F"),
    /** As it stands, where others send {@code %7C}; both are the same path. So are the following and their encodings. */
    BAR("|"),
    OPENING_BRACKET("["),
    CLOSING_BRACKET("]"),
    CARET("^");

    private final String spelling;

    PathCharacter(String spelling) {
        this.spelling = spelling;
    }

    /** How it is named, which is how it is sent. */
    public String spelling() {
        return spelling;
    }

    /** The character of this name; nothing when there is none, or none that could be allowed. */
    public static Optional<PathCharacter> named(String spelling) {
        return Stream.of(values())
                .filter(character -> character.spelling.equalsIgnoreCase(spelling))
                .findFirst();
    }

    /** Those of these names; what is unknown is left out, and so is not allowed. */
    public static Set<PathCharacter> allNamed(Collection<String> spellings) {
        return unmodifiable(spellings.stream()
                .flatMap(spelling -> named(spelling).stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(PathCharacter.class))));
    }

    /** Their names, always in the same order. */
    public static List<String> spellings(Set<PathCharacter> characters) {
        return Stream.of(values())
                .filter(characters::contains)
                .map(PathCharacter::spelling)
                .collect(Collectors.toUnmodifiableList());
    }

    private static Set<PathCharacter> unmodifiable(EnumSet<PathCharacter> characters) {
        return Collections.unmodifiableSet(characters);
    }

    /** The one that may stand in a path as this very character, or null. */
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
