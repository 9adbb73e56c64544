package dev.latchkey.console;

import java.util.Locale;

/** Numbers in words: "1 token", "1,204 tokens". */
public final class Amounts {
    private Amounts() {}

    /** @param one what one of them is called; several have an s */
    public static String of(long number, String one) {
        return of(number, one, one + "s");
    }

    /**
     * @param one what follows the number 1, such as "token has"
     * @param several what follows any other number, such as "tokens have"
     */
    public static String of(long number, String one, String several) {
        return number(number) + " " + (number == 1 ? one : several);
    }

    /** With commas between thousands. */
    public static String number(long number) {
        return String.format(Locale.ENGLISH, "%,d", number);
    }
}
