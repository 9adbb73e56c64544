package dev.latchkey.registry;

import dev.latchkey.http.Paging;
import dev.latchkey.http.Request;
import dev.latchkey.problem.Page;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * How a list that is in memory, in the order of its keys, is searched and read page by page.
 *
 * @param keyCount how many keys the order has
 * @param keys the keys of an element
 * @param isAbout whether an element matches a search in lower case
 */
record Listing<T>(int keyCount, Function<T, List<String>> keys, BiPredicate<T, String> isAbout) {

    /** The page that the request asks for, of the elements that its search matches. */
    Page<T> page(Collection<T> all, Request request) {
        Page.Request page = Paging.of(request.query(), keyCount);
        List<String> after = page.after();
        String search = request.query().text("search").orElse("").toLowerCase(Locale.ROOT);
        List<T> rows = all.stream()
                .filter(element -> after == null || isAfter(keys.apply(element), after))
                .filter(element -> isAbout.test(element, search))
                .limit(page.size() + 1L)
                .toList();
        return Page.of(rows, page.size(), keys);
    }

    private static boolean isAfter(List<String> keys, List<String> place) {
        return Arrays.compare(keys.toArray(String[]::new), place.toArray(String[]::new)) > 0;
    }
}
