package dev.latchkey.apitoken;

import dev.latchkey.access.RoleUse;
import dev.latchkey.database.Transaction;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** How many active API tokens use each role. */
public final class TokensOfRole implements RoleUse {
    private final ApiTokenStore store = new ApiTokenStore();

    @Override
    public String kind() {
        return "token";
    }

    @Override
    public Map<Set<String>, Long> counts(Handle handle) {
        return ApiTokenCountStore.activeByRole(handle).entrySet().stream()
                .collect(Collectors.toMap(entry -> Set.of(entry.getKey()), Map.Entry::getValue));
    }

    /** Whoever holds a token holds it already. */
    @Override
    public long widened(Transaction transaction, Set<String> roles) {
        return 0;
    }

    @Override
    public long count(Handle handle, Set<String> roles, long limit) {
        return store.active(handle, roles, limit);
    }
}
