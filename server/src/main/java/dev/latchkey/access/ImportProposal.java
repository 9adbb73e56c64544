package dev.latchkey.access;

import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.openapi.DescribedOperation;
import dev.latchkey.openapi.Description;
import dev.latchkey.openapi.Security;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The endpoints that an OpenAPI document proposes for an API, beside those that it has. Nothing is decided here: people
 * see the proposal and may change it before it counts.
 *
 * @param endpoints all that the document has
 * @param removed what the API has and the document has not
 * @param hints what to look at before accepting
 */
public record ImportProposal(List<Proposed> endpoints, List<Endpoint> removed, List<String> hints) {
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    /** How a proposed endpoint differs from what the API has. */
    public enum Kind {
        ADDED,
        CHANGED,
        SAME
    }

    /**
     * One proposed endpoint.
     *
     * @param before what the API's endpoint needs now; empty for a new one
     * @param note why the choice deserves a look; empty when it does not
     */
    public record Proposed(Endpoint endpoint, Kind kind, String before, String note) {}

    /** What the document means for the API. */
    public static ImportProposal of(Api api, Description description) {
        Map<String, Endpoint> known = new HashMap<>();
        api.endpoints().all().forEach(endpoint -> known.put(endpoint.name(), endpoint));
        List<Proposed> proposed = new ArrayList<>();
        for (DescribedOperation operation : description.operations()) {
            Endpoint before = known.remove(operation.method() + " " + operation.path());
            Choice choice = choice(api.name(), operation);
            // What people chose stays, unless the document itself names another scope.
            Requirement requirement = before != null && !choice.stated() ? before.requirement() : choice.requirement();
            Endpoint endpoint = new Endpoint(operation.method(), operation.path(), requirement, operation.summary());
            Kind kind = before == null ? Kind.ADDED : before.equals(endpoint) ? Kind.SAME : Kind.CHANGED;
            proposed.add(new Proposed(
                    endpoint,
                    kind,
                    before == null ? "" : before.requirement().text(),
                    kind == Kind.SAME ? "" : choice.note()));
        }
        return new ImportProposal(
                proposed.stream()
                        .sorted((a, b) -> a.endpoint().compareTo(b.endpoint()))
                        .toList(),
                known.values().stream().sorted().toList(),
                hints(api, description));
    }

    /** The endpoints as proposed, for a preview of what they open and close. */
    public List<Endpoint> accepted() {
        return endpoints.stream().map(Proposed::endpoint).toList();
    }

    /** @param stated whether the document says it itself */
    private record Choice(Requirement requirement, boolean stated, String note) {}

    private static Choice choice(String api, DescribedOperation operation) {
        return switch (operation.security()) {
            case Security.Scopes scopes -> stated(api, scopes.alternatives());
            case Security.Open open ->
                new Choice(
                        byTag(api, operation),
                        false,
                        "The document says that anybody may call it. Make it public if that is meant.");
            case Security.Unstated unstated -> new Choice(byTag(api, operation), false, "");
        };
    }

    private static Choice stated(String api, List<List<String>> alternatives) {
        List<String> first = alternatives.getFirst();
        String note = "";
        if (first.size() > 1) {
            note = "The document asks for " + String.join(" and ", first)
                    + " together; an endpoint needs one privilege, so this is one of its own.";
        } else if (alternatives.size() > 1) {
            note = "The document also accepts "
                    + String.join(
                            ", or ",
                            alternatives.stream()
                                    .skip(1)
                                    .map(scopes -> String.join(" and ", scopes))
                                    .toList())
                    + ".";
        }
        return new Choice(new Requirement.Holds(new Privilege(api, String.join("+", first))), true, note);
    }

    /** {@code <tag>:read} or {@code <tag>:write}, by the method; without a tag by the first word of the path. */
    private static Requirement byTag(String api, DescribedOperation operation) {
        String subject = operation.tags().isEmpty()
                ? firstWord(operation.path())
                : operation.tags().getFirst();
        String slug =
                subject.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        if (slug.isEmpty()) {
            slug = "api";
        }
        slug = slug.length() > 100 ? slug.substring(0, 100) : slug;
        return new Requirement.Holds(
                new Privilege(api, slug + (READS.contains(operation.method()) ? ":read" : ":write")));
    }

    private static String firstWord(String path) {
        for (String segment : path.split("/", -1)) {
            if (!segment.isEmpty() && segment.indexOf('{') < 0 && !segment.matches("v\\d+(\\.\\d+)*")) {
                return segment;
            }
        }
        return "";
    }

    private static List<String> hints(Api api, Description description) {
        List<String> hints = new ArrayList<>();
        List<String> basePaths = description.servers().stream()
                .map(ImportProposal::pathOf)
                .distinct()
                .toList();
        if (!basePaths.isEmpty() && !basePaths.contains(api.basePath())) {
            hints.add("The document's servers have the base path "
                    + (basePaths.getFirst().isEmpty() ? "/" : basePaths.getFirst()) + ", this API has "
                    + (api.basePath().isEmpty() ? "none" : api.basePath())
                    + ". Change it in the API's settings, unless the gateway takes it away.");
        }
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
