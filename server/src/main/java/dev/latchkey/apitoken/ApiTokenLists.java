package dev.latchkey.apitoken;

import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.apitoken.ApiToken.Status;
import dev.latchkey.apitoken.ApiTokenListStore.Meaning;
import dev.latchkey.apitoken.ApiTokenQuery.Trait;
import dev.latchkey.database.Database;
import dev.latchkey.database.SearchIndex;
import dev.latchkey.problem.Page;
import dev.latchkey.registry.CurrentPolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Lists and counts API tokens, for callers that have been checked. */
final class ApiTokenLists {
    /** An index alone counts up to this many tokens of a state within milliseconds. */
    private static final long MOST_IN_STATE = 100_000;

    private static final String NARROWER = "by a role, a status or an owner, or by a longer text";

    private final Database database;
    private final LastAccess lastAccess;
    private final CurrentPolicy policy;
    private final Supplier<Set<String>> stillUsed;
    private final Supplier<Integer> idleDays;
    private final Clock clock;
    private final ApiTokenListStore store = new ApiTokenListStore();

    /**
     * @param stillUsed the revoked tokens that are still used
     * @param idleDays after how many days without use a token is idle, at the moment
     */
    ApiTokenLists(
            Database database,
            LastAccess lastAccess,
            CurrentPolicy policy,
            Supplier<Set<String>> stillUsed,
            Supplier<Integer> idleDays,
            Clock clock) {
        this.database = database;
        this.lastAccess = lastAccess;
        this.policy = policy;
        this.stillUsed = stillUsed;
        this.idleDays = idleDays;
        this.clock = clock;
    }

    Page<ApiToken> list(ApiTokenQuery query, Page.Request page) {
        if (query.sort() == ApiTokenQuery.Sort.LAST_ACCESS || goesByUse(query)) {
            // The order must match what is shown, so pending uses are written first.
            lastAccess.flushIfPossible();
        }
        UnaryOperator<ApiToken> withLastAccess = lastAccess.overlay();
        Meaning meaning = meaning(query);
        SearchIndex searchIndex = database.dialect().searchIndex();
        return database.search(NARROWER, handle -> store.list(handle, searchIndex, query, meaning, page))
                .map(withLastAccess::apply);
    }

    private static boolean goesByUse(ApiTokenQuery query) {
        return query.traits().contains(Trait.NEVER_USED) || query.traits().contains(Trait.IDLE);
    }

    private Meaning meaning(ApiTokenQuery query) {
        Instant now = clock.instant();
        return new Meaning(
                now,
                now.minus(Duration.ofDays(idleDays.get())),
                query.asksForPowerful() ? powerful() : Set.of(),
                query.traits().contains(Trait.STILL_USED) ? stillUsed.get() : Set.of());
    }

    private Set<String> powerful() {
        var now = policy.get();
        return now.roles().stream().map(Role::name).filter(now::isPowerful).collect(Collectors.toSet());
    }

    /** The number of tokens in each state but {@link State#EXPIRING}, which the active ones include. */
    Map<State, Count> states() {
        Instant now = clock.instant();
        return database.read(handle -> {
            Map<State, Count> counts = new EnumMap<>(State.class);
            for (State state : new State[] {State.EXPIRED, State.NOT_YET_VALID}) {
                counts.put(state, inState(handle, state, null, now));
            }
            Map<String, Long> kept = ApiTokenCountStore.byState(handle, null);
            counts.put(State.ACTIVE, active(kept, counts::get));
            counts.put(State.REVOKED, Count.of(kept.getOrDefault("revoked", 0L)));
            return counts;
        });
    }

    /** The number of tokens in each state. */
    Map<State, Count> census() {
        Map<State, Count> counts = states();
        Instant now = clock.instant();
        counts.put(State.EXPIRING, database.read(handle -> inState(handle, State.EXPIRING, null, now)));
        return counts;
    }

    /** The length of the list, counted as far as that is quick. */
    Count count(ApiTokenQuery query) {
        Instant now = clock.instant();
        if (query.search() == null && query.owner() == null && query.traits().isEmpty()) {
            return database.read(handle -> kept(handle, query, now));
        }
        if (goesByUse(query)) {
            lastAccess.flushIfPossible();
        }
        Meaning meaning = meaning(query);
        SearchIndex searchIndex = database.dialect().searchIndex();
        return database.search(NARROWER, handle -> {
            long all = ApiTokenCountStore.byState(handle, null).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            return store.count(handle, searchIndex, query, meaning, all);
        });
    }

    /** From the stored numbers, by state and role. */
    private Count kept(Handle handle, ApiTokenQuery query, Instant now) {
        Map<String, Long> kept = ApiTokenCountStore.byState(handle, query.role());
        long active = kept.getOrDefault("active", 0L);
        long revoked = kept.getOrDefault("revoked", 0L);
        State state = query.state();
        if (state == null) {
            return Count.of(
                    (query.status() == Status.REVOKED ? 0 : active) + (query.status() == Status.ACTIVE ? 0 : revoked));
        }
        if (state == State.REVOKED) {
            return Count.of(query.status() == Status.ACTIVE ? 0 : revoked);
        }
        if (query.status() == Status.REVOKED) {
            return Count.NONE;
        }
        return state == State.ACTIVE
                ? active(kept, each -> inState(handle, each, query.role(), now))
                : inState(handle, state, query.role(), now);
    }

    /** Those of the tokens that are not revoked which work now. */
    private static Count active(Map<String, Long> kept, Function<State, Count> count) {
        return Count.of(kept.getOrDefault("active", 0L))
                .without(count.apply(State.EXPIRED))
                .without(count.apply(State.NOT_YET_VALID));
    }

    private Count inState(Handle handle, State state, @Nullable String role, Instant now) {
        return Count.upTo(MOST_IN_STATE, store.inState(handle, state, role, now, MOST_IN_STATE));
    }
}
