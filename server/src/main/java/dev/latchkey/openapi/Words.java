package dev.latchkey.openapi;

import dev.latchkey.http.Text;

/** Foreign text in our own sentences. */
final class Words {
    private Words() {}

    static String shown(String text) {
        return Text.quote(text);
    }

    /** One line of at most so many characters, without control characters. */
    static String line(String text, int most) {
        String line = text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.length() <= most ? line : line.substring(0, most - 1).strip() + "…";
    }
}
