package dev.latchkey.openapi;

/** Foreign text that becomes ours: titles, summaries, names. */
final class Words {
    private Words() {}

    /** One line of at most so many characters, without characters that cannot be seen. */
    static String line(String text, int most) {
        String line =
                text.replaceAll("[\\s\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}]+", " ").strip();
        return line.length() <= most ? line : line.substring(0, most - 1).strip() + "…";
    }
}
