package dev.latchkey.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Registered APIs through the management API. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class ApisApiTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;
    private RunningServer.Api admin;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
        admin = billing.admin;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static List<String> texts(JsonNode array, String... fields) {
        List<String> texts = new ArrayList<>();
        for (JsonNode one : array) {
            StringBuilder text = new StringBuilder();
            for (String field : fields) {
                text.append(text.isEmpty() ? "" : " ")
                        .append(one.path(field).asString(one.path(field).toString()));
            }
            texts.add(text.toString());
        }
        return texts;
    }

    @Test
    void anApiIsRegisteredReadChangedAndDeleted() {
        Answer api = admin.get("/apis/billing");
        assertThat(api.json().get("audience").asString()).isEqualTo("https://billing.example");
        assertThat(api.json().get("endpoints").asInt()).isEqualTo(9);
        assertThat(api.json().get("unmatched").asString()).isEqualTo("deny");
        assertThat(texts(api.json().get("privileges"), "name"))
                .containsExactly("files:read", "invoices:admin", "invoices:read", "invoices:write");
        Answer changed = admin.send(
                "PATCH",
                "/apis/billing",
                "{\"description\": \"All invoices\", \"hosts\": [\"Billing.Example:8443\", \"b.example\"], \"basePath\": \"/v2/\"}");
        assertThat(changed.json().get("description").asString()).isEqualTo("All invoices");
        assertThat(changed.json().get("basePath").asString()).isEqualTo("/v2");
        assertThat(changed.body()).contains("[\"b.example\",\"billing.example:8443\"]");
        assertThat(admin.get("/apis?search=invoices").json().get("items")).hasSize(1);
        assertThat(admin.delete("/apis/billing").status()).isEqualTo(204);
        assertThat(admin.get("/apis/billing").status()).isEqualTo(404);
        assertThat(admin.get("/apis").json().get("items")).isEmpty();
    }

    @Test
    void anApiSaysWhereItsMcpEndpointIs() {
        assertThat(admin.get("/apis/billing").json().has("mcp")).isFalse();
        assertThat(admin.send("PATCH", "/apis/billing", "{\"mcp\": \"/mcp\"}")
                        .json()
                        .get("mcp")
                        .asString())
                .isEqualTo("/mcp");
        assertThat(admin.get("/events").body()).contains("\"MCP endpoint\"");
        admin.post(
                "/apis/billing/endpoints",
                "{\"method\": \"MCP\", \"path\": \"/tools/call/a%2Fb\", \"privilege\": \"tools:call\"}");
        assertThat(texts(admin.get("/apis/billing/endpoints?search=mcp").json().get("items"), "method", "path"))
                .containsExactly("MCP /tools/call/a%2Fb");

        assertRefused(
                "{\"mcp\": null}", "Enter the path of the MCP endpoint, such as /mcp: MCP /tools/call/a%2Fb is about");
        admin.delete("/apis/billing/endpoints?method=MCP&path=/tools/call/a%252Fb");
        assertThat(admin.send("PATCH", "/apis/billing", "{\"mcp\": null}")
                        .json()
                        .has("mcp"))
                .isFalse();
    }

    @Test
    void anMcpEndpointIsAPathThatNothingElseIsAbout() {
        for (String wrong : List.of("mcp", "/{mcp}", "/mcp/{x...}", "/m?x", "/a//b")) {
            assertRefused("{\"mcp\": \"" + wrong + "\"}", "Enter a path without parameters, such as /mcp, or nothing.");
        }
        assertRefused("{\"mcp\": \"/invoices\"}", "Remove the endpoint POST /invoices first");
        assertRefused("{\"mcp\": \"/mcp\", \"scopes\": {\"mcp\": \"\"}}", "Rename the privilege or scope mcp");
        assertRefused("{\"apiKeys\": {\"header\": \"Mcp-Name\"}}", "Enter the name of a header field");
        admin.send("PATCH", "/apis/billing", "{\"mcp\": \"/mcp\"}");
        for (String wrong : List.of("/tools/call", "/tools/list/", "/tools/call/a;b", "/tools/call/%zz")) {
            Answer refused = admin.post(
                    "/apis/billing/endpoints",
                    "{\"method\": \"MCP\", \"path\": \"" + wrong + "\", \"access\": \"token\"}");
            assertThat(refused.status()).as(wrong).isEqualTo(422);
        }
        assertThat(admin.post(
                                "/apis/billing/endpoints",
                                "{\"method\": \"POST\", \"path\": \"/mcp\", \"access\": \"token\"}")
                        .status())
                .isEqualTo(422);
    }

    private void assertRefused(String change, String reason) {
        Answer refused = admin.send("PATCH", "/apis/billing", change);
        assertThat(refused.status()).as(change).isEqualTo(422);
        assertThat(refused.body()).contains(reason);
    }

    @Test
    void endpointsAreListedInPagesAndFound() {
        Answer first = admin.get("/apis/billing/endpoints?pageSize=5");
        assertThat(texts(first.json().get("items"), "method", "path"))
                .containsExactly(
                        "GET /files/{path...}",
                        "GET /invoices",
                        "POST /invoices",
                        "GET /invoices/admin",
                        "DELETE /invoices/{id}");
        Answer next = admin.get("/apis/billing/endpoints?pageSize=5&pageToken="
                + first.json().get("nextPageToken").asString());
        assertThat(texts(next.json().get("items"), "method", "path", "access"))
                .containsExactly(
                        "GET /invoices/{id} privilege",
                        "GET /invoices/{id}/copies privileges",
                        "GET /me token",
                        "GET /status public");
        assertThat(next.json().has("nextPageToken")).isFalse();
        assertThat(admin.get("/apis/billing/endpoints?search=invoices:write")
                        .json()
                        .get("items"))
                .hasSize(3);
    }

    @Test
    void aPrivilegeThatNoEndpointNeedsAnyMoreIsTakenFromAllRoles() {
        admin.send("PUT", "/roles/public/privileges/billing/files:read", "{\"effect\": \"deny\"}");
        Answer removed = admin.delete("/apis/billing/endpoints?method=GET&path=/files/%7Bpath...%7D");
        assertThat(removed.status()).isEqualTo(200);
        assertThat(removed.body()).doesNotContain("files:read");
        assertThat(admin.get("/roles/invoice_clerk").body()).doesNotContain("files:read");
        assertThat(admin.get("/roles/public").body()).doesNotContain("files:read");
        String events = admin.get("/events?pageSize=3").body();
        assertThat(events).contains("role.update", "api.update", "privilege billing/files:read");
        assertThat(admin.delete("/apis/billing/endpoints?method=GET&path=/files/%7Bpath...%7D")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aDeclaredPrivilegeStaysWithoutAnEndpoint() {
        admin.send(
                "PATCH",
                "/apis/billing",
                "{\"privileges\": [{\"name\": \"reports:run\", \"description\": \"Run reports\"}]}");
        admin.delete("/apis/billing/endpoints?method=GET&path=/files/%7Bpath...%7D");
        assertThat(texts(admin.get("/apis/billing").json().get("privileges"), "name"))
                .contains("reports:run", "invoices:read")
                .doesNotContain("files:read");
        assertThat(admin.get("/privileges").body()).contains("reports:run", "Run reports", "tokens:read");
    }

    @Test
    void whatAChangeOpensAndClosesIsSeenBeforeItCounts() {
        String endpoints = """
                {"endpoints": [{"method": "GET", "path": "/invoices", "privilege": "invoices:write"},
                               {"method": "GET", "path": "/new", "privilege": "invoices:read"}]}""";
        JsonNode roles =
                admin.post("/apis/billing/endpoints/preview", endpoints).json().get("roles");
        assertThat(texts(roles, "role")).contains("invoice_reader", "invoice_clerk", "public");
        for (JsonNode role : roles) {
            if (role.get("role").asString().equals("invoice_reader")) {
                assertThat(texts(role.get("opened"), "method", "path")).containsExactly("GET /new");
                assertThat(texts(role.get("closed"), "method", "path"))
                        .containsExactly("GET /invoices", "GET /invoices/{id}", "GET /me", "GET /status");
                assertThat(role.get("tokens").asInt()).isEqualTo(1);
            }
        }
        assertThat(admin.get("/apis/billing").json().get("endpoints").asInt()).isEqualTo(9);
        JsonNode role = admin.post(
                        "/roles/invoice_reader/preview",
                        "{\"privileges\": [{\"api\": \"billing\", \"privilege\": \"invoices:write\", \"effect\": \"allow\"}]}")
                .json()
                .get("roles")
                .get(1);
        assertThat(role.get("role").asString()).isEqualTo("invoice_reader");
        assertThat(texts(role.get("opened"), "method", "path"))
                .containsExactly("POST /invoices", "DELETE /invoices/{id}");
        assertThat(texts(role.get("closed"), "method", "path")).containsExactly("GET /invoices", "GET /invoices/{id}");
    }

    @Test
    void aChangeOverwritesNoOneElses() {
        String tag = admin.get("/apis/billing").header("ETag");
        admin.send("PATCH", "/apis/billing", "{\"description\": \"Changed\"}");
        Answer late = server.send(admin.to("/apis/billing/endpoints")
                .header("Content-Type", "application/json")
                .header("If-Match", tag)
                .PUT(HttpRequest.BodyPublishers.ofString("{\"endpoints\": []}"))
                .build());
        assertThat(late.status()).isEqualTo(412);
        assertThat(admin.get("/apis/billing").json().get("endpoints").asInt()).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"name": "latchkey", "audience": "https://x.example"}                       | name
            {"name": "Billing", "audience": "https://x.example"}                        | name
            {"name": "a", "audience": "billing"}                                        | audience
            {"name": "a", "audience": "https://x.example#y"}                            | audience
            {"name": "a", "audience": "https://billing.example"}                        | audience
            {"name": "a", "audience": "https://x.example", "hosts": ["a b"]}            | hosts
            {"name": "a", "audience": "https://x.example", "hosts": ["billing.example"], "basePath": "/v1"} | hosts
            {"name": "a", "audience": "https://x.example", "basePath": "v1"}            | basePath
            {"name": "a", "audience": "https://x.example", "basePath": "/{x}"}          | basePath
            {"name": "a", "audience": "https://x.example", "privileges": [{"name": "a b"}]} | privileges
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "get", "path": "/", "privilege": "p"}]} | endpoints
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "x", "privilege": "p"}]} | endpoints
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "/a/../b", "privilege": "p"}]} | endpoints
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "/{x}", "privilege": "p"}, {"method": "GET", "path": "/{y}", "privilege": "q"}]} | endpoints
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "/"}]} | privilege
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "/", "access": "all"}]} | access
            {"name": "a", "audience": "https://x.example", "endpoints": [{"method": "GET", "path": "/", "access": "public", "privilege": "p"}]} | privilege
            """)
    void wrongInputIsAnsweredPreciselyAndChangesNothing(String body, String field) {
        Answer answer = admin.post("/apis", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo(field);
        assertThat(admin.get("/apis").json().get("items")).hasSize(1);
    }

    @Test
    void whoMayNotManageApisMayNotChangeThem() {
        admin.createRole("looker", "apis:read");
        RunningServer.Api looker = server.api(admin.createToken("Looks", "looker"));
        assertThat(looker.get("/apis/billing").status()).isEqualTo(200);
        assertThat(looker.get("/apis/billing/policy").status()).isEqualTo(200);
        for (Answer refused : List.of(
                looker.post("/apis", "{\"name\": \"a\", \"audience\": \"https://a.example\"}"),
                looker.send("PATCH", "/apis/billing", "{}"),
                looker.delete("/apis/billing"),
                looker.post("/apis/billing/imports", "{}"),
                looker.send("PUT", "/apis/billing/endpoints", "{\"endpoints\": []}"))) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("privilege").asString()).isEqualTo("apis:manage");
        }
    }

    @Test
    void whatActsForAnApiDoesNotActForALaterOneOfItsName() {
        admin.post("/apis", "{\"name\": \"short-lived\", \"audience\": \"https://short.example\"}")
                .created();
        String clientId = admin.post(
                        "/tokens", "{\"description\": \"Its own\", \"role\": \"public\", \"actsFor\": \"short-lived\"}")
                .created()
                .json()
                .get("clientId")
                .asString();
        assertThat(admin.delete("/apis/short-lived").status()).isEqualTo(204);
        assertThat(admin.get("/tokens/" + clientId).json().has("actsFor")).isFalse();
        admin.post("/apis", "{\"name\": \"short-lived\", \"audience\": \"https://later.example\"}")
                .created();
        assertThat(admin.get("/tokens/" + clientId).json().has("actsFor")).isFalse();
        assertThat(admin.get("/tokens/" + clientId + "/events").body()).contains("acts for", "short-lived");
        assertThat(admin.delete("/apis/short-lived").status()).isEqualTo(204);
    }

    @Test
    void aPatchUndoesNothingThatSomeoneElseChangesAtTheSameTime() throws Exception {
        admin.post("/roles", "{\"name\": \"busy\"}").created();
        admin.post(
                        "/apis",
                        "{\"name\": \"busy\", \"audience\": \"https://busy.example\", \"hosts\": [\"busy.example\"]}")
                .created();
        try (var threads = java.util.concurrent.Executors.newFixedThreadPool(2)) {
            for (int round = 0; round < 60; round++) {
                String words = "{\"description\": \"round " + round + "\"}";
                String effect = round % 2 == 0 ? "deny" : "allow";
                String audience = "https://busy" + round + ".example";
                threads.invokeAll(List.of(
                        () -> admin.send("PATCH", "/roles/busy", words),
                        () -> admin.send(
                                "PUT",
                                "/roles/busy/privileges/latchkey/tokens:read",
                                "{\"effect\": \"" + effect + "\"}")));
                threads.invokeAll(List.of(
                        () -> admin.send("PATCH", "/apis/busy", words),
                        () -> admin.send("PATCH", "/apis/busy", "{\"audience\": \"" + audience + "\"}")));
                assertThat(admin.get("/roles/busy").json().get("privileges").toString())
                        .contains("\"" + effect + "\"");
                assertThat(admin.get("/roles/busy").json().get("description").asString())
                        .isEqualTo("round " + round);
                assertThat(admin.get("/apis/busy").json().get("audience").asString())
                        .isEqualTo(audience);
                assertThat(admin.get("/apis/busy").json().get("description").asString())
                        .isEqualTo("round " + round);
            }
        }
        assertThat(admin.delete("/apis/busy").status()).isEqualTo(204);
    }

    /** Promise 4 on registered APIs. */
    @Test
    void callersWhoManageRolesGrantNoPrivilegeOfAnApiThatTheyLack() {
        admin.createRole("role_manager", "roles:read", "roles:manage", "tokens:create");
        RunningServer.Api manager = server.api(admin.createToken("Manages roles", "role_manager"));
        Answer refused = manager.post(
                "/roles",
                "{\"name\": \"mine\", \"privileges\": [{\"api\": \"billing\", \"privilege\": \"invoices:read\", \"effect\": \"allow\"}]}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("billing/invoices:read");
        assertThat(manager.post("/tokens", "{\"description\": \"x\", \"role\": \"invoice_reader\"}")
                        .status())
                .isEqualTo(403);
        assertThat(admin.post(
                                "/roles",
                                "{\"name\": \"mine\", \"privileges\": [{\"api\": \"billing\", \"privilege\": \"gone\", \"effect\": \"allow\"}]}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void aDocumentIsProposedComparedAndAppliedInOneStep() {
        String document = """
                openapi: 3.1.0
                info: {title: Billing, version: '2'}
                servers: [{url: https://billing.example/v2}]
                paths:
                  /invoices: {get: {tags: [Invoices], summary: List}, post: {security: [{o: [invoices:create]}]}}
                  /invoices/{id}: {get: {tags: [Invoices]}}
                  /payments: {get: {tags: ['Payments & more']}, put: {security: []}}
                  /v3/things: {delete: {}}
                  /both: {get: {security: [{o: [a, b]}]}}
                """;
        Answer proposed = server.send(admin.to("/apis/billing/imports")
                .header("Content-Type", "application/yaml")
                .POST(HttpRequest.BodyPublishers.ofString(document))
                .build());
        assertThat(proposed.status()).as(proposed.body()).isEqualTo(200);
        List<String> lines = new ArrayList<>();
        List<JsonNode> endpoints = new ArrayList<>();
        for (JsonNode one : proposed.json().get("endpoints")) {
            JsonNode endpoint = one.get("endpoint");
            endpoints.add(endpoint);
            lines.add(
                    one.get("change").asString() + " " + endpoint.get("method").asString() + " "
                            + endpoint.get("path").asString() + " "
                            + endpoint.path("privilege")
                                    .asString(endpoint.path("privileges").toString()));
        }
        assertThat(lines)
                .containsExactly(
                        "added GET /both [\"a\",\"b\"]",
                        "changed GET /invoices invoices:read",
                        "changed POST /invoices invoices:create",
                        "same GET /invoices/{id} invoices:read",
                        "added GET /payments payments-more:read",
                        "added PUT /payments payments:write",
                        "added DELETE /v3/things things:write");
        assertThat(proposed.json().get("endpoints").get(5).get("note").asString())
                .contains("anyone may call it");
        assertThat(texts(proposed.json().get("removed"), "method", "path")).contains("GET /status", "GET /me");
        assertThat(proposed.json().get("hints").toString()).contains("base path /v2");
        assertThat(texts(proposed.json().get("preview").get("roles"), "role")).contains("invoice_reader");

        Answer applied = server.send(admin.to("/apis/billing/endpoints")
                .header("Content-Type", "application/json")
                .header("If-Match", proposed.header("ETag"))
                .PUT(HttpRequest.BodyPublishers.ofString("{\"endpoints\": " + endpoints + "}"))
                .build());
        assertThat(applied.status()).as(applied.body()).isEqualTo(200);
        assertThat(applied.json().get("endpoints").asInt()).isEqualTo(7);
        assertThat(admin.get("/events?pageSize=5").body()).contains("endpoint GET /both", "role.update");
    }

    @Test
    void whatCannotBeTakenIsLeftOutAndAnApiThatIsNotThereYetIsProposedFor() {
        Answer proposed = server.send(admin.to("/apis/shop/imports?audience=https://shop.example")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "openapi: 3.1.0\npaths: {/a: {get: {tags: [x]}, put: {security: [{o: [a b]}]}}, /b: 1}"))
                .build());
        assertThat(proposed.status()).as(proposed.body()).isEqualTo(200);
        assertThat(texts(proposed.json().get("leftOut"), "method", "path", "where", "possible"))
                .containsExactly(
                        "PUT /a the document, line 2, column 37 true", "/b the document, line 2, column 68 false");
        assertThat(proposed.header("ETag")).isEmpty();
        assertThat(admin.get("/apis/shop").status()).isEqualTo(404);
        assertThat(server.send(admin.to("/apis/billing/imports?audience=https://shop.example")
                                .POST(HttpRequest.BodyPublishers.ofString("openapi: 3.1.0\npaths: {/a: {get: {}}}"))
                                .build())
                        .status())
                .isEqualTo(409);
        assertThat(server.send(admin.to("/apis/shop/imports?audience=" + Billing.AUDIENCE)
                                .POST(HttpRequest.BodyPublishers.ofString("openapi: 3.1.0\npaths: {/a: {get: {}}}"))
                                .build())
                        .status())
                .isEqualTo(422);
    }

    @Test
    void theOpenApiDocumentSaysThatADocumentCanBeSent() {
        assertThat(server.get("/api/openapi.json")
                        .json()
                        .at(
                                "/paths/~1apis~1{api}~1imports/post/requestBody/content/application~1octet-stream/schema/format")
                        .asString())
                .isEqualTo("binary");
    }

    @Test
    void aBadDocumentIsRefusedSayingWhere() {
        Answer refused = server.send(admin.to("/apis/billing/imports")
                .POST(HttpRequest.BodyPublishers.ofString("openapi: 3.1.0\npaths: {/a: {$ref: '../x.yml'}}"))
                .build());
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("code").asString()).isEqualTo("invalid_openapi");
        assertThat(refused.json().get("detail").asString()).contains("line 2, column 20");
    }

    /** A stranger's large body must not even be read. */
    @Test
    void largeBodiesAreReadForThoseOnlyWhoSayWhoTheyAre() {
        Answer refused = server.send(server.request("/api/v1/apis/billing/imports")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                .build());
        assertThat(refused.status()).isEqualTo(401);
    }

    @Test
    void theVerifiersPolicyFollowsEveryChange() {
        Answer policy = admin.get("/apis/billing/policy");
        assertThat(policy.json().get("basePath").asString()).isEqualTo("/v1");
        assertThat(policy.body())
                .contains(
                        "{\"name\":\"invoice_clerk\",\"privileges\":[\"files:read\",\"invoices:read\",\"invoices:write\"]}")
                .contains("{\"name\":\"accountadmin\",\"privileges\":[]}");
        String tag = policy.header("ETag");
        assertThat(known(tag).status()).isEqualTo(304);
        admin.send("PUT", "/roles/invoice_reader/privileges/billing/invoices:write", "{\"effect\": \"deny\"}");
        assertThat(known(tag).status()).isEqualTo(200);
        assertThat(known(tag).body())
                .contains("{\"name\":\"invoice_clerk\",\"privileges\":[\"files:read\",\"invoices:read\"]}");
    }

    private Answer known(String tag) {
        return server.send(
                admin.to("/apis/billing/policy").header("If-None-Match", tag).build());
    }

    @Test
    void anExplanationNamesTheEndpointThePrivilegeTheRolesAndTheRemedy() {
        Credentials reader = billing.reader;
        JsonNode denied = admin.get(
                        "/explain?api=billing&method=DELETE&path=/v1/invoices/42&token=" + reader.clientId())
                .json();
        assertThat(denied.get("decision").asString()).isEqualTo("deny");
        assertThat(denied.get("endpoint").asString()).isEqualTo("DELETE /invoices/{id}");
        assertThat(denied.get("privilege").asString()).isEqualTo("invoices:write");
        assertThat(denied.get("role").asString()).isEqualTo("invoice_reader");
        assertThat(denied.get("reason").asString())
                .isEqualTo("DELETE /invoices/{id} needs invoices:write. The role invoice_reader does not have"
                        + " invoices:write.");
        // invoice_clerk has it, but is above: granting it would create a circle.
        assertThat(texts(denied.get("remedies"), "kind", "role", "privilege"))
                .containsExactly("allow invoice_reader invoices:write");

        admin.createRole("other");
        assertThat(texts(
                        admin.get("/explain?api=billing&path=/v1/invoices&role=other")
                                .json()
                                .get("remedies"),
                        "kind",
                        "role"))
                .containsExactly("allow other", "grant other", "grant other");

        admin.send("PUT", "/roles/public/privileges/billing/invoices:read", "{\"effect\": \"deny\"}");
        JsonNode overruled = admin.get("/explain?api=billing&path=/v1/invoices&role=invoice_clerk")
                .json();
        assertThat(texts(overruled.get("deniedBy"))).hasSize(1);
        assertThat(overruled.get("reason").asString())
                .isEqualTo(
                        "GET /invoices needs invoices:read. The role public denies invoices:read, and a deny wins over what"
                                + " invoice_reader gives.");
        assertThat(texts(overruled.get("remedies"), "kind", "role")).containsExactly("stop_denying public");
    }

    @Test
    void anExplanationTellsOfEachPrivilegeThatIsNeededTogether() {
        JsonNode denied = admin.get("/explain?api=billing&path=/v1/invoices/42/copies&role=invoice_reader")
                .json();
        assertThat(denied.get("reason").asString())
                .isEqualTo("GET /invoices/{id}/copies needs invoices:read and invoices:write together. The role"
                        + " invoice_reader does not have invoices:write.");
        assertThat(denied.get("privilege").asString()).isEqualTo("invoices:write");
        assertThat(texts(denied.get("needs"), "privilege", "held"))
                .containsExactly("invoices:read true", "invoices:write false");
        assertThat(texts(denied.get("remedies"), "kind", "role", "privilege"))
                .containsExactly("allow invoice_reader invoices:write");

        admin.createRole("other");
        // invoice_reader has only one of the two.
        assertThat(texts(
                        admin.get("/explain?api=billing&path=/v1/invoices/42/copies&role=other")
                                .json()
                                .get("remedies"),
                        "kind",
                        "privilege",
                        "grantedRole"))
                .containsExactly("allow invoices:read ", "allow invoices:write ", "grant  invoice_clerk");
        assertThat(admin.get("/explain?api=billing&path=/v1/invoices/42/copies&role=invoice_clerk")
                        .json()
                        .get("reason")
                        .asString())
                .endsWith("needs invoices:read and invoices:write, both of which the role invoice_clerk has.");
    }

    /** A reader that knows only single privileges sees an unknown kind of access, and so refuses. */
    @Test
    void severalPrivilegesAreAnAccessOfTheirOwn() {
        String path = "/apis/billing/endpoints";
        Answer endpoints = admin.get(path + "?search=/invoices/%7Bid%7D");
        assertThat(texts(endpoints.json().get("items"), "path", "access", "privilege", "privileges"))
                .containsExactly(
                        "/invoices/{id} privilege invoices:write ",
                        "/invoices/{id} privilege invoices:read ",
                        "/invoices/{id}/copies privileges  [\"invoices:read\",\"invoices:write\"]");
        assertThat(texts(admin.get("/apis/billing/policy").json().get("endpoints"), "path", "access"))
                .contains("/invoices/{id}/copies privileges");
        for (JsonNode item : endpoints.json().get("items")) {
            assertThat(admin.post(path, item.toString()).status()).isEqualTo(200);
        }
        assertThat(admin.get(path + "?search=/invoices/%7Bid%7D").body()).isEqualTo(endpoints.body());
        // One of a list, twice the same, is one.
        admin.post(path, "{\"method\":\"GET\",\"path\":\"/x\",\"privileges\":[\"a+b\",\"a+b\"]}");
        assertThat(texts(admin.get(path + "?search=/x").json().get("items"), "access", "privilege"))
                .containsExactly("privilege a+b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"privileges\":[]|privileges",
                "\"privileges\":[\"a b\"]|privileges",
                "\"privileges\":[\"a\"],\"privilege\":\"b\"|privilege",
                "\"access\":\"privilege\",\"privileges\":[\"a\"]|privileges",
                "\"access\":\"public\",\"privileges\":[\"a\"]|privileges",
                "\"access\":\"privileges\",\"privilege\":\"a\"|privilege",
                "\"access\":\"privileges\"|privileges"
            })
    void privilegesThatDoNotFitTheAccessAreRefused(String members, String field) {
        Answer answer = admin.post("/apis/billing/endpoints", "{\"method\":\"GET\",\"path\":\"/x\"," + members + "}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo(field);
    }

    @Test
    void aPrivilegeThatIsNeededTogetherWithAnotherGoesWithTheLastEndpointThatNeedsIt() {
        admin.delete("/apis/billing/endpoints?method=POST&path=/invoices");
        admin.delete("/apis/billing/endpoints?method=DELETE&path=/invoices/%7Bid%7D");
        assertThat(texts(admin.get("/apis/billing").json().get("privileges"), "name"))
                .contains("invoices:write");
        admin.delete("/apis/billing/endpoints?method=GET&path=/invoices/%7Bid%7D/copies");
        assertThat(texts(admin.get("/apis/billing").json().get("privileges"), "name"))
                .doesNotContain("invoices:write");
        assertThat(admin.get("/roles/invoice_clerk").body()).doesNotContain("invoices:write");
    }

    @Test
    void anExplanationAgreesWithTheGate() {
        String accessToken = billing.accessToken(billing.reader);
        for (String call : List.of(
                "GET /v1/invoices",
                "POST /v1/invoices",
                "GET /v1/me",
                "GET /v1/status",
                "GET /v1/files/a/b",
                "GET /v1/invoices/1/copies",
                "GET /v1/Invoices",
                "GET /v1/nothing",
                "GET /invoices",
                "GET /v1/a%2Fb",
                "GET /v1/invoices?_method=DELETE")) {
            String[] parts = call.split(" ");
            int status = server.send(server.request("/gate/v1/nginx/billing")
                            .header("Authorization", "Bearer " + accessToken)
                            .header("X-Original-Method", parts[0])
                            .header("X-Original-URI", parts[1])
                            .build())
                    .status();
            String decision = admin.get("/explain?api=billing&method=" + parts[0] + "&path="
                            + parts[1].replace("%", "%25") + "&token=" + billing.reader.clientId())
                    .json()
                    .get("decision")
                    .asString();
            assertThat(decision).as(call).isEqualTo(status == 200 ? "allow" : "deny");
        }
        admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        JsonNode revoked = admin.get("/explain?api=billing&path=/v1/invoices&token=" + billing.reader.clientId())
                .json();
        assertThat(revoked.get("decision").asString()).isEqualTo("deny");
        assertThat(revoked.get("reason").asString()).contains("was revoked");
    }

    @Test
    void theManagementApiCanBeExplainedToo() {
        JsonNode own = admin.get("/explain?api=latchkey&method=POST&path=/api/v1/tokens&role=invoice_reader")
                .json();
        assertThat(own.get("privilege").asString()).isEqualTo("tokens:create");
        assertThat(own.get("decision").asString()).isEqualTo("deny");
        assertThat(admin.get("/explain?api=latchkey&path=/api/v1/explain&role=accountadmin")
                        .json()
                        .get("decision")
                        .asString())
                .isEqualTo("allow");
    }

    @ParameterizedTest
    @CsvSource({
        "api=nope&path=/x&role=public, api",
        "path=/x&role=public, api",
        "api=billing&role=public, path",
        "api=billing&path=/x, role",
        "api=billing&path=/x&role=nope, role",
        "api=billing&path=/x&role=public&token=x, role",
        "api=billing&path=/x&token=nope, token"
    })
    void anExplanationOfNothingIsRefused(String query, String field) {
        Answer answer = admin.get("/explain?" + query);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo(field);
    }
}
