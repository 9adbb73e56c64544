package dev.latchkey.registry;

import dev.latchkey.access.Endpoint;
import dev.latchkey.access.Endpoint.Requirement;
import dev.latchkey.management.Doc;
import dev.latchkey.problem.Problem;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An endpoint of an API. */
public record EndpointBody(
        @Doc("Upper case, or MCP for calls of an MCP server")
        String method,

        @Doc("A template below the base path, such as /invoices/{id} or /files/{path...}")
        String path,

        @Doc("privilege: a token whose role has it; privileges: a token whose role has all of them; token: any token"
                + " for the API; public: anyone. When absent: privilege or privileges, whichever is sent")
        @Nullable String access,

        @Doc("What it needs, when access is privilege") @Nullable String privilege,

        @Doc("What it needs, all of it, when access is privileges") @Nullable List<String> privileges,

        @Nullable String summary) {
    private static final String ONE = "privilege";
    private static final String ALL = "privileges";

    public static EndpointBody of(Endpoint endpoint) {
        List<String> names = endpoint.requirement() instanceof Requirement.Holds holds ? holds.names() : List.of();
        // Several are another kind of access, so that a reader that knows only one does not take a part for the whole.
        String access = switch (endpoint.requirement()) {
            case Requirement.Holds holds -> names.size() == 1 ? ONE : ALL;
            case Requirement.AnyToken anyToken -> "token";
            case Requirement.Nothing nothing -> "public";
        };
        return new EndpointBody(
                endpoint.method(),
                endpoint.path(),
                access,
                access.equals(ONE) ? names.getFirst() : null,
                access.equals(ALL) ? names : null,
                endpoint.summary().isEmpty() ? null : endpoint.summary());
    }

    /**
     * The endpoint of the API.
     *
     * @throws Problem 422 when access and privileges contradict each other
     */
    public Endpoint toEndpoint(String api) {
        String wanted = access != null ? access : privileges != null ? ALL : ONE;
        if (privilege != null && !wanted.equals(ONE)) {
            throw Problem.invalid(ONE, "Send privilege only when access is privilege.");
        }
        if (privileges != null && !wanted.equals(ALL)) {
            throw Problem.invalid(ALL, "Send privileges only when access is privileges.");
        }
        Requirement requirement = switch (wanted) {
            case ONE -> Requirement.Holds.of(api, needed(ONE, privilege == null ? null : List.of(privilege)));
            case ALL -> Requirement.Holds.of(api, needed(ALL, privileges));
            case "token" -> new Requirement.AnyToken();
            case "public" -> new Requirement.Nothing();
            default -> throw Problem.invalid("access", "Send privilege, privileges, token or public.");
        };
        return new Endpoint(method, path, requirement, summary == null ? "" : summary.strip());
    }

    private List<String> needed(String field, @Nullable List<String> names) {
        if (names == null || names.isEmpty()) {
            throw Problem.invalid(field, "Send what " + method + " " + path + " needs, or another access.");
        }
        return names;
    }

    /** The endpoints of the API. */
    static List<Endpoint> toEndpoints(Collection<EndpointBody> bodies, String api) {
        return bodies.stream().map(body -> body.toEndpoint(api)).toList();
    }
}
