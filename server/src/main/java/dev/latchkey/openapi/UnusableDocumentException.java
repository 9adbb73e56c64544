package dev.latchkey.openapi;

import dev.latchkey.http.Problem;
import java.util.List;
import java.util.Map;

/** A document, or a part of it, that cannot be used: where, and why. */
final class UnusableDocumentException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final String why;

    UnusableDocumentException(String where, String why) {
        super(where + ": " + why, null, false, false);
        this.where = where;
        this.why = why;
    }

    /** All of them in one answer; the first in words. */
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
