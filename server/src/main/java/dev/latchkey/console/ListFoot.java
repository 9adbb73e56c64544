package dev.latchkey.console;

import dev.latchkey.apitoken.Count;
import dev.latchkey.problem.Page;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The line below a list: its total, and the links to the pages around this one.
 *
 * @param total such as "312 found"; empty when counting would take too long
 * @param previous the address of the previous page; empty on the first
 * @param next the address of the next page; empty on the last
 */
public record ListFoot(String total, int shown, String previous, String next) {
    /** Below an empty list. */
    static final ListFoot NOTHING = new ListFoot("", 0, "", "");

    /** @param address turns a page token into the address of its page */
    static ListFoot of(Page<?> page, String total, UnaryOperator<String> address) {
        return new ListFoot(
                total,
                page.items().size(),
                link(page.previousPageToken(), address),
                link(page.nextPageToken(), address));
    }

    private static String link(@Nullable String token, UnaryOperator<String> address) {
        return token == null ? "" : address.apply(token);
    }

    /**
     * "312 found", "1 user", "over 10,000 events".
     *
     * @param number above the limit, it only says that there are more
     * @param narrowed whether a filter is in force
     * @param one what one of them is called
     */
    static String total(long number, long limit, boolean narrowed, String one) {
        return Count.upTo(limit, number).words() + (narrowed ? " found" : number == 1 ? " " + one : " " + one + "s");
    }

    public boolean hasMore() {
        return !previous.isEmpty() || !next.isEmpty();
    }

    public String summary() {
        String here = shown + (hasMore() ? " on this page" : " shown");
        return total.isEmpty() ? here : hasMore() ? total + " · " + here : total;
    }
}
