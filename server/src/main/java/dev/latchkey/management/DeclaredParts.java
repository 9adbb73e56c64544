package dev.latchkey.management;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which parts of a declaration were given: each once, and none after the declaration is complete. */
final class DeclaredParts {
    private final String subject;
    private final Set<String> given = new HashSet<>();
    private boolean complete;

    /** @param subject what is declared, as the subject of a sentence */
    DeclaredParts(String subject) {
        this.subject = subject;
    }

    /** @throws IllegalStateException when the part was given before, or the declaration is complete */
    void give(String part) {
        if (complete || !given.add(part)) {
            throw new IllegalStateException(subject + " declares its " + part + " twice, or too late.");
        }
    }

    /**
     * Gives a part that is a text.
     *
     * @throws IllegalStateException as for {@link #give}, and for a blank text
     */
    String text(String part, String value) {
        give(part);
        if (value.isBlank()) {
            throw new IllegalStateException(subject + " leaves its " + part + " empty.");
        }
        return value;
    }

    /**
     * Gives the last part.
     *
     * @throws IllegalStateException when a part is missing
     */
    void complete(String last, List<String> required) {
        for (String part : required) {
            if (!given.contains(part)) {
                throw new IllegalStateException(subject + " does not declare its " + part + ".");
            }
        }
        give(last);
        complete = true;
    }
}
