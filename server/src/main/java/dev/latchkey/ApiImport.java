package dev.latchkey;

import dev.latchkey.client.FailedCallException;
import dev.latchkey.client.ImportProposal;
import dev.latchkey.client.ManagementClient;
import dev.latchkey.client.OpenApiDocument;
import dev.latchkey.console.Amounts;
import dev.latchkey.problem.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code latchkey api import}: sends an OpenAPI document to a running Latchkey, prints what it would change and, when told
 * to, changes it.
 */
final class ApiImport {
    private final ManagementClient server;
    private final PrintStream out;
    private final PrintStream err;

    ApiImport(ManagementClient server, PrintStream out, PrintStream err) {
        this.server = server;
        this.out = out;
        this.err = err;
    }

    /**
     * What to import.
     *
     * @param document a file, or a folder with the parts of a document
     * @param main the main document in the folder; null to find it automatically
     * @param audience registers the API with this audience if it does not exist; may be null
     * @param needs the privileges of operations that the server leaves out, each such as {@code POST /parcels=parcels:write}
     * @param apply whether to change the API
     */
    record Request(
            String api,
            Path document,
            @Nullable String main,
            @Nullable String audience,
            List<String> needs,
            boolean apply) {
        private String path() {
            return "/apis/" + ManagementClient.encoded(api).replace("+", "%20");
        }
    }

    /** Exits 0 on success, 1 when the server refused, 2 when it could not be asked. */
    int run(Request request) {
        try {
            importDocument(request);
            return 0;
        } catch (FailedCallException e) {
            err.println(e.getMessage());
            return e.status();
        }
    }

    private void importDocument(Request request) {
        server.requireUsable("apis:manage");
        byte[] document = OpenApiDocument.bytes(request.document());
        server.authenticate();
        @Nullable String audience = request.audience();
        boolean isNew = audience != null && !server.exists(request.path());
        ManagementClient.Reply proposed = server.post(
                request.path() + "/imports" + query("main", request.main(), "audience", isNew ? audience : null),
                document);
        ImportProposal proposal = Json.readText(proposed.body(), ImportProposal.class);
        List<Map<String, Object>> named = proposal.named(request.needs());
        new ImportReport(out).print(proposal, named);
        if (!request.apply()) {
            out.println("Nothing has changed yet. Add --apply to accept all of it.");
            return;
        }
        List<Map<String, Object>> accepted = Stream.concat(
                        proposal.endpoints().stream().map(ImportProposal.Proposed::endpoint), named.stream())
                .toList();
        if (isNew) {
            // Together with its endpoints, so that an import that fails leaves no API behind.
            server.postJson(
                    "/apis",
                    Map.of("name", request.api(), "audience", String.valueOf(audience), "endpoints", accepted));
            out.println("Registered the API " + request.api() + " for " + audience + ".");
        } else {
            server.putJson(request.path() + "/endpoints", proposed.version(), Map.of("endpoints", accepted));
        }
        out.println("Applied: " + request.api() + " has " + Amounts.of(accepted.size(), "endpoint") + ".");
    }

    private static String query(@Nullable String... namesAndValues) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i + 1] != null) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(namesAndValues[i])
                        .append('=')
                        .append(ManagementClient.encoded(namesAndValues[i + 1]));
            }
        }
        return query.toString();
    }
}
