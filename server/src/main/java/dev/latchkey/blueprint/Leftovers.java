package dev.latchkey.blueprint;

import dev.latchkey.access.Api;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiTokenJson.TokenReply;
import dev.latchkey.blueprint.Step.OfApi;
import dev.latchkey.blueprint.Step.OfRole;
import dev.latchkey.blueprint.Step.OfToken;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.client.ManagementClient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what a blueprint of this name made with this API token and no longer names. The audit log says what made a thing: the
 * event of its creation has the client id and the name that the command gave itself. No one can forge that for what they did
 * not create, and there is no second list to keep.
 */
final class Leftovers {
    private final ServerState state;
    private final Blueprint blueprint;
    private final String mark;

    /** @param mark the name that the command gives itself when it creates something */
    Leftovers(ServerState state, Blueprint blueprint, String mark) {
        this.state = state;
        this.blueprint = blueprint;
        this.mark = mark;
    }

    /** @param namedTokens the client ids of the tokens that the blueprint names */
    List<Step> steps(TokenComparison tokens, Set<String> namedTokens) {
        List<Step> steps = new ArrayList<>();
        for (String clientId : created("api_token")) {
            if (!namedTokens.contains(clientId)) {
                tokens.byClientId(clientId).map(Leftovers::revocation).ifPresent(steps::add);
            }
        }
        for (String name : created("role")) {
            if (!blueprint.part(Format.ROLES).containsKey(name) && isStill("role", name)) {
                state.freshRole(name).map(Leftovers::removal).ifPresent(steps::add);
            }
        }
        for (String name : created("api")) {
            if (!blueprint.part(Format.APIS).containsKey(name) && isStill("api", name)) {
                state.freshApi(name).map(Leftovers::removal).ifPresent(steps::add);
            }
        }
        return steps;
    }

    private static Step revocation(TokenReply token) {
        return new OfToken(
                Verb.REMOVE, token.description(), token.clientId(), token.role(), Map.of(), false, true, List.of());
    }

    private static Step removal(Role role) {
        return new OfRole(Verb.REMOVE, role, role, false, List.of());
    }

    private static Step removal(Api api) {
        return new OfApi(Verb.REMOVE, api, api, List.of());
    }

    /** The targets of the events by which this blueprint created things of a kind. */
    private Set<String> created(String kind) {
        Map<String, Boolean> targets = new LinkedHashMap<>();
        state
                .client()
                .all("/events?operation=" + kind + ".create&actor=" + ManagementClient.encoded(state.callerId()))
                .stream()
                .filter(this::isOurs)
                .forEach(event -> targets.put(target(event), true));
        return targets.keySet();
    }

    private boolean isOurs(Map<String, Object> event) {
        return mark.equals(event.get("userAgent"))
                && state.callerId().equals(Blueprint.members(event.get("actor")).get("id"));
    }

    private static String target(Map<String, Object> event) {
        return String.valueOf(Blueprint.members(event.get("target")).get("id"));
    }

    /** Whether what has the name today is what this blueprint created, and not another that took the name later. */
    private boolean isStill(String kind, String name) {
        Map<String, Object> page = state.client()
                .get("/events?pageSize=1&operation=" + kind + ".create&target="
                        + ManagementClient.encoded(kind + ":" + name))
                .members();
        List<?> items = Blueprint.items(page.get("items"));
        return !items.isEmpty() && isOurs(Blueprint.members(items.getFirst()));
    }
}
