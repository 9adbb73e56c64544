package dev.latchkey.openapi;

import dev.latchkey.problem.Text;

/** Foreign text that becomes ours: titles, summaries, names. */
final class Words {
    private static final int LONGEST_LINE = 200;

    private Words() {}

    /** One line of the usual length. */
    static String line(String text) {
        return line(text, LONGEST_LINE);
    }

    /** One line of at most so many characters, all of them readable. */
    static String line(String text, int most) {
        String line = Text.readable(text.replaceAll("[\\s\\p{Cntrl}\\u2028\\u2029]+", " "))
                .strip();
        return line.length() <= most ? line : Text.cut(line, most - 1).strip() + "…";
    }
}
