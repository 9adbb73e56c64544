package dev.latchkey.openapi;

/** How large a document may be: each of its files, the parts of all files together, and how deeply they are nested. */
final class Budget {
    static final int MAX_FILE_BYTES = 16 * 1024 * 1024;

    private static final int MAX_PARTS = 2_000_000;
    private static final int MAX_DEPTH = 200;

    private int parts;

    /** Takes in one more part, which costs memory. */
    void spend(Tree.Place place, int depth) {
        if (depth > MAX_DEPTH) {
            throw new UnusableDocumentException(place.toString(), "it is nested too deeply");
        }
        if (++parts > MAX_PARTS) {
            throw UnusableDocumentException.ofWhole(place.toString(), "the document has too many parts");
        }
    }
}
