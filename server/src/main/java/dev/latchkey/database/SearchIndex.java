package dev.latchkey.database;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/**
 * An index of the search texts of API tokens by each three characters in a row (trigrams), so that a search for what hardly
 * any of millions has does not read them all. It only proposes: whoever asks still compares the texts themselves. So what it
 * keeps may be more than what is, never less.
 *
 * <p>The engines have such an index and nothing in common about it, so it is no part of the migrations, which are written
 * once for both: it is made when the database is opened and it is not there. A migration that changes search texts takes
 * it away ({@code drop table if exists api_token_search}).
 */
public sealed interface SearchIndex permits SqliteSearchIndex, PostgresqlSearchIndex {
    /** A part of fewer characters (code points) has no trigram. */
    int SHORTEST = 3;

    /** More trigrams than that narrow no further. */
    int MOST_TRIGRAMS = 32;

    boolean isMade(Handle handle);

    /**
     * Makes the index, which is not there, from the tokens that are, while nobody else writes; unless it cannot be had here:
     * then searches read row by row.
     */
    void make(Handle handle);

    /** Notes the text of a token, beside those that it had before. */
    void add(Transaction transaction, String clientId, String text);

    /**
     * Tokens that it lacks, as far as that can be told, with their texts; it reads all tokens.
     *
     * @param most how many are named
     */
    Map<String, String> missing(Handle handle, int most);

    /** Makes the index anew from the tokens that are there. Changes wait for it. */
    void remake(Handle handle);

    /**
     * The tokens whose text may have the part: all that have it, and maybe others.
     *
     * @param part of {@link #SHORTEST} characters at least
     * @param pattern what {@code like ... escape '!'} finds the part with
     * @param most how many are worth naming
     * @return empty when there are more, or when there is no index
     */
    Optional<Set<String>> candidates(Handle handle, String part, String pattern, int most);

    /** What {@code like ... escape '!'} finds a part with, wherever in a text it is. */
    static String pattern(String part) {
        return "%" + part.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%";
    }

    /** Each three characters in a row of the part, the first {@link #MOST_TRIGRAMS} of them. */
    static Set<String> trigrams(String part) {
        int[] characters = part.codePoints().toArray();
        return IntStream.rangeClosed(0, characters.length - SHORTEST)
                .mapToObj(from -> new String(characters, from, SHORTEST))
                .distinct()
                .limit(MOST_TRIGRAMS)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
