package dev.latchkey.bench;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The import of a large OpenAPI document, and its acceptance, over and over: two documents in turn that need different
 * privileges, so that all endpoints change each time.
 */
final class Imports implements Disturbance {
    /** The name of the API that is imported to. */
    static final String API = "imported";

    private static final Duration INTERVAL = Duration.ofMillis(250);
    private static final int PRIVILEGES = 100;

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String title(Size size) {
        return "imports of " + Report.whole(size.operations()) + " operations";
    }

    @Override
    public Going begin(Scene scene) {
        int operations = scene.size().operations();
        List<byte[]> documents = IntStream.range(0, 2)
                .mapToObj(edition -> document(operations, edition))
                .toList();
        List<byte[]> endpoints = IntStream.range(0, 2)
                .mapToObj(edition -> endpoints(operations, edition))
                .toList();
        AtomicInteger accepted = new AtomicInteger();
        Repeated imports = new Repeated(1, INTERVAL, worker -> {
            int edition = accepted.get() % 2;
            String outcome = once(scene.management(), documents.get(edition), endpoints.get(edition));
            if (outcome.equals("accepted")) {
                accepted.incrementAndGet();
            }
            return outcome;
        });
        return () -> Repeated.text(imports.stop());
    }

    private static String once(Management management, byte[] document, byte[] endpoints)
            throws IOException, InterruptedException {
        HttpResponse<Void> proposal = management.send(
                "POST", "/apis/" + API + "/imports", Map.of("Content-Type", "application/yaml"), document);
        if (proposal.statusCode() != 200) {
            return "proposal " + proposal.statusCode();
        }
        String version = proposal.headers().firstValue("ETag").orElseThrow();
        int status = management
                .send(
                        "PUT",
                        "/apis/" + API + "/endpoints",
                        Map.of("Content-Type", "application/json", "If-Match", version),
                        endpoints)
                .statusCode();
        return status == 200 ? "accepted" : "acceptance " + status;
    }

    private static String privilege(int path, String method, int edition) {
        return "things-" + path % PRIVILEGES + ":" + method + "-" + edition;
    }

    private static byte[] document(int operations, int edition) {
        StringBuilder yaml = new StringBuilder("""
                openapi: 3.1.0
                info:
                  title: An API of the bench
                  version: '1'
                components:
                  securitySchemes:
                    oauth:
                      type: oauth2
                      flows:
                        clientCredentials:
                          tokenUrl: https://auth.example/token
                          scopes: {}
                paths:
                """);
        for (int path = 0; path < operations / 2; path++) {
            yaml.append("  /things-").append(path).append("/{id}:\n");
            for (String method : List.of("get", "put")) {
                yaml.append("""
                            %s:
                              summary: The thing of number %d
                              operationId: %s-%d
                              parameters:
                                - name: id
                                  in: path
                                  required: true
                                  schema:
                                    type: string
                              security:
                                - oauth: ['%s']
                              responses:
                                '200':
                                  description: The thing
                                  content:
                                    application/json:
                                      schema:
                                        type: object
                                        properties:
                                          name:
                                            type: string
                        """.formatted(method, path, method, path, privilege(path, method, edition)));
            }
        }
        return yaml.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What the document proposes. */
    private static byte[] endpoints(int operations, int edition) {
        return IntStream.range(0, operations)
                .mapToObj(i -> {
                    String method = i % 2 == 0 ? "get" : "put";
                    return "{\"method\":\"%s\",\"path\":\"/things-%d/{id}\",\"privilege\":\"%s\"}"
                            .formatted(method.toUpperCase(Locale.ROOT), i / 2, privilege(i / 2, method, edition));
                })
                .collect(Collectors.joining(",", "{\"endpoints\":[", "]}"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
