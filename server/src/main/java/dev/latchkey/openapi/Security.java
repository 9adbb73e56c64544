package dev.latchkey.openapi;

import java.util.List;

/** What an operation requires, according to its document. */
public sealed interface Security {

    /**
     * Scopes.
     *
     * @param alternatives each a list of scopes that are needed together; one of the lists suffices
     */
    record Scopes(List<List<String>> alternatives) implements Security {}

    /** Nothing: the document says that anyone may call it. */
    record Open() implements Security {}

    /** No scopes: no security at all, or one without scopes. */
    record Unstated() implements Security {}
}
