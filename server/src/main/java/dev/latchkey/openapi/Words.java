package dev.latchkey.openapi;

import dev.latchkey.problem.Text;

/** Foreign text that becomes ours: titles, summaries, names. */
final class Words {
    private Words() {}

    /** One line of at most so many characters, all of them readable. */
    static String line(String text, int most) {
        String line = Text.readable(text.replaceAll("[\\s\\p{Cntrl}\\u2028\\u2029]+", " "))
                .strip();
        return line.length() <= most ? line : line.substring(0, most - 1).strip() + "…";
    }
}
