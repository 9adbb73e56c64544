package dev.latchkey.openapi;

import dev.latchkey.problem.Problem;
import java.util.List;
import java.util.Map;

/** A document, or a part of it, that cannot be used: where, and why. */
final class UnusableDocumentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final String why;
    private final boolean ofWhole;

    UnusableDocumentException(String where, String why) {
        this(where, why, false);
    }

    private UnusableDocumentException(String where, String why, boolean ofWhole) {
        super(where + ": " + why, null, false, false);
        this.where = where;
        this.why = why;
        this.ofWhole = ofWhole;
    }

    /**
     * The whole document is unusable, wherever this was noticed: it is too large, or a part of it cannot be fetched.
     */
    static UnusableDocumentException ofWhole(String where, String why) {
        return new UnusableDocumentException(where, why, true);
    }

    boolean isOfWhole() {
        return ofWhole;
    }

    String where() {
        return where;
    }

    String why() {
        return why;
    }

    /** All of them in one answer, whose detail is the first. */
    static Problem problem(List<UnusableDocumentException> all) {
        UnusableDocumentException first = all.getFirst();
        return new Problem(
                        422,
                        "invalid_openapi",
                        first.where + ": " + first.why + "."
                                + (all.size() > 1 ? " There are " + (all.size() - 1) + " more errors like this." : ""))
                .with(
                        "errors",
                        all.stream()
                                .limit(20)
                                .map(one -> Map.of("where", one.where, "message", one.why))
                                .toList());
    }
}
