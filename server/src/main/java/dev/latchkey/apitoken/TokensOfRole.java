package dev.latchkey.apitoken;

import dev.latchkey.apitoken.ApiToken.State;
import dev.latchkey.database.Transaction;
import dev.latchkey.registry.RoleUse;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** How many active API tokens use each role. */
public final class TokensOfRole implements RoleUse {
    /** Up to this many expired tokens are subtracted. */
    private static final long MOST_EXPIRED = 100_000;

    private final Clock clock;
    private final ApiTokenStore store = new ApiTokenStore();
    private final ApiTokenListStore lists = new ApiTokenListStore();

    public TokensOfRole(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String kind() {
        return "token";
    }

    @Override
    public Map<Set<String>, Long> counts(Handle handle) {
        Map<String, Long> counts = new HashMap<>(ApiTokenCountStore.activeByRole(handle));
        for (State state : List.of(State.EXPIRED, State.NOT_YET_VALID)) {
            lists.byRole(handle, state, clock.instant(), MOST_EXPIRED)
                    .forEach((role, number) -> counts.computeIfPresent(role, (name, all) -> all - number));
        }
        counts.values().removeIf(number -> number <= 0);
        return counts.entrySet().stream()
                .collect(Collectors.toMap(entry -> Set.of(entry.getKey()), Map.Entry::getValue));
    }

    /** Nothing ends: an API token is already in its holder's hands, unlike an invitation that waits to be accepted. */
    @Override
    public long widened(Transaction transaction, Set<String> roles) {
        return 0;
    }

    @Override
    public long count(Handle handle, Set<String> roles, long limit) {
        return store.active(handle, roles, limit);
    }
}
