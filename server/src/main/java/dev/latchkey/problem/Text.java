package dev.latchkey.problem;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** How foreign text is judged, and how it appears inside our own sentences: short, on one line, in quotation marks. */
public final class Text {
    private static final int MOST_QUOTED = 60;
    private static final int ZERO_WIDTH_NON_JOINER = 0x200C;
    private static final int ZERO_WIDTH_JOINER = 0x200D;

    /** The scripts that join their letters, and emoji, begin here. */
    private static final int FIRST_JOINED = 0x0600;

    /** Letters and marks that are invisible: fillers, the grapheme joiner, Khmer's and Mongolian's invisible ones. */
    private static final String BLANK = "\u115F\u1160\u3164\uFFA0\u034F\u17B4\u17B5\u180B\u180C\u180D\u180F\u2800";

    private static final HexFormat UPPER_HEX = HexFormat.of().withUpperCase();

    private Text() {}

    public static String quote(String foreign) {
        return '"' + shortened(foreign, MOST_QUOTED) + '"';
    }

    /** Foreign text as a part of a sentence: {@linkplain #cut cut}, with dots in place of the rest. */
    public static String shortened(String foreign, int most) {
        return foreign.length() > most ? cut(foreign, most) + "..." : cut(foreign, most);
    }

    /**
     * The beginning of foreign text, as a value to be kept: one line of at most so many characters. A question mark replaces
     * each one that cannot be read; a surrogate pair stays whole.
     */
    public static String cut(String foreign, int most) {
        StringBuilder line = new StringBuilder(Math.min(foreign.length(), most));
        int before = -1;
        for (int i = 0; i < foreign.length(); ) {
            int c = foreign.codePointAt(i);
            i += Character.charCount(c);
            if (i > most) {
                break;
            }
            line.appendCodePoint(isUnreadable(c, before) ? '?' : c);
            before = c;
        }
        return line.toString();
    }

    /**
     * The first invisible character that could change how the text around it reads, such as {@code U+202E}; empty when
     * there is none. Joiners and variation selectors are allowed where scripts and emoji need them, but not in words
     * that they would only make look like others.
     */
    public static Optional<String> unreadable(String text) {
        int before = -1;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (isUnreadable(c, before)) {
                return Optional.of(String.format("U+%04X", c));
            }
            before = c;
        }
        return Optional.empty();
    }

    /** The text without its {@link #unreadable} characters; empty when nothing visible is left. */
    public static String readable(String text) {
        StringBuilder kept = new StringBuilder(text.length());
        int before = -1;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (!isUnreadable(c, before)) {
                kept.appendCodePoint(c);
                before = c;
            }
        }
        return isVisible(kept.toString()) ? kept.toString() : "";
    }

    /** Whether the text has any visible character. */
    public static boolean isVisible(String text) {
        return text.codePoints()
                .anyMatch(c -> !Character.isWhitespace(c)
                        && !Character.isSpaceChar(c)
                        && !isVariationSelector(c)
                        && !isUnreadable(c, -1)
                        && Character.getType(c) != Character.UNASSIGNED);
    }

    private static boolean isUnreadable(int c, int before) {
        if (c == ZERO_WIDTH_NON_JOINER || c == ZERO_WIDTH_JOINER) {
            return before < FIRST_JOINED || Character.isWhitespace(before);
        }
        if (isVariationSelector(c)) {
            return before < 0 || (Character.isAlphabetic(before) && !Character.isIdeographic(before));
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> BLANK.indexOf(c) >= 0;
        };
    }

    private static boolean isVariationSelector(int c) {
        return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
    }

    /** Whether every database and every encoding can hold the text: no NUL and no half of a surrogate pair. */
    public static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c) && (++i == text.length() || !Character.isLowSurrogate(text.charAt(i)))) {
                return false;
            }
        }
        return true;
    }

    /** Visible ASCII as it is, everything else percent-encoded: header fields hold nothing else safely. */
    public static String visibleAscii(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (isPlain(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%');
                UPPER_HEX.toHexDigits(encoded, b);
            }
        }
        return encoded.toString();
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPlain(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlain(int c) {
        return c >= ' ' && c < 0x7f && c != '%';
    }
}
