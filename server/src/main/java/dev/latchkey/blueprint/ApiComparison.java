package dev.latchkey.blueprint;

import dev.latchkey.access.AccessPolicy;
import dev.latchkey.access.Api;
import dev.latchkey.access.ManagementApi;
import dev.latchkey.blueprint.Step.OfApi;
import dev.latchkey.blueprint.Step.Verb;
import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ImportProposal;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.client.OpenApiDocument;
import dev.latchkey.event.Change;
import dev.latchkey.problem.Json;
import dev.latchkey.problem.Problem;
import dev.latchkey.registry.ApiFacts;
import dev.latchkey.registry.ApiRules;
import dev.latchkey.registry.ApiTerms;
import dev.latchkey.registry.CreateApi;
import dev.latchkey.registry.UpdateApi;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Compares the APIs of a blueprint with those that are registered, by the server's own rules. */
final class ApiComparison {
    private final Blueprint blueprint;
    private final ServerState state;
    private final ApiRules rules;
    private final Path folder;
    private final Faults faults;
    private final List<String> notes;

    /**
     * @param folder where the paths of OpenAPI documents begin
     * @param notes takes what people should look at
     */
    ApiComparison(
            Blueprint blueprint, ServerState state, ApiRules rules, Path folder, Faults faults, List<String> notes) {
        this.blueprint = blueprint;
        this.state = state;
        this.rules = rules;
        this.folder = folder;
        this.faults = faults;
        this.notes = notes;
    }

    /** Whether the blueprint takes endpoints from OpenAPI documents, which only callers with apis:manage may have read. */
    static boolean importsAny(Blueprint blueprint) {
        return blueprint.part(Format.APIS).values().stream()
                .anyMatch(api -> Blueprint.members(api).containsKey(Format.OPENAPI));
    }

    /** The steps to what the blueprint says about APIs. */
    List<OfApi> steps() {
        List<OfApi> steps = new ArrayList<>();
        // APIs are compared with the others as they will be.
        AccessPolicy others = state.policy();
        for (Map.Entry<String, Object> entry : blueprint.part(Format.APIS).entrySet()) {
            Api old = state.freshApi(entry.getKey()).orElse(null);
            OfApi step = step(entry.getKey(), Blueprint.members(entry.getValue()), old, others);
            if (step != null) {
                others = others.with(step.after());
                steps.add(step);
            }
        }
        return steps;
    }

    private @Nullable OfApi step(String name, Map<String, Object> wanted, @Nullable Api old, AccessPolicy others) {
        if (name.equals(ManagementApi.NAME)) {
            faults.add("The API latchkey is Latchkey's own and cannot be changed.", Format.APIS, name);
            return null;
        }
        if (old == null && !wanted.containsKey("audience")) {
            faults.add("There is no API " + name + " yet. Add its audience, to register it.", Format.APIS, name);
            return null;
        }
        try {
            Map<String, Object> body = body(name, wanted, old);
            Api before = old == null ? Api.unregistered(name, Instant.EPOCH, "") : old;
            ApiTerms terms;
            if (old == null) {
                body.put("name", name);
                terms = Json.read(Json.writeText(body), CreateApi.class).terms();
            } else {
                terms = Json.read(Json.writeText(body), UpdateApi.class).applied(name, ApiTerms.of(old), body.keySet());
            }
            Api after = rules.validated(before, terms, others.apis());
            List<Change> changes = ApiFacts.between(before, after);
            return changes.isEmpty()
                    ? null
                    : new OfApi(old == null ? Verb.CREATE : Verb.CHANGE, before, after, changes);
        } catch (Problem problem) {
            faults.add(problem, Format.APIS, name);
            return null;
        }
    }

    private Map<String, Object> body(String name, Map<String, Object> wanted, @Nullable Api old) {
        Map<String, Object> body = new LinkedHashMap<>(wanted);
        if (body.remove(Format.PRIVILEGES) instanceof Map<?, ?> privileges) {
            body.put(
                    Format.PRIVILEGES,
                    privileges.entrySet().stream()
                            .map(entry -> Map.of("name", entry.getKey(), "description", entry.getValue()))
                            .toList());
        }
        if (body.remove(Format.ENDPOINTS) instanceof Map<?, ?> endpoints) {
            body.put(Format.ENDPOINTS, endpoints(endpoints));
        }
        Object document = body.remove(Format.OPENAPI);
        if (document != null && wanted.containsKey(Format.ENDPOINTS)) {
            faults.add(
                    "An API has endpoints or an OpenAPI document. Remove one of them.",
                    Format.APIS,
                    name,
                    Format.OPENAPI);
        } else if (document != null) {
            body.put(Format.ENDPOINTS, imported(name, document, old, String.valueOf(wanted.get("audience"))));
        }
        return body;
    }

    private static List<Map<String, Object>> endpoints(Map<?, ?> byName) {
        List<Map<String, Object>> endpoints = new ArrayList<>();
        byName.forEach((name, needs) -> {
            String[] parts = String.valueOf(name).split(" ", 2);
            Map<String, Object> endpoint = new LinkedHashMap<>();
            endpoint.put("method", parts[0]);
            endpoint.put("path", parts[1]);
            if (needs instanceof Map<?, ?> members) {
                members.forEach((member, value) -> endpoint.put(String.valueOf(member), value));
            } else {
                endpoint.put("privilege", needs);
            }
            endpoints.add(endpoint);
        });
        return endpoints;
    }

    private List<Map<String, Object>> imported(String name, Object document, @Nullable Api old, String audience) {
        Map<String, Object> members =
                document instanceof String path ? Map.of(Format.DOCUMENT, path) : Blueprint.members(document);
        StringBuilder query = new StringBuilder();
        if (members.get(Format.MAIN) != null) {
            query.append("?main=").append(encoded(members.get(Format.MAIN)));
        }
        if (old == null) {
            query.append(query.isEmpty() ? '?' : '&').append("audience=").append(encoded(audience));
        }
        byte[] upload;
        ImportProposal proposal;
        try {
            upload = OpenApiDocument.bytes(folder.resolve(String.valueOf(members.get(Format.DOCUMENT))));
            proposal = Json.readText(
                    state.client()
                            .post(ServerState.apiPath(name) + "/imports" + query, upload)
                            .body(),
                    ImportProposal.class);
        } catch (FailedCallException e) {
            faults.add(String.valueOf(e.getMessage()), Format.APIS, name, Format.OPENAPI);
            return List.of();
        }
        Map<String, Object> needs = Blueprint.members(members.get(Format.NEEDS));
        // An operation that an earlier run took in is among the endpoints that stay.
        List<Map<String, Object>> endpoints = new ArrayList<>(proposal.endpoints().stream()
                .map(ImportProposal.Proposed::endpoint)
                .filter(endpoint -> !needs.containsKey(name(endpoint)))
                .toList());
        endpoints.addAll(endpoints(needs));
        needs.keySet().stream()
                .filter(need -> !isIn(proposal, need))
                .forEach(need -> faults.add(
                        "The document has no operation " + need + " that can be imported.",
                        Format.APIS,
                        name,
                        Format.OPENAPI,
                        Format.NEEDS,
                        need));
        proposal.leftOut().stream()
                .filter(one -> !needs.containsKey(one.name()))
                .forEach(one -> notes.add("API " + name + ": " + one.name() + " is left out and denied. " + one.where()
                        + ": " + one.reason() + "."));
        return endpoints;
    }

    private static boolean isIn(ImportProposal proposal, String operation) {
        return proposal.leftOut().stream()
                        .anyMatch(one -> one.possible() && one.name().equals(operation))
                || proposal.endpoints().stream()
                        .anyMatch(one -> name(one.endpoint()).equals(operation));
    }

    private static String name(Map<String, Object> endpoint) {
        return endpoint.get("method") + " " + endpoint.get("path");
    }

    private static String encoded(@Nullable Object text) {
        return ManagementClient.encoded(String.valueOf(text));
    }
}
