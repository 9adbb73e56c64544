package dev.latchkey.problem;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that a mistyped one probably means. */
public final class Nearest {
    private Nearest() {}

    /** The nearest of the known words, if it is near enough. */
    public static Optional<String> to(String typed, List<String> known) {
        String plain = typed.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(Comparator.comparingInt(word -> distance(plain, word)))
                .filter(word -> distance(plain, word) <= Math.max(1, Math.min(plain.length(), word.length()) / 3)
                        || plain.length() >= 4 && word.startsWith(plain));
    }

    /** How many letters must be changed, added or removed. */
    public static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
