package dev.latchkey.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** An MCP server behind a gateway: each tool is an endpoint, and the header fields of a request say which one it calls. */
class McpTest {
    private static final String AUDIENCE = "https://tools.example/v1/mcp";
    private static final String[] LIST = {"Mcp-Method", "tools/list"};

    private static RunningServer server;
    private static RunningServer.Api admin;
    private static Credentials agent;
    private static String accessToken;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        admin.post("/apis", """
                {"name": "tools", "audience": "https://tools.example/v1/mcp", "basePath": "/v1", "mcp": "/mcp",
                 "endpoints": [
                   {"method": "MCP", "path": "/server/discover", "access": "public"},
                   {"method": "MCP", "path": "/tools/list", "access": "token"},
                   {"method": "MCP", "path": "/tools/call/read", "privilege": "files:read"},
                   {"method": "MCP", "path": "/tools/call/wipe", "privilege": "files:wipe"},
                   {"method": "MCP", "path": "/tools/call/{tool}", "privilege": "other:use"},
                   {"method": "MCP", "path": "/resources/read/{uri}", "privilege": "files:read"},
                   {"method": "POST", "path": "/{upload}", "access": "token"}]}""").created();
        admin.post("/roles", """
                {"name": "agent",
                 "privileges": [{"api": "tools", "privilege": "files:read", "effect": "allow"},
                                {"api": "tools", "privilege": "other:use", "effect": "allow"}]}""").created();
        agent = admin.createToken("Agent", "agent");
        accessToken = accessToken("");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer token(String more) {
        return server.requestAccessToken(agent, "&resource=" + AUDIENCE + more);
    }

    private static String accessToken(String more) {
        return token(more).json().get("access_token").asString();
    }

    private static Answer ask(String bearer, String method, String target, String... fields) {
        HttpRequest.Builder request = server.request("/gate/v1/nginx/tools")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target);
        if (bearer != null) {
            request.header("Authorization", "Bearer " + bearer);
        }
        for (int i = 0; i < fields.length; i += 2) {
            request.header(fields[i], fields[i + 1]);
        }
        return server.send(request.build());
    }

    /** A request of an MCP client; the fields follow that of the revision. */
    private static Answer call(String... fields) {
        String[] all = new String[fields.length + 2];
        all[0] = "MCP-Protocol-Version";
        all[1] = "2026-07-28";
        System.arraycopy(fields, 0, all, 2, fields.length);
        return ask(accessToken, "POST", "/v1/mcp", all);
    }

    private static Answer tool(String name) {
        return call("Mcp-Method", "tools/call", "Mcp-Name", name);
    }

    @Test
    void aToolIsOpenToARoleThatHasItsPrivilege() {
        Answer read = tool("read");
        assertThat(read.status()).as(read.body()).isEqualTo(200);
        assertThat(read.header("Latchkey-Endpoint")).isEqualTo("MCP /tools/call/read");
        assertThat(read.header("Latchkey-Client-Id")).isEqualTo(agent.clientId());
        assertThat(tool("anything_else").header("Latchkey-Endpoint")).isEqualTo("MCP /tools/call/{tool}");
        assertThat(tool("=?base64?cmVhZA==?=").header("Latchkey-Endpoint")).isEqualTo("MCP /tools/call/read");
        assertThat(call(LIST).header("Latchkey-Endpoint")).isEqualTo("MCP /tools/list");
        assertThat(call("Mcp-Method", "resources/read", "Mcp-Name", "file:///a/b.json")
                        .header("Latchkey-Endpoint"))
                .isEqualTo("MCP /resources/read/{uri}");
        assertThat(ask(null, "POST", "/v1/mcp", "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "server/discover")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"wipe", "=?base64?d2lwZQ==?="})
    void aToolIsClosedToARoleThatLacksItsPrivilege(String name) {
        Answer refused = tool(name);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("code").asString()).isEqualTo("missing_privilege");
        assertThat(refused.json().get("detail").asString())
                .isEqualTo("MCP /tools/call/wipe needs the privilege files:wipe, which the role agent does not have.");
        assertThat(refused.json().get("explain").asString())
                .isEqualTo(server.url() + "/explain?api=tools&method=MCP&path=%2Fv1%2Ftools%2Fcall%2Fwipe&token="
                        + agent.clientId());
    }

    /** MCP clients request the scope that a refusal names, and the token endpoint would refuse it to them. */
    @Test
    void aRefusalNamesAScopeOnlyWhenRequestingItWouldHelp() {
        assertThat(tool("wipe").header("WWW-Authenticate")).isEmpty();
        Answer narrow = ask(
                accessToken("&scope=other:use"),
                "POST",
                "/v1/mcp",
                "MCP-Protocol-Version",
                "2026-07-28",
                "Mcp-Method",
                "tools/call",
                "Mcp-Name",
                "read");
        assertThat(narrow.status()).isEqualTo(403);
        assertThat(narrow.header("WWW-Authenticate"))
                .isEqualTo("Bearer realm=\"tools\", error=\"insufficient_scope\", scope=\"files:read\"");
    }

    @Test
    void anMcpClientLearnsWhereToGetAnAccessTokenAndGetsAllThatItsRoleAllows() {
        Answer stranger = ask(null, "POST", "/v1/mcp", LIST);
        assertThat(stranger.status()).isEqualTo(401);
        String metadata = "/.well-known/oauth-protected-resource/apis/tools";
        assertThat(stranger.header("WWW-Authenticate")).contains("resource_metadata=\"" + server.url() + metadata);
        JsonNode document = server.get(metadata).json();
        assertThat(document.get("resource").asString()).isEqualTo(AUDIENCE);
        assertThat(document.get("scopes_supported").toString()).isEqualTo("[\"mcp\"]");
        assertThat(token("&scope=mcp").json().get("scope").asString()).isEqualTo("files:read other:use");
        assertThat(token("&scope=mcp%20files:read").json().get("scope").asString())
                .isEqualTo("files:read");
        assertThat(token("&scope=files:wipe").json().get("error").asString()).isEqualTo("invalid_scope");
        assertThat(server.requestAccessToken(agent, "&scope=mcp")
                        .json()
                        .get("error")
                        .asString())
                .as("at an API that is not an MCP server")
                .isEqualTo("invalid_scope");
    }

    @Test
    void whatIsNotSaidClearlyIsRefusedWithAReasonThatSaysWhatToDo() {
        assertThat(ask(accessToken, "POST", "/v1/mcp", LIST)
                        .json()
                        .get("detail")
                        .asString())
                .isEqualTo(
                        "The request is refused because it has no MCP-Protocol-Version, which says what revision of MCP it"
                                + " follows. Use a client that speaks MCP 2026-07-28.");
        assertThat(ask(accessToken, "POST", "/v1/mcp", "MCP-Protocol-Version", "2025-11-25")
                        .json()
                        .get("detail")
                        .asString())
                .contains("its MCP-Protocol-Version is not 2026-07-28", "Use a client that speaks it.");
        for (Answer refused : new Answer[] {
            call(),
            call("Mcp-Method", "tools/call"),
            call("Mcp-Method", "tools/call", "Mcp-Name", ""),
            call("Mcp-Method", "tools/call", "Mcp-Name", "read", "Mcp-Name", "wipe"),
            call("Mcp-Method", "tools/call", "Mcp-Name", "read,wipe"),
            call("Mcp-Method", "tools/call", "Mcp-Name", "READ"),
            call("Mcp-Method", "tools/call", "Mcp-Name", "=?utf-8?q?read?="),
            call("Mcp-Method", "tools/call/read"),
            call("Mcp-Method", "tools/list", "Mcp-Method", "tools/call"),
            call("MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/list"),
            call("Mcp-Method", "tools/list", "X-HTTP-Method-Override", "GET")
        }) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("code").asString()).isEqualTo("doubtful_request");
        }
        assertThat(call("Mcp-Method", "prompts/list").json().get("code").asString())
                .isEqualTo("no_endpoint");
    }

    @ParameterizedTest
    @CsvSource({
        "MCP, /v1/tools/list, doubtful_request",
        "MCP, /v1/tools/call/read, doubtful_request",
        "MCP, /v1/mcp, doubtful_request",
        "POST, /v1/MCP, doubtful_request",
        "POST, /v1/mcp/, doubtful_request",
        "POST, /v1/%6Dcp, doubtful_request",
        "POST, /v1/mcp?_method=GET, doubtful_request",
        "GET, /v1/mcp, no_endpoint",
        "DELETE, /v1/mcp, no_endpoint",
        "POST, /mcp, no_endpoint",
        "POST, /v1/tools/list, no_endpoint"
    })
    void onlyAPostToTheMcpEndpointIsACall(String method, String target, String code) {
        Answer refused =
                ask(accessToken, method, target, "MCP-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/list");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("code").asString()).isEqualTo(code);
    }

    /** Otherwise a request elsewhere could bring fields along, or one to the MCP endpoint be decided as another. */
    @Test
    void theFieldsMeanNothingAtOtherEndpoints() {
        Answer upload = ask(accessToken, "POST", "/v1/upload", "Mcp-Method", "tools/call", "Mcp-Name", "wipe");
        assertThat(upload.header("Latchkey-Endpoint")).isEqualTo("POST /{upload}");
    }

    @Test
    void theExplainerAndAuthzenKnowCallsOfMcp() {
        JsonNode explained = admin.get("/explain?api=tools&method=MCP&path=/v1/tools/call/wipe&role=agent")
                .json();
        assertThat(explained.get("decision").asString()).isEqualTo("deny");
        assertThat(explained.get("endpoint").asString()).isEqualTo("MCP /tools/call/wipe");
        assertThat(explained.get("privilege").asString()).isEqualTo("files:wipe");
        assertThat(admin.get("/explain?api=tools&method=POST&path=/v1/mcp&role=agent")
                        .json()
                        .get("reason")
                        .asString())
                .contains("Ask about the method MCP and a path such as /v1/tools/call/NAME");
        assertThat(evaluation("path", "read")).isTrue();
        assertThat(evaluation("path", "wipe")).isFalse();
        assertThat(evaluation("path", "a%2Fb")).isTrue();
        assertThat(evaluation("endpoint", "{tool}")).isTrue();
    }

    private static boolean evaluation(String type, String tool) {
        Answer answer = server.send(server.request("/access/v1/evaluation")
                .header("Authorization", "Bearer " + server.accessToken(server.bootstrap()))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"subject": {"type": "role", "id": "agent"}, "action": {"name": "MCP"},
                         "resource": {"type": "%s", "id": "tools/v1/tools/call/%s"}}""".formatted(type, tool)))
                .build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().get("decision").asBoolean();
    }

    @Test
    void aVerifierIsNotToldOfEndpointsThatItCannotDecideAbout() {
        assertThat(admin.get("/apis/tools/policy").body())
                .contains("\"POST\"")
                .doesNotContain("\"MCP\"", "/tools/list");
    }
}
