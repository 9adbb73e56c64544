package dev.latchkey.path;

/**
 * The texts of a mixed segment, such as {@code {id}.json}, to match against a part of a path.
 *
 * @param texts the texts before, between and after the parameters
 */
record MixedText(String[] texts) {

    /** The length of the literal text: of two that match, the longer one is more specific. */
    int length() {
        int length = 0;
        for (String text : texts) {
            length += text.length();
        }
        return length;
    }

    /** Whether the part consists of the texts with at least one character in each gap. */
    boolean fit(String path, int start, int end, boolean ignoreCase) {
        String first = texts[0];
        String last = texts[texts.length - 1];
        int limit = end - last.length();
        if (start + first.length() >= limit
                || !path.regionMatches(ignoreCase, start, first, 0, first.length())
                || !path.regionMatches(ignoreCase, limit, last, 0, last.length())) {
            return false;
        }
        // Taking each text where it first occurs leaves the most room for the following ones.
        int at = start + first.length() + 1;
        for (int i = 1; i < texts.length - 1; i++) {
            String text = texts[i];
            while (at + text.length() < limit && !path.regionMatches(ignoreCase, at, text, 0, text.length())) {
                at++;
            }
            at += text.length() + 1;
        }
        return at <= limit;
    }
}
