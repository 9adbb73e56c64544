package dev.latchkey.database;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * With FTS5, which stores for each trigram the numbers of the texts that have it: neither the texts nor the places in
 * them, which would take six times the space. A table of our own maps the numbers to tokens, because the hidden row
 * numbers of a table with a text key change when the file is vacuumed.
 *
 * <p>Nothing is ever removed. A token whose description changed gets another number; the old one proposes it in vain.
 */
final class SqliteSearchIndex implements SearchIndex {
    private static final Logger log = LoggerFactory.getLogger(SqliteSearchIndex.class);

    /** How many texts of a trigram are read to see how common it is. */
    private static final int PROBE = 200;

    /** How many of the rarest trigrams are used together: as few as will do, since each common one costs a walk. */
    private static final List<Integer> TOGETHER = List.of(3, 6, 12, MOST_TRIGRAMS);

    private static final int SAMPLE = 100;

    /** A trigram, and the share of the texts that have it, estimated from the first ones. */
    private record Trigram(String text, double density) {}

    @Override
    public boolean isMade(Handle handle) {
        return handle.createQuery("select count(*) from sqlite_schema where name = 'api_token_search'")
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    @Override
    public void make(Handle handle) {
        handle.useTransaction(transaction -> {
            if (!isMade(transaction)) {
                fill(transaction);
            }
        });
    }

    @Override
    public Map<String, String> missing(Handle handle, int most) {
        return handle.createQuery(
                        "select client_id, search_text from api_token where state <> 'draft' and client_id not in"
                                + " (select client_id from api_token_search_row) limit :most")
                .bind("most", most)
                .setMapKeyColumn("client_id")
                .setMapValueColumn("search_text")
                .collectInto(new GenericType<Map<String, String>>() {});
    }

    @Override
    public void remake(Handle handle) {
        handle.useTransaction(transaction -> {
            transaction.execute("drop table if exists api_token_search");
            fill(transaction);
        });
    }

    private static void fill(Handle handle) {
        // The texts are already in lower case, in all scripts; FTS5 must compare them as they are.
        handle.execute("create virtual table api_token_search using fts5(search_text, content = '', columnsize = 0,"
                + " detail = none, tokenize = 'trigram case_sensitive 1')");
        handle.execute("drop table if exists api_token_search_row");
        handle.execute("create table api_token_search_row (number integer primary key, client_id text not null)");
        int tokens = handle.execute("insert into api_token_search_row (number, client_id) select rowid, client_id from"
                + " api_token where state <> 'draft' order by rowid");
        if (tokens > 0) {
            log.info("Building the search index of {} API tokens", tokens);
        }
        handle.execute(
                "insert into api_token_search (rowid, search_text) select rowid, search_text from api_token where"
                        + " state <> 'draft' order by rowid");
        // Merges the index into one piece: each search would walk the many that a million texts came in.
        handle.execute("insert into api_token_search (api_token_search) values ('optimize')");
    }

    @Override
    public void add(Handle handle, String clientId, String text) {
        handle.createUpdate("insert into api_token_search_row (client_id) values (:clientId)")
                .bind("clientId", clientId)
                .execute();
        handle.createUpdate("insert into api_token_search (rowid, search_text) select max(number), :text from"
                        + " api_token_search_row")
                .bind("text", text)
                .execute();
    }

    @Override
    public void addAll(Handle handle, Map<String, String> texts) {
        long number = handle.createQuery("select coalesce(max(number), 0) from api_token_search_row")
                .mapTo(Long.class)
                .one();
        PreparedBatch rows =
                handle.prepareBatch("insert into api_token_search_row (number, client_id) values (:number, :clientId)");
        PreparedBatch indexed =
                handle.prepareBatch("insert into api_token_search (rowid, search_text) values (:number, :text)");
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            number++;
            rows.bind("number", number).bind("clientId", entry.getKey()).add();
            indexed.bind("number", number).bind("text", entry.getValue()).add();
        }
        rows.execute();
        indexed.execute();
    }

    @Override
    public Optional<Set<String>> candidates(Handle handle, String part, String pattern, int most) {
        List<Trigram> rarestFirst = new ArrayList<>();
        for (String text : SearchIndex.trigrams(part)) {
            Trigram trigram = probed(handle, text);
            if (trigram.density() == 0) {
                return Optional.of(Set.of());
            }
            rarestFirst.add(trigram);
        }
        rarestFirst.sort(Comparator.comparingDouble(Trigram::density));
        for (int together : TOGETHER) {
            List<String> found =
                    withAll(handle, rarestFirst.subList(0, Math.min(together, rarestFirst.size())), most + 1);
            if (found.size() <= most) {
                return Optional.of(new LinkedHashSet<>(found));
            }
            if (together >= rarestFirst.size() || areMostlyRight(handle, found, pattern)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static Trigram probed(Handle handle, String trigram) {
        List<Long> first = handle.createQuery(
                        "select rowid from api_token_search where api_token_search match :trigram limit :probe")
                .bind("trigram", quoted(trigram))
                .bind("probe", PROBE)
                .mapTo(Long.class)
                .list();
        if (first.isEmpty()) {
            return new Trigram(trigram, 0);
        }
        // A trigram whose texts were all read is rarer than one with more of them, wherever they are.
        double span = first.size() < PROBE ? Long.MAX_VALUE : first.getLast() - first.getFirst() + 1;
        return new Trigram(trigram, first.size() / span);
    }

    private static List<String> withAll(Handle handle, List<Trigram> trigrams, int limit) {
        return handle.createQuery(
                        "select api_token_search_row.client_id from api_token_search join api_token_search_row"
                                + " on api_token_search_row.number = api_token_search.rowid where api_token_search match"
                                + " :trigrams limit :limit")
                .bind(
                        "trigrams",
                        trigrams.stream().map(trigram -> quoted(trigram.text())).collect(Collectors.joining(" AND ")))
                .bind("limit", limit)
                .mapTo(String.class)
                .list();
    }

    /** Whether more trigrams would remove only few of them, judged by a sample. */
    private static boolean areMostlyRight(Handle handle, List<String> found, String pattern) {
        int step = Math.max(1, found.size() / SAMPLE);
        List<String> sample = IntStream.iterate(0, i -> i < found.size(), i -> i + step)
                .mapToObj(found::get)
                .distinct()
                .toList();
        int right = handle.createQuery(
                        "select count(*) from api_token where client_id in (<sample>) and search_text like"
                                + " :pattern escape '!'")
                .bindList(EmptyHandling.THROW, "sample", sample)
                .bind("pattern", pattern)
                .mapTo(Integer.class)
                .one();
        return right * 2 > sample.size();
    }

    private static String quoted(String trigram) {
        return '"' + trigram.replace("\"", "\"\"") + '"';
    }
}
