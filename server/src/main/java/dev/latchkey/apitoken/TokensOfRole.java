package dev.latchkey.apitoken;

import dev.latchkey.access.RoleUse;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** How many active API tokens use each role. */
public final class TokensOfRole implements RoleUse {
    private final ApiTokenStore store = new ApiTokenStore();

    @Override
    public String kind() {
        return "token";
    }

    @Override
    public Map<String, Long> counts(Handle handle) {
        return ApiTokenCountStore.activeByRole(handle);
    }

    @Override
    public long count(Handle handle, String role, long limit) {
        return store.active(handle, role, limit);
    }
}
