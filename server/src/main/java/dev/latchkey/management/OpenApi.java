package dev.latchkey.management;

import dev.latchkey.access.ManagementApi;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the OpenAPI 3.1 document of the management API from the declared operations, which also route and guard its
 * calls.
 */
public final class OpenApi {
    private static final Pattern PARAMETER = Pattern.compile("\\{(\\w+)}");

    private final Schemas schemas = new Schemas();

    private OpenApi() {}

    /**
     * The document, ready to be written as JSON.
     *
     * @param issuer Latchkey's own public base URL
     */
    public static Map<String, Object> document(List<Operation> operations, String issuer, String version) {
        return new OpenApi().write(operations, issuer, version);
    }

    private Map<String, Object> write(List<Operation> operations, String issuer, String version) {
        schemas.define("Problem", problem());
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        Set<String> ids = new HashSet<>();
        for (Operation operation : operations) {
            if (!ids.add(operation.id())) {
                throw new IllegalStateException("Two operations have the id " + operation.id() + ".");
            }
            paths.computeIfAbsent(operation.path(), unused -> new LinkedHashMap<>())
                    .put(operation.method().toLowerCase(Locale.ROOT), operation(operation));
        }
        return ordered(
                "openapi", "3.1.0",
                "info",
                        ordered(
                                "title",
                                "Latchkey management API",
                                "version",
                                version,
                                "description",
                                "Everything that the console can do. Send an access token as Bearer, or the console's"
                                        + " session cookie."),
                "servers", List.of(Map.of("url", issuer + ManagementApi.BASE_PATH)),
                "security", List.of(Map.of("accessToken", List.of()), Map.of("session", List.of())),
                "paths", paths,
                "components",
                        ordered(
                                "securitySchemes",
                                ordered(
                                        "accessToken",
                                        ordered(
                                                "type",
                                                "oauth2",
                                                "flows",
                                                Map.of(
                                                        "clientCredentials",
                                                        ordered(
                                                                "tokenUrl",
                                                                issuer + "/oauth/v2/token",
                                                                "scopes",
                                                                scopes()))),
                                        "session",
                                        ordered(
                                                "type", "apiKey",
                                                "in", "cookie",
                                                "name", "latchkey_session",
                                                "description",
                                                        "The console's session; changes also require the X-CSRF-Token header")),
                                "schemas",
                                schemas.all()));
    }

    private static Map<String, Object> problem() {
        Map<String, Object> text = Map.of("type", "string");
        return ordered(
                "type",
                "object",
                "description",
                "What went wrong (RFC 9457)",
                "required",
                List.of("type", "title", "status", "code", "detail"),
                "properties",
                ordered(
                        "type",
                        text,
                        "title",
                        text,
                        "status",
                        Map.of("type", "integer"),
                        "code",
                        ordered("type", "string", "description", "A stable code for the kind of problem"),
                        "detail",
                        text,
                        "requestId",
                        ordered(
                                "type",
                                "string",
                                "description",
                                "The request, as in X-Request-Id; its lines in the server's log have the same id"),
                        "errors",
                        ordered(
                                "type",
                                "array",
                                "items",
                                ordered("type", "object", "properties", ordered("field", text, "message", text)))));
    }

    private static Map<String, Object> scopes() {
        Map<String, Object> scopes = new LinkedHashMap<>();
        ManagementApi.PRIVILEGES.forEach(known -> scopes.put(known.privilege().name(), known.description()));
        return scopes;
    }

    private Map<String, Object> operation(Operation operation) {
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("operationId", operation.id());
        described.put("tags", List.of(operation.tag()));
        described.put("summary", operation.summary());
        String needs = operation.privilege() == null
                ? "Requires no privilege."
                : "Requires the privilege `" + operation.privilege().name() + "`.";
        described.put("description", operation.description().isEmpty() ? needs : operation.description() + " " + needs);
        if (operation.privilege() != null) {
            described.put("x-required-privilege", operation.privilege().name());
        }
        List<Object> parameters = new ArrayList<>();
        Matcher names = PARAMETER.matcher(operation.path());
        while (names.find()) {
            parameters.add(ordered(
                    "name", names.group(1), "in", "path", "required", true, "schema", Map.of("type", "string")));
        }
        for (HeaderField field : inOrder(operation, true)) {
            parameters.add(ordered(
                    "name", field.text(),
                    "in", "header",
                    "description", field.description(),
                    "schema", Map.of("type", "string")));
        }
        for (QueryParameter parameter : operation.query()) {
            parameters.add(ordered(
                    "name", parameter.name(),
                    "in", "query",
                    "description", parameter.description(),
                    "schema", Map.of("type", parameter.type())));
        }
        if (!parameters.isEmpty()) {
            described.put("parameters", parameters);
        }
        if (operation.body() != null) {
            described.put("requestBody", requestBody(operation));
        }
        described.put("responses", responses(operation));
        return described;
    }

    private static List<HeaderField> inOrder(Operation operation, boolean sent) {
        return operation.headerFields().stream()
                .filter(field -> field.isSent() == sent)
                .sorted()
                .toList();
    }

    /** A document is the body itself, and may be left out when its address is sent instead. */
    private Map<String, Object> requestBody(Operation operation) {
        Class<?> body = Objects.requireNonNull(operation.body());
        if (body == byte[].class) {
            // One kind only, so that generated clients have one body to fill; any other Content-Type is accepted as
            // well.
            return ordered(
                    "description",
                    "The document as YAML or JSON, or a zip of the folder that contains its parts",
                    "required",
                    false,
                    "content",
                    Map.of(
                            "application/octet-stream",
                            Map.of("schema", ordered("type", "string", "format", "binary"))));
        }
        // An object without required members may be left out, except where it says what to change.
        boolean required = operation.method().equals("PATCH")
                || Stream.of(body.getRecordComponents())
                        .anyMatch(component -> !component.getAnnotatedType().isAnnotationPresent(Nullable.class));
        return ordered("required", required, "content", Map.of("application/json", Map.of("schema", schemas.of(body))));
    }

    private Map<String, Object> responses(Operation operation) {
        Map<String, Object> responses = new LinkedHashMap<>();
        String status = Integer.toString(operation.status());
        Map<String, Object> success = ordered(
                "description", operation.reply() == null ? "Done" : operation.status() == 201 ? "Created" : "OK");
        List<HeaderField> fields = inOrder(operation, false).stream()
                .filter(field -> field != HeaderField.RETRY_AFTER)
                .toList();
        if (!fields.isEmpty()) {
            success.put("headers", headers(fields));
        }
        if (operation.reply() != null) {
            Map<String, Object> content = ordered("application/json", Map.of("schema", schemas.of(operation.reply())));
            if (operation.answersCsvToo()) {
                content.put("text/csv", Map.of("schema", Map.of("type", "string")));
            }
            success.put("content", content);
        }
        responses.put(status, success);
        if (operation.headerFields().contains(HeaderField.IF_NONE_MATCH)) {
            responses.put("304", ordered("description", "Nothing has changed", "headers", headers(fields)));
        }
        problem(responses, "401", "Missing or invalid credentials");
        if (operation.privilege() != null) {
            problem(responses, "403", "The caller lacks the privilege");
        }
        if (operation.path().contains("{")) {
            problem(responses, "404", "The resource does not exist");
        }
        if (!operation.method().equals("GET")) {
            problem(responses, "400", "The request is not well-formed");
            problem(responses, "409", "The request conflicts with the current state");
        }
        if (operation.headerFields().contains(HeaderField.IF_MATCH)) {
            problem(responses, "412", "The resource no longer has the version in If-Match");
        }
        problem(responses, "422", "A value is not valid");
        boolean hasThrottle = operation.headerFields().contains(HeaderField.RETRY_AFTER);
        if (!operation.endsSomething()) {
            later(
                    responses,
                    "429",
                    hasThrottle ? "Too many requests, or a limit of calls is reached" : "A limit of calls is reached",
                    HeaderField.RETRY_AFTER,
                    HeaderField.RATE_LIMIT_POLICY,
                    HeaderField.RATE_LIMIT);
        } else if (hasThrottle) {
            later(responses, "429", "Too many requests", HeaderField.RETRY_AFTER);
        }
        later(responses, "503", "The service cannot answer at the moment", HeaderField.RETRY_AFTER);
        return responses;
    }

    private static Map<String, Object> headers(List<HeaderField> fields) {
        Map<String, Object> headers = new LinkedHashMap<>();
        fields.forEach(field -> headers.put(
                field.text(), ordered("description", field.description(), "schema", Map.of("type", "string"))));
        return headers;
    }

    private static void later(Map<String, Object> responses, String status, String description, HeaderField... fields) {
        Map<String, Object> headers = headers(List.of(fields));
        headers.put(
                HeaderField.RETRY_AFTER.text(),
                ordered("description", HeaderField.RETRY_AFTER.description(), "schema", Map.of("type", "integer")));
        problem(responses, status, description).put("headers", headers);
    }

    private static Map<String, Object> problem(Map<String, Object> responses, String status, String description) {
        Map<String, Object> problem = ordered(
                "description",
                description,
                "content",
                Map.of("application/problem+json", Map.of("schema", Map.of("$ref", "#/components/schemas/Problem"))));
        responses.put(status, problem);
        return problem;
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
