package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.Role;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.client.ManagementClient.Reply;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.problem.Json;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.CreateApi;
import dev.latchkey.registry.CreateRole;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What there is on the server, and at which version. */
final class ServerState {
    /** A field of a reply that is not part of what people choose belongs to no request. */
    private static final List<String> API_FIELDS = List.of(
            "name",
            "description",
            "audience",
            "hosts",
            "basePath",
            "pathCharacters",
            "mcp",
            "privileges",
            "scopes",
            "apiKeys",
            "assertion",
            "limits");

    private static final List<String> ENDPOINT_FIELDS =
            List.of("method", "path", "access", "privilege", "privileges", "summary");
    private static final List<String> ROLE_FIELDS =
            List.of("name", "description", "privileges", "grantedRoles", "limits");

    private final ManagementClient client;
    private final String callerId;
    private final Set<String> privileges = new TreeSet<>();
    private final Map<String, Role> roles = new TreeMap<>();
    private final Map<String, Api> apis = new TreeMap<>();
    private final Map<String, Long> tokensOfRoles = new HashMap<>();
    private final Map<String, String> versions = new HashMap<>();

    private ServerState(ManagementClient client) {
        this.client = client;
        Map<String, Object> me = client.get("/me").members();
        callerId = String.valueOf(me.get("id"));
        Blueprint.items(me.get("privileges")).forEach(item -> {
            Map<String, Object> privilege = Blueprint.members(item);
            if ("latchkey".equals(privilege.get("api"))) {
                privileges.add(String.valueOf(privilege.get("privilege")));
            }
        });
    }

    /**
     * Reads all roles and APIs.
     *
     * @param needed the privileges that the caller must have for what it is about to do
     * @throws FailedCallException that names all privileges that it lacks
     */
    static ServerState read(ManagementClient client, Set<String> needed) {
        ServerState state = new ServerState(client);
        state.require(needed);
        for (Map<String, Object> item : client.all("/roles")) {
            Role role = role(item, 1);
            state.roles.put(role.name(), role);
            state.tokensOfRoles.put(role.name(), number(item.get("directTokens")));
        }
        for (Map<String, Object> item : client.all("/apis")) {
            Api api = state.api(item, 1);
            state.apis.put(api.name(), api);
        }
        return state;
    }

    /** @throws FailedCallException that names all privileges that the caller lacks */
    void require(Set<String> needed) {
        Set<String> missing = new TreeSet<>(needed);
        missing.removeAll(privileges);
        if (!missing.isEmpty()) {
            throw FailedCallException.refused("The role of this API token lacks " + String.join(", ", missing)
                    + ". Nothing has changed. It needs " + String.join(", ", new TreeSet<>(needed)) + " for this.");
        }
    }

    ManagementClient client() {
        return client;
    }

    /** The client id of the API token that everything is done with. */
    String callerId() {
        return callerId;
    }

    AccessPolicy policy() {
        return new AccessPolicy(roles.values(), apis.values());
    }

    /** How many active API tokens each role is assigned to. */
    Map<String, Long> tokensOfRoles() {
        return tokensOfRoles;
    }

    /** The role, read again together with its version; empty when there is none. */
    Optional<Role> freshRole(String name) {
        Optional<Reply> reply = client.find(rolePath(name));
        roles.remove(name);
        reply.ifPresent(found -> {
            versions.put(rolePath(name), found.version());
            roles.put(name, role(found.members(), 1));
        });
        return Optional.ofNullable(roles.get(name));
    }

    /** The API, read again together with its version; empty when there is none. */
    Optional<Api> freshApi(String name) {
        Optional<Reply> reply = client.find(apiPath(name));
        apis.remove(name);
        reply.ifPresent(found -> {
            versions.put(apiPath(name), found.version());
            apis.put(name, api(found.members(), 1));
        });
        return Optional.ofNullable(apis.get(name));
    }

    /** The version at which something was seen or left. */
    String version(String path) {
        return versions.getOrDefault(path, "*");
    }

    void note(String path, Reply reply) {
        versions.put(path, reply.version());
    }

    static String rolePath(String name) {
        return "/roles/" + name;
    }

    static String apiPath(String name) {
        return "/apis/" + name;
    }

    static String tokenPath(String clientId) {
        return "/tokens/" + clientId;
    }

    private static Role role(Map<String, Object> reply, long version) {
        CreateRole role = Json.readText(Json.writeText(only(ROLE_FIELDS, reply)), CreateRole.class);
        return new Role(role.name(), role.terms(), Instant.EPOCH, "", version);
    }

    private Api api(Map<String, Object> reply, long version) {
        Map<String, Object> body = only(API_FIELDS, reply);
        List<Map<String, Object>> endpoints = new ArrayList<>();
        client.all(apiPath(String.valueOf(reply.get("name"))) + "/endpoints")
                .forEach(endpoint -> endpoints.add(only(ENDPOINT_FIELDS, endpoint)));
        body.put("endpoints", endpoints);
        CreateApi api = Json.readText(Json.writeText(body), CreateApi.class);
        ApiTerms terms = api.terms();
        return new Api(
                api.name(),
                terms.description(),
                terms.audience(),
                terms.hosts(),
                terms.basePath(),
                terms.privileges(),
                terms.scopes(),
                terms.keyPlaces(),
                terms.assertion(),
                terms.limits(),
                new Endpoints(
                        terms.basePath(),
                        terms.endpoints(),
                        PathCharacter.allNamed(terms.pathCharacters()),
                        terms.mcp()),
                Instant.EPOCH,
                "",
                version);
    }

    /** Without the fields that a newer server may have in addition. */
    static Map<String, Object> only(List<String> fields, Map<String, Object> reply) {
        Map<String, Object> some = new LinkedHashMap<>();
        fields.forEach(field -> {
            if (reply.containsKey(field)) {
                some.put(field, reply.get(field));
            }
        });
        return some;
    }

    private static long number(@Nullable Object value) {
        return value instanceof java.lang.Number number ? number.longValue() : 0;
    }
}
