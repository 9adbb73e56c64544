package dev.latchkey.management;

import dev.latchkey.crypto.Secret;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.util.Optional;

/**
 * The one rule for text that people write and others read, in tables, dialogs and the log: descriptions, reasons,
 * names. It is one line, every character of it is visible, and it contains none of our own secrets, which would stay in
 * the log for ever.
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
     * @param advice the message when it is blank, too long or has more than one line
     */
    public static Optional<FieldError> error(String field, String text, int most, String advice) {
        String line = text.strip();
        if (line.length() > most || !Text.isVisible(line) || line.chars().anyMatch(Character::isISOControl)) {
            return Optional.of(new FieldError(field, advice));
        }
        Optional<FieldError> secret = secretError(field, line);
        return secret.isPresent()
                ? secret
                : Text.unreadable(line)
                        .map(character -> new FieldError(
                                field,
                                "Remove the character " + character
                                        + ", which is invisible and can change how the text reads."));
    }

    /** Only whether it contains one of our secrets. A text that is cut is asked about before: most of a secret is too much. */
    public static Optional<FieldError> secretError(String field, String text) {
        return Secret.isIn(text)
                ? Optional.of(
                        new FieldError(
                                field,
                                "This contains the secret of an API token. Remove it, and revoke the token if others may have seen it."))
                : Optional.empty();
    }
}
