package dev.latchkey.problem;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list, in keyset paging: the token says after which row the next page begins, so that a page costs the
 * same however deep it is.
 *
 * @param nextPageToken absent on the last page
 * @param previousPageToken absent on the first page, and in lists that are read in one direction only
 */
public record Page<T>(
        List<T> items,
        @Nullable String nextPageToken,
        @Nullable String previousPageToken) {
    public static final int DEFAULT_SIZE = 25;
    public static final int MAX_SIZE = 100;

    /** Begins the token of a page that ends before the row that it names. Base64 has no full stop. */
    private static final String BACK = "b.";

    /**
     * Where a page starts and how long it may be.
     *
     * @param size 1 to {@value Page#MAX_SIZE}
     * @param after the keys of the row before the page's first, in the list's own order; null for the first page
     * @param backwards whether {@code after} has the keys of the row behind the page's last instead
     */
    public record Request(int size, @Nullable List<String> after, boolean backwards) {
        public static final Request FIRST = new Request(DEFAULT_SIZE, null);

        public Request(int size, @Nullable List<String> after) {
            this(size, after, false);
        }

        /**
         * The page of a list that a caller asks for.
         *
         * @param size null for the usual one
         * @param token the token from another page; null for the first page
         * @param keys how many keys the list's order has
         * @throws Problem 422 for a size out of range or a token that is not of such a list
         */
        public static Request of(@Nullable String size, @Nullable String token, int keys) {
            return new Request(
                    size == null ? DEFAULT_SIZE : parseSize(size), token == null ? null : decode(token, keys));
        }

        /** The same for a list that can be read backwards as well. */
        public static Request bothWays(@Nullable String size, @Nullable String token, int keys) {
            return token == null || !token.startsWith(BACK)
                    ? of(size, token, keys)
                    : new Request(of(size, null, keys).size(), decode(token.substring(BACK.length()), keys), true);
        }

        /**
         * The next page of the same size.
         *
         * @param page one that has a next page
         */
        public Request behind(Page<?> page, int keys) {
            return new Request(size, decode(Objects.requireNonNull(page.nextPageToken()), keys));
        }
    }

    /**
     * A page from one row more than it holds: the extra row only shows that there is a next page.
     *
     * @param rows at most {@code size + 1} rows
     * @param keys the keys of a row, in the list's own order
     */
    public static <T> Page<T> of(List<T> rows, int size, Function<T, List<String>> keys) {
        if (rows.size() <= size) {
            return new Page<>(List.copyOf(rows), null, null);
        }
        List<T> items = List.copyOf(rows.subList(0, size));
        return new Page<>(items, encode(keys.apply(items.getLast())), null);
    }

    /**
     * The same for a list that can be read backwards as well.
     *
     * @param rows at most {@code size + 1} rows, in the direction asked for
     */
    public static <T> Page<T> of(List<T> rows, Request request, Function<T, List<String>> keys) {
        boolean more = rows.size() > request.size();
        List<T> read = more ? rows.subList(0, request.size()) : rows;
        List<T> items = List.copyOf(request.backwards() ? read.reversed() : read);
        if (items.isEmpty()) {
            return new Page<>(items, null, null);
        }
        boolean before = request.backwards() ? more : request.after() != null;
        boolean behind = request.backwards() || more;
        return new Page<>(
                items,
                behind ? encode(keys.apply(items.getLast())) : null,
                before ? BACK + encode(keys.apply(items.getFirst())) : null);
    }

    public <R> Page<R> map(Function<T, R> change) {
        return new Page<>(items.stream().map(change).toList(), nextPageToken, previousPageToken);
    }

    private static int parseSize(String text) {
        try {
            int size = Integer.parseInt(text);
            if (size >= 1 && size <= MAX_SIZE) {
                return size;
            }
        } catch (NumberFormatException e) {
            // answered below, like a number out of range
        }
        throw Problem.invalid("pageSize", "Send a whole number from 1 to " + MAX_SIZE + ".");
    }

    private static String encode(List<String> keys) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Json.writeText(keys).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A key of a page token that is a number.
     *
     * @throws Problem 422 when it is not a number
     */
    public static long number(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw foreign();
        }
    }

    private static Problem foreign() {
        return Problem.invalid("pageToken", "This is not a page token of this list. Start again from the first page.");
    }

    private static List<String> decode(String token, int keys) {
        try {
            String[] decoded = Json.readText(
                    new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8), String[].class);
            if (decoded.length == keys
                    && List.of(decoded).stream().allMatch(key -> key.length() <= 1_000 && Text.isStorable(key))) {
                return List.of(decoded);
            }
        } catch (RuntimeException e) {
            // answered below, like a token of another list
        }
        throw foreign();
    }
}
