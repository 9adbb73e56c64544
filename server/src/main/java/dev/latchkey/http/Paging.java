package dev.latchkey.http;

import dev.latchkey.problem.Page;
import dev.latchkey.problem.Problem;
import org.jspecify.annotations.Nullable;

/** Reads which page of a list a request asks for: {@code pageSize} and {@code pageToken}. */
public final class Paging {
    private Paging() {}

    /**
     * The page of a list that is read in one direction.
     *
     * @param keys how many keys the list's order has
     * @throws Problem 422 for a size out of range or a token that is not of such a list
     */
    public static Page.Request of(Parameters query, int keys) {
        return Page.Request.of(sent(query, "pageSize"), sent(query, "pageToken"), keys);
    }

    /** The page of a list that can be read backwards as well. */
    public static Page.Request bothWays(Parameters query, int keys) {
        return Page.Request.bothWays(sent(query, "pageSize"), sent(query, "pageToken"), keys);
    }

    private static @Nullable String sent(Parameters query, String name) {
        return query.text(name).orElse(null);
    }
}
