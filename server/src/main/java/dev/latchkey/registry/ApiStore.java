package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Endpoints;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Privilege;
import dev.latchkey.database.Transaction;
import dev.latchkey.limit.CallLimits;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.problem.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The statements of registered APIs, their hosts, privileges and endpoints. */
final class ApiStore {

    private record HostRow(String api, String host) {}

    private record PrivilegeRow(String api, String name, String description) {}

    private record ScopeRow(String api, String scope, String privilege) {}

    private record EndpointRow(String api, Endpoint endpoint) {}

    /** All APIs, by name. */
    List<Api> all(Handle handle) {
        Map<String, List<String>> hosts = new HashMap<>();
        handle.createQuery("select api_name, host from api_host order by api_name, host")
                .map((row, context) -> new HostRow(row.getString("api_name"), row.getString("host")))
                .forEach(row -> hosts.computeIfAbsent(row.api(), unused -> new ArrayList<>())
                        .add(row.host()));
        Map<String, SortedMap<String, String>> privileges = new HashMap<>();
        handle.createQuery("select api_name, privilege_name, description from api_privilege")
                .map((row, context) -> new PrivilegeRow(
                        row.getString("api_name"), row.getString("privilege_name"), row.getString("description")))
                .forEach(row -> privileges
                        .computeIfAbsent(row.api(), unused -> new TreeMap<>())
                        .put(row.name(), row.description()));
        Map<String, SortedMap<String, String>> scopes = new HashMap<>();
        handle.createQuery("select api_name, scope, privilege_name from api_scope")
                .map((row, context) -> new ScopeRow(
                        row.getString("api_name"),
                        row.getString("scope"),
                        Objects.requireNonNullElse(row.getString("privilege_name"), "")))
                .forEach(row -> scopes.computeIfAbsent(row.api(), unused -> new TreeMap<>())
                        .put(row.scope(), row.privilege()));
        Map<String, List<Endpoint>> endpoints = new HashMap<>();
        handle.createQuery("select api_name, method, path, access, privilege_names, summary from api_endpoint")
                .map((row, context) -> new EndpointRow(
                        row.getString("api_name"),
                        new Endpoint(
                                row.getString("method"),
                                row.getString("path"),
                                requirement(
                                        row.getString("api_name"),
                                        row.getString("access"),
                                        row.getString("privilege_names")),
                                row.getString("summary"))))
                .forEach(row -> endpoints
                        .computeIfAbsent(row.api(), unused -> new ArrayList<>())
                        .add(row.endpoint()));
        return handle.createQuery(
                        "select api_name, description, audience, base_path, path_characters, mcp_path,"
                                + " key_places, assertion, call_limits, created_at, created_by, version from api order by api_name")
                .map((row, context) -> {
                    String name = row.getString("api_name");
                    String basePath = row.getString("base_path");
                    return new Api(
                            name,
                            row.getString("description"),
                            row.getString("audience"),
                            List.copyOf(hosts.getOrDefault(name, List.of())),
                            basePath,
                            privileges.getOrDefault(name, new TreeMap<>()),
                            scopes.getOrDefault(name, new TreeMap<>()),
                            keyPlaces(row.getString("key_places")),
                            row.getInt("assertion") != 0,
                            CallLimits.stored(row.getString("call_limits")),
                            new Endpoints(
                                    basePath,
                                    endpoints.getOrDefault(name, List.of()),
                                    PathCharacter.allNamed(List.of(
                                            row.getString("path_characters").split(" ", -1))),
                                    row.getString("mcp_path")),
                            Instant.ofEpochMilli(row.getLong("created_at")),
                            row.getString("created_by"),
                            row.getLong("version"));
                })
                .list();
    }

    private static KeyPlaces keyPlaces(@Nullable String json) {
        return json == null ? KeyPlaces.NONE : Json.readKnown(json, KeyPlaces.class);
    }

    private static @Nullable String keyPlaces(Api api) {
        return api.keyPlaces().takesNone() ? null : Json.writeText(api.keyPlaces());
    }

    /** Whether a registered API has the privilege. */
    boolean hasPrivilege(Handle handle, Privilege privilege) {
        return handle.createQuery("select count(*) from api_privilege where api_name = :api and privilege_name = :name")
                        .bind("api", privilege.api())
                        .bind("name", privilege.name())
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    void insert(Transaction transaction, Api api) {
        transaction
                .update("insert into api (api_name, description, audience, base_path, path_characters, mcp_path,"
                        + " key_places, assertion, call_limits, created_at, created_by, version) values (:name,"
                        + " :description, :audience, :basePath, :pathCharacters, :mcp, :keyPlaces, :assertion, :limits,"
                        + " :createdAt, :createdBy, :version)")
                .bind("name", api.name())
                .bind("description", api.description())
                .bind("audience", api.audience())
                .bind("basePath", api.basePath())
                .bind("pathCharacters", pathCharacters(api))
                .bind("mcp", api.endpoints().mcp())
                .bind("keyPlaces", keyPlaces(api))
                .bind("assertion", api.assertion() ? 1 : 0)
                .bind("limits", api.limits().stored())
                .bind("createdAt", api.createdAt().toEpochMilli())
                .bind("createdBy", api.createdBy())
                .bind("version", api.version())
                .execute();
        insertParts(transaction, api);
    }

    void update(Transaction transaction, Api api) {
        transaction
                .update("update api set description = :description, audience = :audience, base_path = :basePath,"
                        + " path_characters = :pathCharacters, mcp_path = :mcp, key_places = :keyPlaces,"
                        + " assertion = :assertion, call_limits = :limits,"
                        + " version = :version where api_name = :name")
                .bind("name", api.name())
                .bind("description", api.description())
                .bind("audience", api.audience())
                .bind("basePath", api.basePath())
                .bind("pathCharacters", pathCharacters(api))
                .bind("mcp", api.endpoints().mcp())
                .bind("keyPlaces", keyPlaces(api))
                .bind("assertion", api.assertion() ? 1 : 0)
                .bind("limits", api.limits().stored())
                .bind("version", api.version())
                .execute();
        for (String table : List.of("api_host", "api_privilege", "api_scope", "api_endpoint")) {
            delete(transaction, table, api.name());
        }
        insertParts(transaction, api);
    }

    void delete(Transaction transaction, String name) {
        delete(transaction, "api", name);
    }

    private static void delete(Transaction transaction, String table, String name) {
        transaction
                .update("delete from " + table + " where api_name = :name")
                .bind("name", name)
                .execute();
    }

    private static void insertParts(Transaction transaction, Api api) {
        for (String host : api.hosts()) {
            transaction
                    .update("insert into api_host (api_name, host) values (:name, :host)")
                    .bind("name", api.name())
                    .bind("host", host)
                    .execute();
        }
        if (!api.privileges().isEmpty()) {
            try (PreparedBatch batch = transaction
                    .handle()
                    .prepareBatch("insert into api_privilege (api_name, privilege_name, description) values (:api,"
                            + " :privilege, :description)")) {
                api.privileges()
                        .forEach((privilege, description) -> batch.bind("api", api.name())
                                .bind("privilege", privilege)
                                .bind("description", description)
                                .add());
                batch.execute();
            }
        }
        api.scopes()
                .forEach((scope, privilege) -> transaction
                        .update(
                                "insert into api_scope (api_name, scope, privilege_name) values (:name, :scope, :privilege)")
                        .bind("name", api.name())
                        .bind("scope", scope)
                        .bind("privilege", privilege.isEmpty() ? null : privilege)
                        .execute());
        if (api.endpoints().count() > 0) {
            try (PreparedBatch batch = transaction
                    .handle()
                    .prepareBatch("insert into api_endpoint (api_name, method, path, access, privilege_names, summary)"
                            + " values (:api, :method, :path, :access, :privileges, :summary)")) {
                for (Endpoint endpoint : api.endpoints().all()) {
                    batch.bind("api", api.name())
                            .bind("method", endpoint.method())
                            .bind("path", endpoint.path())
                            .bind("access", access(endpoint.requirement()))
                            .bind("privileges", privileges(endpoint.requirement()))
                            .bind("summary", endpoint.summary())
                            .add();
                }
                batch.execute();
            }
        }
    }

    private static String pathCharacters(Api api) {
        return String.join(" ", PathCharacter.spellings(api.endpoints().pathCharacters()));
    }

    private static String access(Requirement requirement) {
        return switch (requirement) {
            case Requirement.Holds holds -> "privilege";
            case Requirement.AnyToken anyToken -> "token";
            case Requirement.Nothing nothing -> "public";
        };
    }

    private static @Nullable String privileges(Requirement requirement) {
        return requirement instanceof Requirement.Holds holds ? String.join(" ", holds.names()) : null;
    }

    private static Requirement requirement(String api, String access, @Nullable String privileges) {
        if (privileges != null) {
            return Requirement.Holds.of(api, List.of(privileges.split(" ", -1)));
        }
        return switch (access) {
            case "token" -> new Requirement.AnyToken();
            case "public" -> new Requirement.Nothing();
            // A newer node stored it. No privilege can have this name, so no one has it.
            default -> Requirement.Holds.of(api, List.of("unknown access " + access));
        };
    }
}
