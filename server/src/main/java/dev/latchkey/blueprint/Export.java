package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.KeyPlaces;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.apitoken.ApiTokenJson.TokenReply;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.management.LimitsBody;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.problem.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Writes what there is as a blueprint, of which a plan then says that there is nothing to do. What is empty is left out. */
final class Export {
    private static final int MAX_TOKENS = 10_000;

    /** Editors look for the schema next to the file. */
    private static final String SCHEMA_LINE = "# yaml-language-server: $schema=blueprint.schema.json\n";

    private final ServerState state;

    Export(ServerState state) {
        this.state = state;
    }

    /**
     * The blueprint as text.
     *
     * @param name marks what it makes
     * @param withTokens whether API tokens are in it
     */
    String text(String name, boolean withTokens) {
        AccessPolicy policy = state.policy();
        Map<String, Object> root = new LinkedHashMap<>();
        root.put(Format.VERSION_FIELD, Format.VERSION);
        root.put(Format.NAME, name);
        root.put(Format.ACCOUNT, account());
        Map<String, Object> apis = new LinkedHashMap<>();
        policy.apis().forEach(api -> apis.put(api.name(), api(api)));
        root.put(Format.APIS, apis);
        Map<String, Object> roles = new LinkedHashMap<>();
        policy.roles().stream().filter(Role::isChangeable).forEach(role -> roles.put(role.name(), role(role)));
        root.put(Format.ROLES, roles);
        if (withTokens) {
            root.put(Format.TOKENS, tokens());
        }
        DumpSettings settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(2)
                .setIndentWithIndicator(true)
                .setWidth(160)
                .setSplitLines(false)
                .setDereferenceAliases(true)
                .build();
        return SCHEMA_LINE + new Dump(settings).dumpToString(root);
    }

    private Map<String, Object> account() {
        Map<String, Object> reply = state.client().get(Comparison.ACCOUNT_PATH).members();
        Map<String, Object> account = new LinkedHashMap<>();
        for (String field : List.of("name", "longestTokenDays", "longestKeyDays", "keysNeedAddresses", Format.LIMITS)) {
            put(account, field, reply.get(field));
        }
        return account;
    }

    private static Map<String, Object> api(Api api) {
        Map<String, Object> members = new LinkedHashMap<>();
        put(members, "description", api.description());
        put(members, "audience", api.audience());
        put(members, "hosts", api.hosts());
        put(members, "basePath", api.basePath());
        put(members, "pathCharacters", PathCharacter.spellings(api.endpoints().pathCharacters()));
        put(members, "mcp", api.endpoints().mcp());
        put(members, Format.PRIVILEGES, new LinkedHashMap<>(api.privileges()));
        put(members, "scopes", new LinkedHashMap<>(api.scopes()));
        KeyPlaces places = api.keyPlaces();
        if (!places.takesNone()) {
            Map<String, Object> keys = new LinkedHashMap<>();
            put(keys, "bearer", places.bearer() ? true : null);
            put(keys, "header", places.header());
            put(keys, "basic", places.basic() ? true : null);
            put(keys, "query", places.query());
            members.put("apiKeys", keys);
        }
        put(members, "assertion", api.assertion() ? true : null);
        put(members, Format.LIMITS, LimitsPart.written(api.limits()));
        Map<String, Object> endpoints = new LinkedHashMap<>();
        api.endpoints().all().forEach(endpoint -> endpoints.put(endpoint.name(), needs(endpoint)));
        members.put(Format.ENDPOINTS, endpoints);
        return members;
    }

    /** A line where that is enough. */
    private static Object needs(Endpoint endpoint) {
        Map<String, Object> members = new LinkedHashMap<>();
        switch (endpoint.requirement()) {
            case Requirement.Holds holds
            when holds.names().size() == 1 -> {
                if (endpoint.summary().isEmpty()) {
                    return holds.names().getFirst();
                }
                members.put("privilege", holds.names().getFirst());
            }
            case Requirement.Holds holds -> members.put(Format.PRIVILEGES, holds.names());
            case Requirement.AnyToken anyToken -> members.put("access", "token");
            case Requirement.Nothing nothing -> members.put("access", "public");
        }
        put(members, "summary", endpoint.summary());
        return members;
    }

    private static Map<String, Object> role(Role role) {
        Map<String, Object> members = new LinkedHashMap<>();
        put(members, Format.DESCRIPTION, role.description());
        members.put(Format.ALLOW, byApi(role.allowed()));
        put(members, Format.DENY, byApi(role.denied()));
        put(members, "grantedRoles", List.copyOf(role.grantedRoles()));
        put(members, Format.LIMITS, LimitsPart.written(role.limits()));
        return members;
    }

    private static Map<String, List<String>> byApi(Collection<Privilege> privileges) {
        Map<String, List<String>> byApi = new LinkedHashMap<>();
        privileges.forEach(privilege -> byApi.computeIfAbsent(privilege.api(), unused -> new ArrayList<>())
                .add(privilege.name()));
        return byApi;
    }

    private List<Map<String, Object>> tokens() {
        List<TokenReply> tokens = new ArrayList<>();
        Map<String, Integer> uses = new HashMap<>();
        state.client().each("/tokens?status=active&sort=description", item -> {
            TokenReply token = TokenComparison.reply(item);
            // Its key was issued elsewhere; no file can make it.
            if (token.foreign() == null) {
                if (tokens.size() == MAX_TOKENS) {
                    throw FailedCallException.refused(
                            "There are more than " + MAX_TOKENS + " API tokens. Leave them out with --without-tokens.");
                }
                tokens.add(token);
                uses.merge(token.description(), 1, Integer::sum);
            }
        });
        return tokens.stream()
                .map(token -> token(token, Objects.requireNonNullElse(uses.get(token.description()), 1) > 1))
                .toList();
    }

    private static Map<String, Object> token(TokenReply token, boolean ambiguous) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put(Format.DESCRIPTION, token.description());
        put(members, Format.CLIENT_ID, ambiguous ? token.clientId() : null);
        members.put(Format.ROLE, token.role());
        if (!token.authentication().method().equals("client_secret")) {
            members.put("authentication", Json.readText(Json.writeText(token.authentication()), Map.class));
        }
        put(members, "senderConstraint", token.senderConstraint().equals("none") ? null : token.senderConstraint());
        put(members, "actsFor", token.actsFor());
        put(members, "defaultResource", token.defaultResource());
        put(members, "nameInAccessTokens", token.nameInAccessTokens());
        put(
                members,
                "notBefore",
                token.notBefore() == null ? null : token.notBefore().toString());
        put(
                members,
                "expiresAt",
                token.expiresAt() == null ? null : token.expiresAt().toString());
        put(members, "allowedAddresses", token.allowedAddresses());
        put(members, Format.LIMITS, LimitsPart.written(LimitsBody.limits(token.limits())));
        return members;
    }

    private static void put(Map<String, Object> members, String name, @Nullable Object value) {
        boolean empty = value == null
                || value instanceof String text && text.isEmpty()
                || value instanceof Collection<?> items && items.isEmpty()
                || value instanceof Map<?, ?> map && map.isEmpty();
        if (!empty) {
            members.put(name, value);
        }
    }
}
