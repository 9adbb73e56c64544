package dev.latchkey.registry;

import dev.latchkey.access.Endpoint;
import dev.latchkey.access.McpCall;
import dev.latchkey.path.PathTemplate;
import dev.latchkey.problem.Problem.FieldError;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is valid for an API that is an MCP server. */
final class McpRules {
    private static final String FIELD = "mcp";
    private static final int MAX_PATH = 500;

    private McpRules() {}

    /** The path of the MCP endpoint; null when there is none. What is wrong with it goes to the errors. */
    static @Nullable String path(List<FieldError> errors, @Nullable String wanted, Collection<Endpoint> endpoints) {
        String path = wanted == null ? "" : wanted.strip();
        if (path.isEmpty()) {
            endpoints.stream()
                    .filter(Endpoint::isMcp)
                    .findFirst()
                    .ifPresent(call -> errors.add(new FieldError(
                            FIELD,
                            "Enter the path of the MCP endpoint, such as /mcp: " + call.name()
                                    + " is about requests to it.")));
            return null;
        }
        if (!isPath(path)) {
            errors.add(new FieldError(FIELD, "Enter a path without parameters, such as /mcp, or nothing."));
            return null;
        }
        if (endpoints.stream()
                .anyMatch(endpoint ->
                        endpoint.method().equals("POST") && endpoint.path().equals(path))) {
            errors.add(new FieldError(
                    FIELD,
                    "Remove the endpoint POST " + path
                            + " first: requests to the MCP endpoint are decided by endpoints such as " + McpCall.METHOD
                            + " /tools/call/{name}."));
            return null;
        }
        return path;
    }

    private static boolean isPath(String path) {
        try {
            return path.length() <= MAX_PATH
                    && PathTemplate.parse(path).segments().stream()
                            .allMatch(PathTemplate.Segment.Literal.class::isInstance);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** The scope that MCP clients request must limit nothing. */
    static void requireScope(List<FieldError> errors, Set<String> privileges, Set<String> scopes) {
        if (privileges.contains(McpCall.SCOPE) || scopes.contains(McpCall.SCOPE)) {
            errors.add(new FieldError(
                    FIELD,
                    "Rename the privilege or scope " + McpCall.SCOPE
                            + ": MCP clients request this scope to get everything that their role allows."));
        }
    }
}
