package dev.latchkey;

import dev.latchkey.database.Reason;
import dev.latchkey.problem.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey api import}: sends an OpenAPI document to a running Latchkey, prints what it would change, and changes
 * it when told to. It uses the management API like any other program, with an API token of its own.
 */
final class ApiImport {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int MOST_SHOWN = 40;

    private final PrintStream out;
    private final PrintStream err;
    private final HttpClient http = HttpClient.newHttpClient();

    ApiImport(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /**
     * What to import where.
     *
     * @param document a file, or the folder that a document is split over
     * @param main the main document inside the folder; null when it is found by itself
     * @param audience registers the API with this audience when there is none; may be null
     * @param needs what operations need that the server leaves out, each such as {@code POST /parcels=parcels:write}
     */
    record Request(
            URI server,
            @Nullable String clientId,
            @Nullable String clientSecret,
            String api,
            Path document,
            @Nullable String main,
            @Nullable String audience,
            List<String> needs,
            boolean apply) {
        @Override
        public String toString() {
            return "Request[" + api + "]";
        }
    }

    /** Why it went no further, in a sentence for whoever typed the command. */
    private static final class Failure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final int status;

        private Failure(int status, String message) {
            super(message);
            this.status = status;
        }

        /** The server, or the document, says no. */
        static Failure refused(String message) {
            return new Failure(1, message);
        }

        /** It never came to that. */
        static Failure impossible(String message) {
            return new Failure(2, message);
        }
    }

    /** What the server proposes, as far as it is shown. */
    record Proposal(
            String title,
            String version,
            List<Proposed> endpoints,
            List<LeftOut> leftOut,
            List<Map<String, Object>> removed,
            List<String> hints,
            Preview preview) {}

    record Proposed(
            Map<String, Object> endpoint,
            String change,
            @Nullable String before,
            @Nullable String note) {}

    record LeftOut(@Nullable String method, String path, String where, String reason, boolean possible) {
        String name() {
            return (method == null ? "" : method + " ") + path;
        }
    }

    record Preview(List<Touched> roles) {}

    record Touched(String role, List<Map<String, Object>> opened, List<Map<String, Object>> closed, long tokens) {}

    /** Answers 0 when all went well, 1 when the server refused, 2 when it could not be asked. */
    int run(Request request) {
        if (request.clientId() == null || request.clientSecret() == null) {
            err.println(
                    "Set CLIENT_ID and CLIENT_SECRET in the environment to an API token whose role has apis:manage.");
            return 2;
        }
        try {
            requireWeb(request.server());
            byte[] document = upload(request.document());
            String accessToken = accessToken(request);
            boolean isNew = request.audience() != null
                    && exchange(call(request, accessToken, apiPath(request)).build())
                                    .statusCode()
                            == 404;
            HttpResponse<byte[]> proposed = send(call(
                            request,
                            accessToken,
                            apiPath(request) + "/imports"
                                    + query("main", request.main(), "audience", isNew ? request.audience() : null))
                    .POST(BodyPublishers.ofByteArray(document))
                    .build());
            Proposal proposal = Json.readText(new String(proposed.body(), StandardCharsets.UTF_8), Proposal.class);
            List<Map<String, Object>> named = named(proposal, request.needs());
            print(proposal, named);
            if (!request.apply()) {
                out.println("Nothing is changed yet. Add --apply to accept all of it.");
                return 0;
            }
            List<Map<String, Object>> accepted = Stream.concat(
                            proposal.endpoints().stream().map(Proposed::endpoint), named.stream())
                    .toList();
            if (isNew) {
                // At once with its endpoints: an import that fails leaves no API behind.
                send(call(request, accessToken, "/apis")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(Json.write(Map.of(
                                "name",
                                request.api(),
                                "audience",
                                String.valueOf(request.audience()),
                                "endpoints",
                                accepted))))
                        .build());
                out.println("Registered the API " + request.api() + " for " + request.audience() + ".");
            } else {
                send(call(request, accessToken, apiPath(request) + "/endpoints")
                        .header("Content-Type", "application/json")
                        .header(
                                "If-Match",
                                proposed.headers().firstValue("ETag").orElse("*"))
                        .PUT(BodyPublishers.ofByteArray(Json.write(Map.of("endpoints", accepted))))
                        .build());
            }
            out.println("Applied: " + request.api() + " has " + accepted.size() + " endpoints.");
            return 0;
        } catch (Failure failure) {
            err.println(failure.getMessage());
            return failure.status;
        }
    }

    private static void requireWeb(URI server) {
        boolean web = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        if (!web || server.getHost() == null) {
            throw Failure.impossible("--server is \"" + server + "\". Give a URL such as http://localhost:8080.");
        }
    }

    private String accessToken(Request request) {
        String pair =
                encoded(String.valueOf(request.clientId())) + ":" + encoded(String.valueOf(request.clientSecret()));
        HttpResponse<byte[]> granted = send(HttpRequest.newBuilder(below(request.server(), "/oauth/v2/token"))
                .timeout(PATIENCE)
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials"))
                .build());
        Map<?, ?> reply = Json.readText(new String(granted.body(), StandardCharsets.UTF_8), Map.class);
        return String.valueOf(reply.get("access_token"));
    }

    /** What people say that operations need which the server left out. */
    private static List<Map<String, Object>> named(Proposal proposal, List<String> needs) {
        List<Map<String, Object>> named = new ArrayList<>();
        for (String need : needs) {
            int equals = need.indexOf('=');
            String name = equals < 0 ? need : need.substring(0, equals).strip();
            String privileges = equals < 0 ? "" : need.substring(equals + 1).strip();
            if (privileges.isEmpty()) {
                throw Failure.impossible(
                        "Write --need as \"POST /parcels=parcels:write\", several privileges parted by spaces.");
            }
            LeftOut operation = proposal.leftOut().stream()
                    .filter(one -> one.possible() && one.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> Failure.refused(
                            "--need: no operation " + name + " was left out that could be taken. Nothing is changed."));
            named.add(Map.of(
                    "method",
                    String.valueOf(operation.method()),
                    "path",
                    operation.path(),
                    "privileges",
                    List.of(privileges.split("\\s+"))));
        }
        return named;
    }

    private static String query(@Nullable String... namesAndValues) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1] != null) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(namesAndValues[i])
                        .append('=')
                        .append(encoded(namesAndValues[i + 1]));
            }
        }
        return query.toString();
    }

    /** Latchkey itself may be below a path. */
    private static URI below(URI server, String path) {
        return URI.create(server.toString().replaceFirst("/$", "") + path);
    }

    private static String apiPath(Request request) {
        return "/apis/" + encoded(request.api()).replace("+", "%20");
    }

    private static HttpRequest.Builder call(Request request, String accessToken, String path) {
        return HttpRequest.newBuilder(below(request.server(), "/api/v1" + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + accessToken);
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        HttpResponse<byte[]> response = exchange(request);
        if (response.statusCode() >= 300) {
            throw Failure.refused(reason(response));
        }
        return response;
    }

    private HttpResponse<byte[]> exchange(HttpRequest request) {
        try {
            return http.send(request, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw Failure.impossible("Latchkey cannot be reached at "
                    + request.uri().resolve("/") + ". Check that it runs there, or name another place with --server.");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failure.impossible("Interrupted.");
        }
    }

    private static String reason(HttpResponse<byte[]> response) {
        String text = new String(response.body(), StandardCharsets.UTF_8);
        try {
            Map<?, ?> problem = Json.readText(text, Map.class);
            Object detail = problem.containsKey("detail") ? problem.get("detail") : problem.get("error_description");
            StringBuilder reason = new StringBuilder(String.valueOf(detail));
            if (problem.get("errors") instanceof List<?> errors && errors.size() > 1) {
                errors.forEach(error -> reason.append("\n  ").append(error));
            }
            return reason.toString();
        } catch (RuntimeException e) {
            return "The server answered " + response.statusCode() + ".";
        }
    }

    private void print(Proposal proposal, List<Map<String, Object>> named) {
        out.println(proposal.title() + " " + proposal.version() + ": " + count(proposal, "added") + " added, "
                + count(proposal, "changed") + " changed, " + proposal.removed().size() + " removed, "
                + count(proposal, "same") + " unchanged"
                + (proposal.leftOut().isEmpty() ? "" : ", " + proposal.leftOut().size() + " left out"));
        show(Stream.of(
                        proposal.endpoints().stream()
                                .filter(proposed -> !proposed.change().equals("same"))
                                .map(ApiImport::line),
                        named.stream().map(one -> line(new Proposed(one, "added", null, null))),
                        proposal.removed().stream()
                                .map(removed -> "  - " + removed.get("method") + " " + removed.get("path")))
                .flatMap(lines -> lines)
                .toList());
        Set<String> taken = named.stream()
                .map(one -> one.get("method") + " " + one.get("path"))
                .collect(Collectors.toSet());
        show(proposal.leftOut().stream()
                .filter(one -> !taken.contains(one.name()))
                .map(one -> "  ? " + one.name() + " is left out. " + one.where() + ": " + one.reason() + "."
                        + (one.possible() ? " Say what it needs with --need." : ""))
                .toList());
        proposal.hints().forEach(hint -> out.println("  ! " + hint));
        proposal.preview()
                .roles()
                .forEach(role -> out.println("  role " + role.role() + " (" + role.tokens() + " active tokens): opens "
                        + role.opened().size() + ", closes " + role.closed().size()));
    }

    private void show(List<String> lines) {
        lines.stream().limit(MOST_SHOWN).forEach(out::println);
        if (lines.size() > MOST_SHOWN) {
            out.println("  and " + (lines.size() - MOST_SHOWN) + " more");
        }
    }

    private static String line(Proposed proposed) {
        Map<String, Object> endpoint = proposed.endpoint();
        String needs = needs(endpoint);
        return "  " + (proposed.change().equals("added") ? "+" : "~") + " " + endpoint.get("method") + " "
                + endpoint.get("path") + "  " + needs
                + (proposed.before() == null
                        ? ""
                        : proposed.before().equals(needs)
                                ? "  (another summary)"
                                : "  (before: " + proposed.before() + ")");
    }

    /** As the server spells what an endpoint needs. */
    private static String needs(Map<String, Object> endpoint) {
        if (endpoint.get("privileges") instanceof List<?> names) {
            return names.stream().map(String::valueOf).collect(Collectors.joining(" and "));
        }
        if (endpoint.get("privilege") instanceof String name) {
            return name;
        }
        return "token".equals(endpoint.get("access")) ? "any token" : String.valueOf(endpoint.get("access"));
    }

    private static long count(Proposal proposal, String change) {
        return proposal.endpoints().stream()
                .filter(proposed -> proposed.change().equals(change))
                .count();
    }

    /** The file as it is, or a folder's documents as a zip. */
    private static byte[] upload(Path document) {
        try {
            if (!Files.isDirectory(document)) {
                return Files.readAllBytes(document);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes);
                    Stream<Path> files = Files.walk(document)) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(file -> file.toString().matches(".*\\.(ya?ml|json)"))
                        .sorted()
                        .toList()) {
                    zip.putNextEntry(
                            new ZipEntry(document.relativize(file).toString().replace('\\', '/')));
                    Files.copy(file, zip);
                    zip.closeEntry();
                }
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw Failure.impossible("The document " + document + " cannot be read (" + Reason.ofFile(e) + ").");
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
