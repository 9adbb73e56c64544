package dev.latchkey.database;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * With the extension {@code pg_trgm}, on a table of its own: every last access writes a new version of the token's row,
 * and an index on that table would index all trigrams of the text again each time.
 *
 * <p>Nothing is ever removed. A token whose description changed gets another row; the old one proposes it in vain.
 */
final class PostgresqlSearchIndex implements SearchIndex {
    private static final Logger log = LoggerFactory.getLogger(PostgresqlSearchIndex.class);

    /**
     * The texts of forty pages of the table are read to see how common something is; this is a hundred times their
     * bytes.
     */
    private static final double SAMPLE = 100.0 * 40 * 8192;

    /**
     * With this many in the sample, reading in order soon finds enough; the index would collect all before it returns
     * the first.
     */
    private static final int COMMON = 10;

    /** A trigram that more than one text in this many has is used only when there is no rarer one. */
    private static final int RARE = 10;

    /** How many trigrams to use together; the rows that have them are compared anyway. */
    private static final int TOGETHER = 4;

    /** A trigram, and how many texts of the sample have it. */
    private record Trigram(String text, long number) {}

    @Override
    public boolean isMade(Handle handle) {
        return handle.createQuery("select exists (select 1 from pg_index where indexrelid ="
                        + " to_regclass('api_token_search_index') and indisvalid)")
                .mapTo(Boolean.class)
                .one();
    }

    @Override
    public void make(Handle handle) {
        try {
            handle.useTransaction(PostgresqlSearchIndex::fill);
        } catch (JdbiException e) {
            log.warn(
                    "There is no index for searching API tokens, so a search for what few of them have reads all"
                            + " of them."
                            + " It needs the extension pg_trgm: have the database's superuser run"
                            + " \"create extension pg_trgm\", and restart. The reason: {}",
                    Reason.of(e));
        }
    }

    @Override
    public Map<String, String> missing(Handle handle, int most) {
        if (!hasTable(handle)) {
            return Map.of();
        }
        return handle.createQuery(
                        "select client_id, search_text from api_token where state <> 'draft' and not exists (select"
                                + " 1 from api_token_search found where found.client_id = api_token.client_id and"
                                + " found.search_text = api_token.search_text) limit :most")
                .bind("most", most)
                .setMapKeyColumn("client_id")
                .setMapValueColumn("search_text")
                .collectInto(new GenericType<Map<String, String>>() {});
    }

    @Override
    public void remake(Handle handle) {
        handle.execute("drop table if exists api_token_search");
        make(handle);
    }

    private static void fill(Handle transaction) {
        transaction.execute("create extension if not exists pg_trgm");
        if (!hasTable(transaction)) {
            transaction.execute("create table api_token_search (client_id text not null, search_text text not null)");
            int tokens = transaction.execute("insert into api_token_search (client_id, search_text) select client_id,"
                    + " search_text from api_token where state <> 'draft'");
            if (tokens > 0) {
                log.info("Building the search index of {} API tokens", tokens);
            }
        }
        // Each search would read the entries that are pending, so none are left pending.
        transaction.execute(
                "create index api_token_search_index on api_token_search using gin (search_text gin_trgm_ops)"
                        + " with (fastupdate = off)");
    }

    private static boolean hasTable(Handle handle) {
        return handle.createQuery("select to_regclass('api_token_search') is not null")
                .mapTo(Boolean.class)
                .one();
    }

    @Override
    public void add(Handle handle, String clientId, String text) {
        if (hasTable(handle)) {
            handle.createUpdate("insert into api_token_search (client_id, search_text) values (:clientId, :text)")
                    .bind("clientId", clientId)
                    .bind("text", text)
                    .execute();
        }
    }

    @Override
    public void addAll(Handle handle, Map<String, String> texts) {
        if (hasTable(handle)) {
            PreparedBatch batch = handle.prepareBatch(
                    "insert into api_token_search (client_id, search_text) values (:clientId, :text)");
            texts.forEach((clientId, text) ->
                    batch.bind("clientId", clientId).bind("text", text).add());
            batch.execute();
        }
    }

    @Override
    public Optional<Set<String>> candidates(Handle handle, String part, String pattern, int most) {
        if (!isMade(handle)) {
            return Optional.empty();
        }
        List<String> sample = sample(handle);
        if (having(part, sample) >= COMMON) {
            return Optional.empty();
        }
        List<String> trigrams = rarest(part, sample);
        // For the whole part, the index would go through the lists of all its trigrams, however long they are. An
        // expression is compared in the rows only.
        String conditions = trigrams.isEmpty()
                ? "search_text like :pattern escape '!'"
                : IntStream.range(0, trigrams.size())
                        .mapToObj(i -> "search_text like :trigram" + i)
                        .collect(Collectors.joining(" and ", "", " and search_text || '' like :pattern escape '!'"));
        // The planner overestimates how common a part is, and would read the whole table for the first few rows.
        handle.execute("set local enable_seqscan = off");
        Query query = handle.createQuery("select client_id from api_token_search where " + conditions + " limit :limit")
                .bind("pattern", pattern)
                .bind("limit", most + 1);
        for (int i = 0; i < trigrams.size(); i++) {
            query.bind("trigram" + i, "%" + trigrams.get(i) + "%");
        }
        Set<String> found = new LinkedHashSet<>(query.mapTo(String.class).list());
        handle.execute("reset enable_seqscan");
        return found.size() <= most ? Optional.of(found) : Optional.empty();
    }

    private static List<String> sample(Handle handle) {
        return handle.createQuery("select search_text from api_token_search tablesample system (least(100, :sample /"
                        + " greatest(1, pg_relation_size('api_token_search'))))")
                .bind("sample", SAMPLE)
                .mapTo(String.class)
                .list();
    }

    private static long having(String part, List<String> sample) {
        return sample.stream().filter(text -> text.contains(part)).count();
    }

    /** Some of the trigrams that few texts have; at least one if there is any that the index knows. */
    private static List<String> rarest(String part, List<String> sample) {
        List<Trigram> rarestFirst = SearchIndex.trigrams(part).stream()
                .filter(PostgresqlSearchIndex::isIndexed)
                .map(trigram -> new Trigram(trigram, having(trigram, sample)))
                .sorted(Comparator.comparingLong(Trigram::number))
                .toList();
        return IntStream.range(0, Math.min(TOGETHER, rarestFirst.size()))
                .filter(i -> i == 0 || rarestFirst.get(i).number() * RARE <= sample.size())
                .mapToObj(i -> rarestFirst.get(i).text())
                .toList();
    }

    /**
     * The extension indexes letters, digits and the ends of words; two of the former make a trigram with the latter.
     */
    private static boolean isIndexed(String trigram) {
        int[] characters = trigram.codePoints().toArray();
        return Character.isLetterOrDigit(characters[1])
                && (Character.isLetterOrDigit(characters[0]) || Character.isLetterOrDigit(characters[2]))
                && IntStream.of(characters).noneMatch(character -> "%_\\".indexOf(character) >= 0);
    }
}
