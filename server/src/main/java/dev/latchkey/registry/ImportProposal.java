package dev.latchkey.registry;

import dev.latchkey.access.Api;
import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.access.Privilege;
import dev.latchkey.openapi.DescribedOperation;
import dev.latchkey.openapi.Description;
import dev.latchkey.openapi.LeftOut;
import dev.latchkey.openapi.Security;
import dev.latchkey.problem.Problem.FieldError;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that an OpenAPI document proposes for an API, compared with those that it has. Nothing is decided here:
 * people see the proposal and may change it before they accept it.
 *
 * @param endpoints the operations of the document that can become endpoints
 * @param leftOut the other operations of the document, each with the reason
 * @param removed endpoints that the API has and the document does not
 * @param hints what to look at before accepting
 */
public record ImportProposal(
        List<Proposed> endpoints, List<LeftOut> leftOut, List<Endpoint> removed, List<String> hints) {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS", "QUERY");

    /** How a proposed endpoint differs from what the API has. */
    public enum Kind {
        ADDED,
        CHANGED,
        SAME
    }

    /**
     * One proposed endpoint.
     *
     * @param before the API's endpoint as it is now; null for a new one
     * @param note why the choice deserves a look; empty when it does not
     */
    public record Proposed(
            Endpoint endpoint, Kind kind, @Nullable Endpoint before, String note) {}

    /** What the document proposes for the API. */
    public static ImportProposal of(Api api, Description description) {
        return new Reading(api, description).proposal();
    }

    /** The endpoints as proposed, for a preview of what they open and close. */
    public List<Endpoint> accepted() {
        return endpoints.stream().map(Proposed::endpoint).toList();
    }

    /** One reading of a document for an API. */
    private static final class Reading {
        private final Api api;
        private final Description description;
        private final PrivilegeNames names;
        private final Map<String, Endpoint> known = new HashMap<>();
        private final Map<String, Endpoint> byShape = new HashMap<>();
        private final List<Proposed> proposed = new ArrayList<>();
        private final List<LeftOut> leftOut = new ArrayList<>();

        Reading(Api api, Description description) {
            this.api = api;
            this.description = description;
            this.names = new PrivilegeNames(description.operations().stream()
                    .filter(operation -> !(operation.security() instanceof Security.Scopes))
                    .toList());
            api.endpoints().all().forEach(endpoint -> known.put(endpoint.name(), endpoint));
        }

        ImportProposal proposal() {
            description.operations().forEach(this::propose);
            description.leftOut().forEach(this::leaveOut);
            keepCalls();
            return new ImportProposal(
                    proposed.stream()
                            .sorted((a, b) -> a.endpoint().compareTo(b.endpoint()))
                            .toList(),
                    List.copyOf(leftOut),
                    known.values().stream().sorted().toList(),
                    hints(api, description, names));
        }

        private void propose(DescribedOperation operation) {
            Endpoint before = known.get(operation.method() + " " + operation.path());
            Choice choice = choice(operation);
            // What people chose stays, unless the document itself names scopes.
            Requirement requirement = before != null && !choice.stated() ? before.requirement() : choice.requirement();
            Endpoint endpoint = new Endpoint(operation.method(), operation.path(), requirement, operation.summary());
            if (endpoint.method().equals("POST")
                    && endpoint.path().equals(api.endpoints().mcp())) {
                leaveOut(new LeftOut(
                        operation.method(),
                        operation.path(),
                        operation.where(),
                        "it is the MCP endpoint, whose calls are endpoints of their own",
                        false));
                return;
            }
            List<FieldError> faults = EndpointRules.faults(api.name(), api.basePath(), endpoint);
            if (faults.isEmpty()) {
                take(endpoint, before, operation, choice.note());
                return;
            }
            // Whether it would be valid if it needed something else.
            Endpoint open =
                    new Endpoint(operation.method(), operation.path(), new Requirement.AnyToken(), operation.summary());
            boolean possible =
                    EndpointRules.faults(api.name(), api.basePath(), open).isEmpty();
            leaveOut(new LeftOut(
                    operation.method(),
                    operation.path(),
                    operation.where(),
                    faults.getFirst().message().replaceFirst("\\.$", ""),
                    possible));
        }

        private void take(Endpoint endpoint, @Nullable Endpoint before, DescribedOperation operation, String note) {
            Endpoint same = byShape.putIfAbsent(EndpointRules.shape(api.basePath(), endpoint), endpoint);
            if (same != null) {
                leftOut.add(new LeftOut(
                        endpoint.method(),
                        endpoint.path(),
                        operation.where(),
                        "it takes the same requests as " + same.name(),
                        false));
                return;
            }
            known.remove(endpoint.name());
            Kind kind = before == null ? Kind.ADDED : before.equals(endpoint) ? Kind.SAME : Kind.CHANGED;
            String notes = (note + " " + operation.note()).strip();
            proposed.add(new Proposed(endpoint, kind, before, kind == Kind.SAME ? "" : notes));
        }

        /** No document can describe calls of MCP, so that it does not say that they are gone. */
        private void keepCalls() {
            List<Endpoint> calls =
                    known.values().stream().filter(Endpoint::isMcp).toList();
            for (Endpoint call : calls) {
                known.remove(call.name());
                proposed.add(new Proposed(
                        call, Kind.SAME, call, "It stays as it is: no OpenAPI document can describe a call of MCP."));
            }
        }

        /** An endpoint that the API has for the operation stays as it is: people or an import decided what it needs. */
        private void leaveOut(LeftOut operation) {
            List<Endpoint> stay = known.values().stream()
                    .filter(endpoint -> endpoint.path().equals(operation.path())
                            && (operation.method().isEmpty()
                                    || endpoint.method().equals(operation.method())))
                    .toList();
            for (Endpoint endpoint : stay) {
                known.remove(endpoint.name());
                byShape.putIfAbsent(EndpointRules.shape(api.basePath(), endpoint), endpoint);
                proposed.add(new Proposed(
                        endpoint,
                        Kind.SAME,
                        endpoint,
                        "It stays as it is: " + operation.where() + ": " + operation.reason() + "."));
            }
            if (stay.isEmpty()) {
                leftOut.add(operation);
            }
        }

        /** @param stated whether the document itself says so */
        private record Choice(Requirement requirement, boolean stated, String note) {}

        private Choice choice(DescribedOperation operation) {
            return switch (operation.security()) {
                case Security.Scopes scopes -> stated(scopes.alternatives());
                case Security.Open open ->
                    new Choice(
                            byTag(operation),
                            false,
                            "The document says that anyone may call it. Make it public if that is intended.");
                case Security.Unstated unstated -> new Choice(byTag(operation), false, "");
            };
        }

        private Choice stated(List<List<String>> alternatives) {
            String note = alternatives.size() == 1
                    ? ""
                    : "The document also accepts "
                            + String.join(
                                    ", or ",
                                    alternatives.stream()
                                            .skip(1)
                                            .map(scopes -> String.join(" and ", scopes))
                                            .toList())
                            + ".";
            return new Choice(Requirement.Holds.of(api.name(), alternatives.getFirst()), true, note);
        }

        /** {@code <name>:read} or {@code <name>:write}, by the method. */
        private Requirement byTag(DescribedOperation operation) {
            return new Requirement.Holds(new Privilege(
                    api.name(), names.of(operation) + (READS.contains(operation.method()) ? ":read" : ":write")));
        }
    }

    private static List<String> hints(Api api, Description description, PrivilegeNames names) {
        List<String> hints = new ArrayList<>();
        List<String> basePaths = description.servers().stream()
                .map(ImportProposal::pathOf)
                .distinct()
                .toList();
        if (!basePaths.isEmpty() && !basePaths.contains(api.basePath())) {
            hints.add("The document's servers have the base path "
                    + (basePaths.getFirst().isEmpty() ? "/" : basePaths.getFirst()) + ", this API has "
                    + (api.basePath().isEmpty() ? "none" : api.basePath())
                    + ". Change it in the API's settings, unless the gateway removes it.");
        }
        hints.addAll(names.hints());
        description.notices().forEach(notice -> hints.add(notice.where() + ": " + notice.message()));
        return hints;
    }

    private static String pathOf(String server) {
        try {
            String path = URI.create(server).getPath();
            return path == null ? "" : path.replaceAll("/+$", "");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
