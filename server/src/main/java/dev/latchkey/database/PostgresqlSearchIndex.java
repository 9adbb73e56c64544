package dev.latchkey.database;

import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * With the extension {@code pg_trgm}, over a table of its own: every last access writes a new version of the token's row,
 * and an index on that table would take in all trigrams of the text again each time.
 *
 * <p>Nothing is ever taken out. A token whose description changed gets a further row; the old one proposes it in vain.
 */
final class PostgresqlSearchIndex implements SearchIndex {
    private static final Logger log = LoggerFactory.getLogger(PostgresqlSearchIndex.class);

    /** Of so many pages of the table the texts are read to see how common a part is; a hundred times their bytes. */
    private static final double SAMPLE = 100.0 * 40 * 8192;

    /** With so many in the sample, reading in order is soon done; the index would collect all before it names the first. */
    private static final int COMMON = 10;

    private final Dialect dialect;

    PostgresqlSearchIndex(Dialect dialect) {
        this.dialect = dialect;
    }

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
            // With millions of tokens this takes minutes, here and for another node that waits for it.
            handle.getConnection().setNetworkTimeout(Runnable::run, 0);
            handle.useTransaction(transaction -> {
                transaction.execute("set local lock_timeout = 0");
                dialect.becomeOnlyWriter(transaction);
                if (!isMade(transaction)) {
                    fill(transaction);
                }
            });
        } catch (JdbiException | SQLException e) {
            log.warn(
                    "There is no index for searching API tokens, so searches for what few of them have read all of them."
                            + " It needs the extension pg_trgm: let the database's superuser run"
                            + " \"create extension pg_trgm\", and start again. The reason: {}",
                    Database.rootMessage(e));
        }
    }

    private static void fill(Handle transaction) {
        transaction.execute("create extension if not exists pg_trgm");
        if (!hasTable(transaction)) {
            transaction.execute("create table api_token_search (client_id text not null, search_text text not null)");
            int tokens = transaction.execute("insert into api_token_search (client_id, search_text) select client_id,"
                    + " search_text from api_token where state <> 'draft'");
            if (tokens > 0) {
                log.info("Making the search index of {} API tokens", tokens);
            }
        }
        // What waits to be taken in would be read by each search, so nothing waits.
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
    public void add(Transaction transaction, String clientId, String text) {
        if (hasTable(transaction.handle())) {
            transaction
                    .update("insert into api_token_search (client_id, search_text) values (:clientId, :text)")
                    .bind("clientId", clientId)
                    .bind("text", text)
                    .execute();
        }
    }

    @Override
    public Optional<Set<String>> candidates(Handle handle, String part, String pattern, int most) {
        if (!isMade(handle) || isCommon(handle, pattern)) {
            return Optional.empty();
        }
        // The planner takes a part for more common than it is, and would read the whole table for the first few.
        handle.execute("set local enable_seqscan = off");
        Set<String> found = new LinkedHashSet<>(
                handle.createQuery("select client_id from api_token_search where search_text like :pattern escape '!'"
                                + " limit :limit")
                        .bind("pattern", pattern)
                        .bind("limit", most + 1)
                        .mapTo(String.class)
                        .list());
        handle.execute("reset enable_seqscan");
        return found.size() <= most ? Optional.of(found) : Optional.empty();
    }

    private static boolean isCommon(Handle handle, String pattern) {
        return handle.createQuery("select count(*) >= :common from api_token_search tablesample system (least(100,"
                        + " :sample / greatest(1, pg_relation_size('api_token_search')))) where search_text like :pattern"
                        + " escape '!'")
                .bind("common", COMMON)
                .bind("sample", SAMPLE)
                .bind("pattern", pattern)
                .mapTo(Boolean.class)
                .one();
    }
}
