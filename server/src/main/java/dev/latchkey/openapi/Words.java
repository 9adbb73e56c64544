package dev.latchkey.openapi;

/** Foreign text that becomes ours: titles, summaries, names. */
final class Words {
    private Words() {}

    /** One line of at most so many characters, without control characters. */
    static String line(String text, int most) {
        String line = text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.length() <= most ? line : line.substring(0, most - 1).strip() + "…";
    }
}
