package dev.latchkey.console;

import dev.latchkey.apitoken.Count;
import dev.latchkey.problem.Page;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What stands below a list: how many it has, and the ways to the pages before and behind.
 *
 * @param total "312 found"; empty when it would take too long to count them
 * @param previous the address of the page before; empty on the first
 * @param next the address of the page behind; empty on the last
 */
public record ListFoot(String total, int shown, String previous, String next) {
    /** Below nothing. */
    static final ListFoot NOTHING = new ListFoot("", 0, "", "");

    /** @param address the address of the page that a page token stands for */
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
     * @param number more than the limit only means more than that
     * @param narrowed whether these are not all that there are
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
