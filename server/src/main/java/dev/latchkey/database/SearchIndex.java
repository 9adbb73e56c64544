package dev.latchkey.database;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * An index of the search texts of API tokens by trigrams (three characters in a row), so that a search for what few of
 * millions have does not read them all. It only proposes candidates: the caller still compares the texts themselves. So
 * the index may hold more than there is, but never less.
 *
 * <p>Both engines have such an index, with nothing in common, so it is not part of the migrations, which are written
 * once for both: it is created when a database that lacks it is opened. A migration that changes search texts drops it
 * ({@code drop table if exists api_token_search}).
 */
public sealed interface SearchIndex permits SqliteSearchIndex, PostgresqlSearchIndex {
    /** A part of fewer characters (code points) has no trigram. */
    int SHORTEST = 3;

    /** More trigrams than this narrow a search no further. */
    int MOST_TRIGRAMS = 32;

    boolean isMade(Handle handle);

    /**
     * Creates the missing index from the existing tokens, while no one else writes. If the engine cannot do that here,
     * searches read row by row.
     */
    void make(Handle handle);

    /** Adds a text of a token to those that it had before. */
    void add(Handle handle, String clientId, String text);

    /** Adds the texts of many tokens together, by their client ids. */
    void addAll(Handle handle, Map<String, String> texts);

    /**
     * Tokens that it lacks, as far as that can be determined, with their texts; it reads all tokens.
     *
     * @param most how many to return at most
     */
    Map<String, String> missing(Handle handle, int most);

    /** Rebuilds the index from the existing tokens. Changes wait for it. */
    void remake(Handle handle);

    /**
     * The tokens whose text may contain the part: every one that does, and maybe others.
     *
     * @param part at least {@link #SHORTEST} characters
     * @param pattern the {@link #pattern} of the part
     * @param most how many are worth returning
     * @return empty when there are more, or when there is no index
     */
    Optional<Set<String>> candidates(Handle handle, String part, String pattern, int most);

    /** The pattern by which {@code like ... escape '!'} finds a part anywhere in a text. */
    static String pattern(String part) {
        return "%" + part.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    /** The trigrams of the part, the first {@link #MOST_TRIGRAMS} of them. */
    static Set<String> trigrams(String part) {
        int[] characters = part.codePoints().toArray();
        return IntStream.rangeClosed(0, characters.length - SHORTEST)
                .mapToObj(from -> new String(characters, from, SHORTEST))
                .distinct()
                .limit(MOST_TRIGRAMS)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
