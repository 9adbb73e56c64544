package dev.latchkey.openapi;

/** How many parts all files of one document may have together; each costs memory. */
final class Budget {
    private static final int MAX_PARTS = 2_000_000;

    private int parts;

    void spend(Tree.Place place) {
        if (++parts > MAX_PARTS) {
            throw UnusableDocumentException.ofWhole(place.toString(), "the document has too many parts");
        }
    }
}
