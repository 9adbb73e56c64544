package dev.latchkey.console;

import static dev.latchkey.access.ManagementApi.ROLES_READ;
import static dev.latchkey.access.ManagementApi.TOKENS_READ;

import dev.latchkey.access.Api;
import dev.latchkey.access.Caller;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.apitoken.TokensByRole;
import dev.latchkey.gate.Foresight;
import java.util.List;
import java.util.TreeSet;

/**
 * Who may call an endpoint, as the gate would decide.
 *
 * @param everyone whether it is public
 * @param roles by name; empty when the viewer may not read roles
 * @param tokens some that work now, wherever they may be used from; empty when the viewer may not read tokens
 * @param hasMore whether there may be further tokens
 */
public record EndpointCallers(boolean everyone, List<String> roles, List<ApiToken> tokens, boolean hasMore) {
    /** The most roles, and the most tokens, that a page shows. */
    public static final int MOST_SHOWN = 20;

    static EndpointCallers of(
            Foresight foresight, TokensByRole tokensByRole, Caller caller, Api api, Endpoint endpoint) {
        if (endpoint.requirement() instanceof Requirement.Nothing) {
            return new EndpointCallers(true, List.of(), List.of(), false);
        }
        Foresight.Look look = foresight.look();
        TreeSet<String> roles = new TreeSet<>();
        for (String role : look.roles()) {
            if (look.allows(api, endpoint, look.role(role))) {
                roles.add(role);
            }
        }
        List<String> named = caller.has(ROLES_READ) ? List.copyOf(roles) : List.of();
        if (!caller.has(TOKENS_READ)) {
            return new EndpointCallers(false, named, List.of(), false);
        }
        TokensByRole.Step step =
                tokensByRole.step(caller, roles, null, MOST_SHOWN, apiToken -> isOpenTo(look, api, endpoint, apiToken));
        return new EndpointCallers(false, named, step.found(), step.next() != null);
    }

    /** A token with addresses of its own may call it from one of them. */
    private static boolean isOpenTo(Foresight.Look look, Api api, Endpoint endpoint, ApiToken apiToken) {
        String address = apiToken.limits().addresses().isEmpty()
                ? null
                : apiToken.limits().addresses().getFirst().toString().replaceFirst("/.*", "");
        return look.allows(api, endpoint, look.token(apiToken, address));
    }
}
