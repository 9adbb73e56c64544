package dev.latchkey.management;

import dev.latchkey.crypto.Secret;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.util.Optional;

/**
 * The one rule for what people write that other people read, in tables, dialogs and the log: descriptions, reasons, names. It
 * is one line, every character of it can be seen, and it holds none of our own secrets, which would stay in the log for ever.
 */
public final class Line {
    private Line() {}

    /** What is wrong with a text that may be empty. */
    public static Optional<FieldError> error(String field, String text, int most) {
        return text.isEmpty()
                ? Optional.empty()
                : error(field, text, most, "Use at most " + most + " characters on one line.");
    }

    /**
     * What is wrong with a text that must say something.
     *
     * @param advice what to say when it says nothing, is too long or has more than one line
     */
    public static Optional<FieldError> error(String field, String text, int most, String advice) {
        String line = text.strip();
        if (line.length() > most || !Text.isVisible(line) || line.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(new FieldError(field, advice));
        }
        if (Secret.isIn(line)) {
            return Optional.of(
                    new FieldError(
                            field,
                            "This holds a secret of an API token. Leave it out, and revoke the token if others may have seen it."));
        }
        return Text.unreadable(line)
                .map(character -> new FieldError(
                        field,
                        "Leave out the character " + character
                                + ", which cannot be seen and can make the text read as another one."));
    }
}
