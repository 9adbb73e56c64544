package dev.latchkey.apitoken;

import dev.latchkey.account.Users;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiTokenQuery.Sort;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.problem.Page;
import java.time.Duration;
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
    /**
     * Of so few tokens that may fit the rows are read one by one. Where more fit, reading in order soon fills a page.
     */
    private static final int FEW = 5_000;

    /** Nobody waits for a longer count, */
    static final int MOST_COUNTED = 10_000;

    /** nor for one that reads more rows than that. */
    private static final int MOST_READ = 100_000;

    /** The tokens of a state, in words that its index knows. Revocation knows two of them; the others are of the active ones. */
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
     * What the words of a query mean at the moment.
     *
     * @param powerful the roles that are, when the query asks for those
     */
    record Meaning(Instant now, Set<String> powerful) {}

    /** A row with the value that the list is ordered by. */
    private record Sorted(ApiToken apiToken, String key) {}

    /** What a list is narrowed by. */
    private static final class Narrowing {
        final List<String> conditions = new ArrayList<>();
        final Map<String, Object> bindings = new LinkedHashMap<>();
        final Map<String, List<String>> lists = new LinkedHashMap<>();
        /** Whether the tokens that may fit are named one by one. */
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
            bindings.put(
                    "idle", now.minus(Duration.ofDays(ApiTokenQuery.IDLE_DAYS)).toEpochMilli());
        }

        String where() {
            return String.join(" and ", conditions);
        }

        /** The statement with what it names. */
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
            // Says nothing new, but without it SQLite finds no place in the index of an expression.
            narrowing.add(key + " " + beyond + "= :afterKey");
            narrowing.bindings.put("afterKey", key(query, page.after().getFirst()));
            narrowing.bindings.put("afterId", page.after().getLast());
        }
        if (query.sort() == Sort.EXPIRES && query.state() == State.EXPIRED) {
            // Nor does this, but without it the order begins with all that never expire.
            narrowing.add(key + " <= :now");
        } else if (query.sort() == Sort.EXPIRES && query.state() == State.EXPIRING) {
            narrowing.add(key + " <= :soon");
        }
        List<Sorted> rows = narrowing
                .query(
                        handle,
                        "select " + ApiTokenStore.COLUMNS + ", " + key + " as sort_key from api_token where "
                                + narrowing.where() + " order by " + key + " " + direction + ", client_id " + direction
                                + " limit :limit")
                .bind("limit", page.size() + 1)
                .map((row, context) -> new Sorted(ApiTokenStore.apiToken(row), row.getString("sort_key")))
                .list();
        return Page.of(rows, page, row -> List.of(row.key(), row.apiToken().clientId()))
                .map(Sorted::apiToken);
    }

    /**
     * How many there are of the list.
     *
     * @param tokens how many tokens there are at all
     */
    Count count(Handle handle, SearchIndex searchIndex, ApiTokenQuery query, Meaning meaning, long tokens) {
        Narrowing narrowing = narrowing(handle, searchIndex, query, meaning);
        // Where an index does not name them, so many rows are looked at and no more.
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
     * How many are in the state, by its index alone; a number above the limit only means more than that.
     *
     * @param role of this role; null for any
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

    /** How many of each role are in the state, by its index alone; of no more than the limit. */
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
            case ApiTokenQuery.NOBODY -> narrowing.add("owner_id is null");
            case ApiTokenQuery.DEPARTED -> {} // among what is seldom
            default -> narrowing.add("owner_id = :owner", "owner", query.owner());
        }
        Optional<Set<String>> found = Optional.empty();
        if (query.search() != null && ApiTokens.isClientId(query.search())) {
            // The one that people paste from a log is found at once, however many there are.
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
        if (query.traits().contains(Trait.POWERFUL)) {
            narrowing.addList("role_name", "powerful", meaning.powerful());
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

    /** The conditions that perhaps few of very many tokens fulfil. Each has an index that names them. */
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
        if (ApiTokenQuery.DEPARTED.equals(query.owner())) {
            conditions.add("owner_id in (" + Users.DEPARTED + ")");
        }
        return conditions;
    }

    /** The tokens that fulfil one of the conditions, if they are few. */
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
