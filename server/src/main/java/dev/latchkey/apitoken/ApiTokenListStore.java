package dev.latchkey.apitoken;

import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.problem.Page;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.generic.GenericType;
import org.jdbi.v3.core.statement.EmptyHandling;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The statements that list API tokens and count those of a list. */
final class ApiTokenListStore {
    /** Up to this many candidates are read one by one. With more, reading in order soon fills a page. */
    private static final int FEW = 5_000;

    /** Counting stops here: a longer count would take too long. */
    static final int MOST_COUNTED = 10_000;

    /** Counting reads at most this many rows. */
    private static final int MOST_READ = 100_000;

    /** The condition of a state, in the words of its index. All but {@code REVOKED} are states of active tokens. */
    private static String in(State state) {
        return switch (state) {
            case ACTIVE ->
                "state = 'active' and coalesce(expires_at, 9223372036854775807) > :now and coalesce(not_before, 0)"
                        + " <= :now";
            case EXPIRING ->
                "state = 'active' and expires_at > :now and expires_at <= :soon and coalesce(not_before, 0) <= :now";
            case EXPIRED -> "state = 'active' and expires_at <= :now";
            case NOT_YET_VALID ->
                "state = 'active' and not_before > :now and coalesce(expires_at, 9223372036854775807) > :now";
            case REVOKED -> "state = 'revoked'";
        };
    }

    /**
     * What the words of a query mean now.
     *
     * @param idleSince idle tokens were neither used nor created since then
     * @param powerful the powerful roles, when the query asks for them
     * @param stillUsed the revoked tokens that are still used, when the query asks for them
     */
    record Meaning(Instant now, Instant idleSince, Set<String> powerful, Set<String> stillUsed) {}

    /** A row with its sort key. */
    private record Sorted(ApiToken apiToken, String key) {}

    /** The conditions that narrow a list. */
    private static final class Narrowing {
        final List<String> conditions = new ArrayList<>();
        final Map<String, Object> bindings = new LinkedHashMap<>();
        final Map<String, List<String>> lists = new LinkedHashMap<>();
        /** Whether the candidates are named one by one. */
        boolean few;

        void add(String condition) {
            conditions.add(condition);
        }

        void add(String condition, String name, Object value) {
            conditions.add(condition);
            bindings.put(name, value);
        }

        void addList(String column, String name, Set<String> values) {
            conditions.add(values.isEmpty() ? "1 = 0" : column + " in (<" + name + ">)");
            if (!values.isEmpty()) {
                lists.put(name, List.copyOf(values));
            }
        }

        void bindTimes(Instant now) {
            bindings.put("now", now.toEpochMilli());
            bindings.put("soon", now.plus(ApiToken.SOON).toEpochMilli());
        }

        String where() {
            return String.join(" and ", conditions);
        }

        /** The statement with its bindings. */
        Query query(Handle handle, String sql) {
            Query query = handle.createQuery(sql);
            lists.forEach((name, values) -> {
                if (sql.contains("<" + name + ">")) {
                    query.bindList(EmptyHandling.THROW, name, values);
                }
            });
            bindings.forEach((name, value) -> {
                if (Pattern.compile(":" + name + "\\b").matcher(sql).find()) {
                    query.bind(name, value);
                }
            });
            return query;
        }
    }

    Page<ApiToken> list(
            Handle handle, SearchIndex searchIndex, ApiTokenQuery query, Meaning meaning, Page.Request page) {
        Narrowing narrowing = narrowing(handle, searchIndex, query, meaning);
        String key = query.sort().expression();
        boolean descending = query.descending() != page.backwards();
        String direction = descending ? "desc" : "asc";
        if (page.after() != null) {
            String beyond = descending ? "<" : ">";
            narrowing.add("(" + key + ", client_id) " + beyond + " (:afterKey, :afterId)");
            // Redundant, but without it SQLite does not use the index of an expression.
            narrowing.add(key + " " + beyond + "= :afterKey");
            narrowing.bindings.put("afterKey", key(query, page.after().getFirst()));
            narrowing.bindings.put("afterId", page.after().getLast());
        }
        if (query.sort() == Sort.EXPIRES && query.state() == State.EXPIRED) {
            // Redundant as well, but without it the order begins with all tokens that never expire.
            narrowing.add(key + " <= :now");
        } else if (query.sort() == Sort.EXPIRES && query.state() == State.EXPIRING) {
            narrowing.add(key + " <= :soon");
        }
        List<Sorted> rows = narrowing
                .query(
                        handle,
                        "select " + ApiTokenRow.COLUMNS + ", " + key + " as sort_key from api_token where "
                                + narrowing.where() + " order by " + key + " " + direction + ", client_id " + direction
                                + " limit :limit")
                .bind("limit", page.size() + 1)
                .map((row, context) -> new Sorted(new ApiTokenRow(row).apiToken(), row.getString("sort_key")))
                .list();
        return Page.of(rows, page, row -> List.of(row.key(), row.apiToken().clientId()))
                .map(Sorted::apiToken);
    }

    /**
     * The length of the list.
     *
     * @param tokens the number of all tokens
     */
    Count count(Handle handle, SearchIndex searchIndex, ApiTokenQuery query, Meaning meaning, long tokens) {
        Narrowing narrowing = narrowing(handle, searchIndex, query, meaning);
        // Without an index that names them, only this many rows are read.
        String from = narrowing.few ? "api_token" : "(select * from api_token limit " + MOST_READ + ") as part";
        long number = narrowing
                .query(
                        handle,
                        "select count(*) from (select 1 from " + from + " where " + narrowing.where() + " limit "
                                + (MOST_COUNTED + 1) + ") as found")
                .mapTo(Long.class)
                .one();
        if (number > MOST_COUNTED) {
            return Count.over(MOST_COUNTED);
        }
        return narrowing.few || tokens <= MOST_READ ? Count.of(number) : Count.over(number);
    }

    /**
     * The number of tokens in the state, from its index alone; a number above the limit only means that there are more.
     *
     * @param role counts only tokens of this role; null for any
     */
    long inState(Handle handle, State state, @Nullable String role, Instant now, long limit) {
        Narrowing narrowing = new Narrowing();
        narrowing.bindTimes(now);
        narrowing.add(in(state));
        if (role != null) {
            narrowing.add("role_name = :role", "role", role);
        }
        return narrowing
                .query(
                        handle,
                        "select count(*) from (select 1 from api_token where " + narrowing.where() + " limit :limit)"
                                + " as found")
                .bind("limit", limit + 1)
                .mapTo(Long.class)
                .one();
    }

    /** The number of tokens of each role in the state, from its index alone; counted up to the limit. */
    Map<String, Long> byRole(Handle handle, State state, Instant now, long limit) {
        Narrowing narrowing = new Narrowing();
        narrowing.bindTimes(now);
        return narrowing
                .query(
                        handle,
                        "select role_name, count(*) as number from (select role_name from api_token where " + in(state)
                                + " limit :limit) as found group by role_name")
                .bind("limit", limit)
                .setMapKeyColumn("role_name")
                .setMapValueColumn("number")
                .collectInto(new GenericType<Map<String, Long>>() {});
    }

    private static Narrowing narrowing(Handle handle, SearchIndex searchIndex, ApiTokenQuery query, Meaning meaning) {
        Narrowing narrowing = new Narrowing();
        if (query.status() == null) {
            narrowing.add("state <> 'draft'");
        } else {
            narrowing.add("state = :state", "state", query.status().name().toLowerCase(Locale.ROOT));
        }
        if (query.role() != null) {
            narrowing.add("role_name = :role", "role", query.role());
        }
        switch (query.owner()) {
            case null -> {}
            case ApiTokenQuery.NONE -> narrowing.add("owner_id is null");
            case ApiTokenQuery.DEPARTED -> {} // among the rare conditions
            default -> narrowing.add("owner_id = :owner", "owner", query.owner());
        }
        Optional<Set<String>> found = Optional.empty();
        if (query.search() != null && ClientId.isOne(query.search())) {
            // A client id that someone pastes from a log is found at once, however many tokens there are.
            narrowing.add("client_id = :search", "search", query.search());
            narrowing.few = true;
        } else if (query.search() != null) {
            String part = query.search().toLowerCase(Locale.ROOT);
            String pattern = SearchIndex.pattern(part);
            narrowing.add("search_text like :search escape '!'", "search", pattern);
            if (part.codePointCount(0, part.length()) >= SearchIndex.SHORTEST) {
                found = searchIndex.candidates(handle, part, pattern, FEW);
            }
        }
        List<String> seldom = seldom(query);
        narrowing.conditions.addAll(seldom);
        if (query.state() == State.ACTIVE || query.state() == State.REVOKED) {
            narrowing.add(in(query.state()));
        }
        narrowing.bindTimes(meaning.now());
        narrowing.bindings.put("idle", meaning.idleSince().toEpochMilli());
        narrowing.bindings.put("week_ago", LastWeek.before(meaning.now()).toEpochMilli());
        if (query.asksForPowerful()) {
            narrowing.addList("role_name", "powerful", meaning.powerful());
            // Few tokens have such a role, and the index of roles names them.
            seldom.add(narrowing.conditions.getLast());
        }
        if (query.traits().contains(Trait.POWERFUL_LITTLE_USED)) {
            narrowing.add(LastWeek.LITTLE_USED);
        }
        if (query.traits().contains(Trait.STILL_USED)) {
            narrowing.add(in(State.REVOKED));
            narrowing.addList("client_id", "still_used", meaning.stillUsed());
            narrowing.few = true;
        }
        if (found.isEmpty() && !narrowing.few) {
            found = few(handle, narrowing, seldom);
        }
        if (found.isPresent()) {
            narrowing.addList("client_id", "found", found.get());
            narrowing.few = true;
        }
        return narrowing;
    }

    /** Conditions that perhaps few of very many tokens meet. Each has an index that names them. */
    private static List<String> seldom(ApiTokenQuery query) {
        List<String> conditions = new ArrayList<>();
        if (query.state() != null && query.state() != State.ACTIVE && query.state() != State.REVOKED) {
            conditions.add(in(query.state()));
        }
        if (query.traits().contains(Trait.NEVER_USED)) {
            conditions.add("coalesce(last_access_at, 0) = 0");
        }
        if (query.traits().contains(Trait.IDLE)) {
            conditions.add("coalesce(last_access_at, 0) < :idle");
            conditions.add("created_at < :idle");
        }
        if (query.traits().contains(Trait.REFUSED_OFTEN)) {
            conditions.add(LastWeek.REFUSED_OFTEN);
        }
        if (query.traits().contains(Trait.LIMITED)) {
            conditions.add(LastWeek.LIMITED);
        }
        if (ApiTokenQuery.DEPARTED.equals(query.owner())) {
            conditions.add("owner_id in (" + Users.DEPARTED + ")");
        }
        return conditions;
    }

    /** The tokens that meet one of the conditions, if they are few. */
    private static Optional<Set<String>> few(Handle handle, Narrowing narrowing, List<String> seldom) {
        for (String condition : seldom) {
            List<String> found = narrowing
                    .query(handle, "select client_id from api_token where " + condition + " limit " + (FEW + 1))
                    .mapTo(String.class)
                    .list();
            if (found.size() <= FEW) {
                return Optional.of(new LinkedHashSet<>(found));
            }
        }
        return Optional.empty();
    }

    private static Object key(ApiTokenQuery query, String text) {
        return query.sort().isNumber() ? Page.number(text) : text;
    }
}
