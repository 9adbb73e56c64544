package dev.latchkey.crypto;

import com.nulabinc.zxcvbn.Strength;
import com.nulabinc.zxcvbn.Zxcvbn;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ResourceBundle;

/**
 * Whether a password would be found by guessing what people choose: words, names, dates, keyboard rows, and the usual
 * variations of them (zxcvbn, Wheeler 2016). Searching its lists in memory takes several milliseconds of computing;
 * callers must be on threads that may compute.
 */
public final class PasswordStrength {
    /** From 0 to 4. A 3 takes more than a hundred million guesses, which at our hash's cost is years. */
    private static final int STRONG_ENOUGH = 3;

    /** What follows only makes a password stronger, and the time grows with the square of the length. */
    private static final int LOOKED_AT = 72;

    private static final String ADVICE = "This password is too easy to guess: ";
    private static final String USE_WORDS = " Use a few words that do not belong together.";

    private PasswordStrength() {}

    /** Loaded only when a person chooses a password: the lists take several megabytes. */
    private static final class Loaded {
        private static final Zxcvbn ESTIMATOR = new Zxcvbn();
    }

    /**
     * Why the password is too weak, as a sentence for its owner; empty when it is not.
     *
     * @param own what an attacker tries first: the email, the name
     */
    public static Optional<String> weakness(String password, Collection<String> own) {
        String start = password.substring(
                0, password.offsetByCodePoints(0, Math.min(LOOKED_AT, password.codePointCount(0, password.length()))));
        Strength strength = Loaded.ESTIMATOR.measure(start, List.copyOf(own));
        if (strength.getScore() >= STRONG_ENOUGH) {
            return Optional.empty();
        }
        String warning = strength.getFeedback()
                .withResourceBundle(ResourceBundle.getBundle("com/nulabinc/zxcvbn/messages", Locale.ROOT))
                .getWarning();
        String reason = warning == null || warning.isEmpty()
                ? "it is made of parts that people often use."
                : lowerFirst(warning) + (warning.endsWith(".") ? "" : ".");
        return Optional.of(ADVICE + reason + USE_WORDS);
    }

    private static String lowerFirst(String sentence) {
        return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
    }
}
