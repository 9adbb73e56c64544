package dev.latchkey.blueprint;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Privilege;
import dev.latchkey.access.Role;
import dev.latchkey.access.RoleTerms;
import dev.latchkey.event.Change;
import dev.latchkey.path.PathCharacter;
import dev.latchkey.registry.EndpointBody;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** One change that leads from what there is to what a blueprint says. Each is made by one request, wholly or not at all. */
sealed interface Step {
    /** What happens. */
    enum Verb {
        CREATE("+"),
        CHANGE("~"),
        REMOVE("-");

        private final String sign;

        Verb(String sign) {
            this.sign = sign;
        }

        String sign() {
            return sign;
        }
    }

    Verb verb();

    /** What it happens to, such as {@code role reader}. */
    String subject();

    /** What is different afterwards, in the words of the audit log. */
    List<Change> changes();

    /** Of the account's settings. */
    record OfAccount(Map<String, @Nullable Object> body, List<Change> changes) implements Step {
        @Override
        public Verb verb() {
            return Verb.CHANGE;
        }

        @Override
        public String subject() {
            return "account";
        }
    }

    /**
     * Of a role.
     *
     * @param deniesNamed whether the blueprint says what the role denies
     */
    record OfRole(Verb verb, Role before, Role after, boolean deniesNamed, List<Change> changes) implements Step {
        String name() {
            return after.name();
        }

        @Override
        public String subject() {
            return "role " + name();
        }

        /** The request's body. */
        Map<String, Object> body() {
            RoleTerms terms = after.terms();
            List<Map<String, Object>> privileges = new ArrayList<>();
            terms.allowed().forEach(privilege -> privileges.add(grant(privilege, "allow")));
            terms.denied().forEach(privilege -> privileges.add(grant(privilege, "deny")));
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("description", terms.description());
            body.put("privileges", privileges);
            body.put("grantedRoles", terms.grantedRoles());
            body.put(Format.LIMITS, LimitsPart.written(terms.limits()));
            return body;
        }

        private static Map<String, Object> grant(Privilege privilege, String effect) {
            return Map.of("api", privilege.api(), "privilege", privilege.name(), "effect", effect);
        }
    }

    /**
     * The beginning of a trial.
     *
     * @param without what the role is tried without
     */
    record OfTrial(String role, SortedSet<Privilege> without) implements Step {
        @Override
        public Verb verb() {
            return Verb.CREATE;
        }

        @Override
        public String subject() {
            return "trial of the role " + role;
        }

        @Override
        public List<Change> changes() {
            return without.stream()
                    .map(privilege -> Change.set("without", privilege.toString()))
                    .toList();
        }

        /** The request's body. */
        Map<String, Object> body() {
            return Map.of(
                    "remove",
                    without.stream()
                            .map(privilege -> OfRole.grant(privilege, Format.ALLOW))
                            .toList());
        }
    }

    /** Of a registered API. */
    record OfApi(Verb verb, Api before, Api after, List<Change> changes) implements Step {
        String name() {
            return after.name();
        }

        @Override
        public String subject() {
            return "API " + name();
        }

        /** The request's body. */
        Map<String, @Nullable Object> body() {
            Map<String, @Nullable Object> keys = new HashMap<>();
            keys.put("bearer", after.keyPlaces().bearer());
            keys.put("header", after.keyPlaces().header());
            keys.put("basic", after.keyPlaces().basic());
            keys.put("query", after.keyPlaces().query());
            Map<String, @Nullable Object> body = new LinkedHashMap<>();
            body.put("description", after.description());
            body.put("audience", after.audience());
            body.put("hosts", after.hosts());
            body.put("basePath", after.basePath());
            body.put("pathCharacters", PathCharacter.spellings(after.endpoints().pathCharacters()));
            body.put(
                    "mcp",
                    after.endpoints().mcp() == null ? "" : after.endpoints().mcp());
            body.put(
                    "privileges",
                    after.privileges().entrySet().stream()
                            .map(privilege -> Map.of("name", privilege.getKey(), "description", privilege.getValue()))
                            .toList());
            body.put("scopes", after.scopes());
            body.put("apiKeys", keys);
            body.put("assertion", after.assertion());
            body.put(Format.LIMITS, LimitsPart.written(after.limits()));
            List<Endpoint> endpoints = List.copyOf(after.endpoints().all());
            if (verb == Verb.CREATE
                    || !endpoints.equals(List.copyOf(before.endpoints().all()))) {
                body.put("endpoints", endpoints.stream().map(EndpointBody::of).toList());
            }
            return body;
        }
    }

    /**
     * Of an API token.
     *
     * @param clientId empty for a new one
     * @param hasSecret whether the server makes a secret for it
     * @param matters whether it changes who can use it, at which addresses or when
     */
    record OfToken(
            Verb verb,
            String description,
            String clientId,
            String role,
            Map<String, @Nullable Object> body,
            boolean hasSecret,
            boolean matters,
            List<Change> changes)
            implements Step {
        @Override
        public String subject() {
            return "API token \"" + description + "\"" + (clientId.isEmpty() ? "" : " (" + clientId + ")");
        }

        @Override
        public String toString() {
            return subject();
        }
    }

    /** Another secret of an API token whose first one reached no one, because an earlier run was interrupted. */
    record OfSecret(String description, String clientId) implements Step {
        @Override
        public Verb verb() {
            return Verb.CREATE;
        }

        @Override
        public String subject() {
            return "secret of the API token \"" + description + "\", whose file is empty";
        }

        @Override
        public List<Change> changes() {
            return List.of();
        }
    }
}
