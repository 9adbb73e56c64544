package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An imported document of more than a thousand operations, every one of them through a real gateway. */
@ParameterizedClass
@EnumSource(Gateway.Kind.class)
class ThousandEndpointsTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String AUDIENCE = "https://large.example";
    private static final int GROUPS = 30;
    private static final int THINGS = 20;
    private static final int CALLERS = 4;

    @Parameter
    Gateway.Kind kind;

    private RunningServer server;
    private RunningServer.Api admin;
    private Upstream upstream;
    private Gateway gateway;
    private final List<String> requests = new ArrayList<>();

    @BeforeEach
    void start() {
        Gateway.require(kind);
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        upstream = new Upstream();
        accepted(admin.post("/apis", "{\"name\": \"large\", \"audience\": \"" + AUDIENCE + "\"}"));
        importDocument();
        gateway = Gateway.start(kind, server.url(), upstream.port(), "large");
    }

    @AfterEach
    void stop() {
        if (server == null) {
            return; // skipped
        }
        gateway.close();
        upstream.close();
        server.close();
    }

    private void importDocument() {
        StringBuilder document = new StringBuilder("openapi: 3.1.0\ninfo: {title: Large, version: '1'}\npaths:\n");
        for (int group = 0; group < GROUPS; group++) {
            for (int thing = 0; thing < THINGS; thing++) {
                document.append("  /group%d/things%d/{id}: {get: {tags: [g%d]}, put: {tags: [g%d]}}\n"
                        .formatted(group, thing, group, group));
                requests.add("GET /group%d/things%d/4711".formatted(group, thing));
                requests.add("PUT /group%d/things%d/4711".formatted(group, thing));
            }
        }
        Answer proposed = server.send(admin.to("/apis/large/imports")
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(document.toString()))
                .build());
        accepted(proposed);
        List<JsonNode> endpoints = StreamSupport.stream(
                        proposed.json().get("endpoints").spliterator(), false)
                .map(one -> one.get("endpoint"))
                .toList();
        assertThat(endpoints).hasSize(requests.size()).hasSizeGreaterThan(1_000);
        accepted(server.send(admin.to("/apis/large/endpoints")
                .header("Content-Type", "application/json")
                .header("If-Match", proposed.header("ETag"))
                .PUT(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("endpoints", endpoints))))
                .build()));
    }

    private static void accepted(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
    }

    private void createRole(String name, String suffix) {
        StringBuilder privileges = new StringBuilder();
        for (int group = 0; group < GROUPS; group++) {
            privileges
                    .append(group == 0 ? "" : ",")
                    .append("{\"api\":\"large\",\"privilege\":\"g" + group + suffix + "\",\"effect\":\"allow\"}");
        }
        accepted(admin.post("/roles", "{\"name\": \"" + name + "\", \"privileges\": [" + privileges + "]}"));
    }

    private String accessToken(Credentials credentials) {
        return server.requestAccessToken(credentials, "&resource=" + AUDIENCE)
                .json()
                .get("access_token")
                .asString();
    }

    /** How many of the requests with the method got the status, asked by several callers at once. */
    private long count(String method, int status, String accessToken) throws Exception {
        List<String> asked =
                requests.stream().filter(request -> request.startsWith(method)).toList();
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Long>> parts = IntStream.range(0, CALLERS)
                    .<Callable<Long>>mapToObj(part -> () -> count(
                            IntStream.range(0, asked.size())
                                    .filter(i -> i % CALLERS == part)
                                    .mapToObj(asked::get)
                                    .toList(),
                            status,
                            accessToken))
                    .toList();
            long count = 0;
            for (Future<Long> part : callers.invokeAll(parts)) {
                count += part.get();
            }
            return count;
        }
    }

    private long count(List<String> asked, int status, String accessToken) throws IOException {
        long count = 0;
        try (RawHttp client = new RawHttp(gateway.port())) {
            for (String request : asked) {
                int answered = client.exchange(request + " HTTP/1.1\r\nHost: large.example\r\nContent-Length: 0\r\n"
                                + "Authorization: Bearer " + accessToken + "\r\n\r\n")
                        .orElseThrow()
                        .status();
                count += answered == status ? 1 : 0;
            }
        }
        return count;
    }

    @Test
    void everyEndpointIsOpenToTheRoleThatHasItAndClosedToTheOneThatLacksIt() throws Exception {
        int half = requests.size() / 2;
        createRole("readers", ":read");
        createRole("writers", ":write");
        Credentials reader = admin.createToken("Reads", "readers");
        String reading = accessToken(reader);
        String writing = accessToken(admin.createToken("Writes", "writers"));
        assertThat(count("GET", 200, reading)).isEqualTo(half);
        assertThat(count("PUT", 403, reading)).isEqualTo(half);
        assertThat(count("GET", 403, writing)).isEqualTo(half);
        assertThat(count("PUT", 200, writing)).isEqualTo(half);
        assertThat(upstream.requests()).isEqualTo(requests.size());

        // A changed role counts at once.
        accepted(admin.send("PUT", "/roles/readers/granted-roles/writers", ""));
        assertThat(count("PUT", 200, reading)).isEqualTo(half);

        // So does a revocation.
        accepted(admin.post("/tokens/" + reader.clientId() + "/revoke", "{}"));
        long before = upstream.requests();
        assertThat(count("GET", 401, reading)).isEqualTo(half);
        assertThat(upstream.requests()).isEqualTo(before);
    }
}
