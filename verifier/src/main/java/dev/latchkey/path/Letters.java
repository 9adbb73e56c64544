package dev.latchkey.path;

/** Compares letters without regard to case, as {@link String#equalsIgnoreCase} does. */
final class Letters {
    private Letters() {}

    static int hash(String text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + folded(text.charAt(i));
        }
        return hash ^ (hash >>> 16);
    }

    static String folded(String text) {
        StringBuilder folded = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            folded.setCharAt(i, folded(text.charAt(i)));
        }
        return folded.toString();
    }

    private static char folded(char c) {
        if (c < 128) {
            return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
        }
        return Character.toLowerCase(Character.toUpperCase(c));
    }
}
