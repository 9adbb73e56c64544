package dev.latchkey.account;

import dev.latchkey.crypto.PasswordStrength;
import dev.latchkey.management.Line;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Problem.FieldError;
import dev.latchkey.problem.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What is valid as a person's email, name and password. */
final class People {
    /** No white space, no invisible characters, none of the characters that structure mail headers. */
    private static final String EMAIL_CHARACTER = "[^\\p{C}\\p{Z}@<>()\\[\\],;:\\\\\"]";

    private static final Pattern EMAIL =
            Pattern.compile("EACH{1,64}@(?!\\.)(?:EACH(?<!\\.\\.))+(?<!\\.)".replace("EACH", EMAIL_CHARACTER));

    private static final int MAX_EMAIL = 254;
    private static final int MAX_NAME = 100;
    private static final int MIN_PASSWORD = 12;
    private static final int MAX_PASSWORD = 200;

    private People() {}

    /** @param email as {@link Email#normalized} */
    static Optional<FieldError> emailError(String email) {
        return email.length() <= MAX_EMAIL
                        && EMAIL.matcher(email).matches()
                        && Text.unreadable(email).isEmpty()
                ? Optional.empty()
                : Optional.of(new FieldError("email", "Enter an email address such as ada@example.com."));
    }

    static Optional<FieldError> nameError(String field, String name) {
        return Line.error(field, name, MAX_NAME, "Enter a name of 1 to " + MAX_NAME + " characters on one line.");
    }

    static Optional<FieldError> passwordError(String field, String password, String email) {
        int length = password.codePointCount(0, password.length());
        if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
            return Optional.of(new FieldError(
                    field,
                    "Use " + MIN_PASSWORD + " to " + MAX_PASSWORD + " characters. A few words make a good password."));
        }
        return PasswordStrength.weakness(password, List.of(email, email.split("@", 2)[0]))
                .map(why -> new FieldError(field, why));
    }

    @SafeVarargs
    static void requireNone(Optional<FieldError>... errors) {
        List<FieldError> found = new ArrayList<>();
        for (Optional<FieldError> error : errors) {
            error.ifPresent(found::add);
        }
        if (!found.isEmpty()) {
            throw Problem.invalid(found);
        }
    }
}
