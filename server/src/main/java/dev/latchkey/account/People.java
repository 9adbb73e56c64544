package dev.latchkey.account;

import dev.latchkey.http.Problem;
import dev.latchkey.http.Problem.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What is valid about a person: email, name, password. */
final class People {
    /** No white space, no invisible characters, nothing that mail headers are made of. */
    private static final String EMAIL_CHARACTER = "[^\\p{C}\\p{Z}@<>()\\[\\],;:\\\\\"]";

    private static final Pattern EMAIL =
            Pattern.compile("EACH{1,64}@(?!\\.)(?:EACH(?<!\\.\\.))+(?<!\\.)".replace("EACH", EMAIL_CHARACTER));

    /** Control characters, broken surrogates, line separators, and what turns the direction of the text around it. */
    private static final Pattern UNREADABLE =
            Pattern.compile("[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u202A-\\u202E\\u2066-\\u2069]");

    private static final int MAX_EMAIL = 254;
    private static final int MAX_NAME = 100;
    private static final int MIN_PASSWORD = 12;
    private static final int MAX_PASSWORD = 200;

    /** The most common passwords of twelve characters and more; shorter ones are too short anyway. */
    private static final Set<String> COMMON = Set.of(
            "123456789012",
            "1234567890123",
            "password1234",
            "passwordpassword",
            "qwertyuiop123",
            "qwertyuiop[]",
            "1q2w3e4r5t6y",
            "administrator",
            "adminadminadmin",
            "letmeinletmein",
            "iloveyouiloveyou",
            "changemechangeme",
            "correcthorsebatterystaple");

    private People() {}

    /** Emails are compared in lower case, as all mail systems of today do. */
    static String normalized(String email) {
        return email.strip().toLowerCase(Locale.ROOT);
    }

    static Optional<FieldError> emailError(String email) {
        return email.length() <= MAX_EMAIL && EMAIL.matcher(email).matches()
                ? Optional.empty()
                : Optional.of(new FieldError("email", "Give an email address such as ada@example.com."));
    }

    static Optional<FieldError> nameError(String field, String name) {
        return !name.isBlank()
                        && name.length() <= MAX_NAME
                        && !UNREADABLE.matcher(name).find()
                ? Optional.empty()
                : Optional.of(new FieldError(field, "Give a name of 1 to " + MAX_NAME + " characters on one line."));
    }

    static Optional<FieldError> passwordError(String field, String password, String email) {
        int length = password.codePointCount(0, password.length());
        if (length < MIN_PASSWORD || length > MAX_PASSWORD) {
            return Optional.of(new FieldError(
                    field,
                    "Use " + MIN_PASSWORD + " to " + MAX_PASSWORD + " characters. A few words make a good one."));
        }
        String lower = password.toLowerCase(Locale.ROOT);
        if (lower.equals(email)
                || COMMON.contains(lower)
                || lower.chars().distinct().count() < 4) {
            return Optional.of(new FieldError(field, "This password is too easy to guess. Use a few words."));
        }
        return Optional.empty();
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
