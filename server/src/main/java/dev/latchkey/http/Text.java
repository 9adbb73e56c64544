package dev.latchkey.http;

/** How foreign text is judged, and how it appears inside our own sentences: short, on one line, in quotation marks. */
public final class Text {
    private static final int MOST_QUOTED = 60;

    private Text() {}

    public static String quote(String foreign) {
        return '"' + shortened(foreign, MOST_QUOTED) + '"';
    }

    /** At most so many characters, without control characters and without half a surrogate pair. */
    public static String shortened(String foreign, int most) {
        StringBuilder line = new StringBuilder(Math.min(foreign.length(), most) + 3);
        int end = Math.min(foreign.length(), most);
        for (int i = 0; i < end; i++) {
            char c = foreign.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < foreign.length()
                    && Character.isLowSurrogate(foreign.charAt(i + 1));
            if (pair) {
                line.append(c).append(foreign.charAt(++i));
            } else {
                line.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
            }
        }
        return foreign.length() > most ? line.append("...").toString() : line.toString();
    }

    /** Whether every store and every encoding can hold it: no NUL and no half of a surrogate pair. */
    static boolean isStorable(String text) {
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
}
