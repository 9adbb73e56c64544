package dev.latchkey.authzen;

import dev.latchkey.crypto.Sha256;
import dev.latchkey.http.Response;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.problem.Text;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which results of a search a request wants, and the answer with them (AuthZEN section 8.2). The token of a page is valid for
 * the search that it came from, and says how many results each page has.
 *
 * @param limit how many results the page may have
 * @param from the place behind which it begins, in the search's own order; empty for the beginning
 * @param search what was searched for, in short
 */
record ResultPage(int limit, List<String> from, String search) {
    /** So many results are on a page at most, however many are asked for. */
    static final int MOST = 100;

    private static final int DIGEST_BYTES = 12;

    /**
     * Reads which page is wanted.
     *
     * @param keys how many parts a place has
     * @param search everything that is searched for; a token of another search is refused
     */
    static ResultPage read(Sent body, int keys, @Nullable String... search) {
        String digest = digest(search);
        Sent page = body.objectIfPresent("page");
        if (page == null) {
            return new ResultPage(MOST, List.of(), digest);
        }
        page.objectIfPresent("properties");
        Integer limit = page.countIfPresent("limit");
        int most = limit == null ? MOST : Math.min(limit, MOST);
        String token = page.textIfPresent("token");
        if (token == null || token.isEmpty()) {
            return new ResultPage(most, List.of(), digest);
        }
        ResultPage next = parsed(token);
        if (!next.search().equals(digest)
                || (limit != null && most != next.limit())
                || (!next.from().isEmpty() && next.from().size() != keys)) {
            throw Problem.badRequest(
                    "page.token: This is the token of another search. Change nothing else between two pages.");
        }
        return next;
    }

    /**
     * The answer with one page.
     *
     * @param next the place behind which the next one begins; null at the end
     */
    Response answer(List<?> results, @Nullable List<String> next) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("next_token", next == null ? "" : token(next));
        page.put("count", results.size());
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("page", page);
        answer.put("results", results);
        return Response.json(200, answer);
    }

    /**
     * The answer with the first of these results.
     *
     * @param ahead those behind the place where the page begins, in order
     */
    <T> Response of(Stream<T> ahead, Function<T, List<String>> place, Function<T, Object> written) {
        List<T> found = ahead.limit(limit + 1L).toList();
        List<T> shown = found.subList(0, Math.min(limit, found.size()));
        List<String> next = found.size() == shown.size() ? null : shown.isEmpty() ? from : place.apply(shown.getLast());
        return answer(shown.stream().map(written).toList(), next);
    }

    /** The same for results that have names and are found all at once. */
    Response ofNames(SortedSet<String> all, Function<String, Object> written) {
        return of(
                all.stream().filter(name -> from.isEmpty() || name.compareTo(from.getFirst()) > 0), List::of, written);
    }

    /** The answer to a search that finds nothing. */
    Response nothing() {
        return answer(List.of(), null);
    }

    /** A token is what was searched for, the limit and the place, as a list. */
    private String token(List<String> place) {
        List<String> parts = new ArrayList<>(List.of(search, Integer.toString(limit)));
        parts.addAll(place);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.write(parts));
    }

    /** What a token says, if it is one. */
    private static ResultPage parsed(String token) {
        try {
            String json = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            List<String> parts = List.of(Json.readText(json, String[].class));
            int limit = Integer.parseInt(parts.get(1));
            if (limit >= 0 && limit <= MOST && parts.stream().allMatch(Text::isStorable)) {
                return new ResultPage(limit, parts.subList(2, parts.size()), parts.getFirst());
            }
        } catch (RuntimeException e) {
            // answered below, like a limit that no page has
        }
        throw Problem.badRequest("page.token: This is not the token of a page. Begin with the first page again.");
    }

    private static String digest(@Nullable String... search) {
        return HexFormat.of().formatHex(Sha256.of(Json.write(search)), 0, DIGEST_BYTES);
    }
}
