package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.event.Origin;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.ForeignRequest;
import dev.latchkey.http.Headers;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What AuthZEN answers is what the gate decides, in a world made at random: roles that allow, deny and are granted to each
 * other, APIs with endpoints of every kind, which take API keys or not, one of them an MCP server, tokens that work, have ended
 * or begin later, some of them with an API key, and requests that are good, strange or hostile.
 */
class AuthzenEqualsGateTest {
    private static final int CASES = 100_000;
    private static final int AT_ONCE = 100;

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> APIS = List.of("alpha", "beta", "gamma");
    private static final List<String> BASE_PATHS = List.of("", "/v1", "/v2/x");
    private static final String MCP_SERVER = "gamma";
    private static final String MCP_PATH = "/mcp";
    private static final List<String> PRIVILEGES = List.of("a:read", "a:write", "b:read", "b:write");
    private static final List<String> TEMPLATES = List.of(
            "/", "/a", "/a/", "/a/{id}", "/a/b", "/a/{id}.json", "/a/{id}/b", "/b/{rest...}", "/C", "/c/{x}/{y}");
    private static final List<String> CALLS = List.of(
            "/tools/list", "/tools/call/read", "/tools/call/a%2Fb", "/tools/call/{tool}", "/resources/read/{uri}");
    private static final List<String> CALLED = List.of(
            "tools/call", "tools/call", "tools/call", "resources/read", "tools/list", "Tools/List", "prompts/list");
    private static final List<String> NAMES = List.of(
            "read", "READ", "write", "a/b", "A/b", "größe", "a,b", "x.", "100%", "{tool}", "file:///a", "\ue02f");
    private static final List<String> METHODS = List.of("GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "PURGE");
    private static final List<String> ASKED_METHODS =
            List.of("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PURGE", "OPTIONS", "get", "*", "");
    private static final List<String> ADDRESSES =
            List.of("10.1.2.3", "10.2.0.1", "::1", "2001:db8::7", "::ffff:10.1.0.9");
    /** What makes a path strange, or only looks like it. */
    private static final List<String> ENDINGS = List.of(
            "",
            "",
            "",
            "",
            "/",
            "//",
            "/.",
            "/..",
            "/x",
            "?x=y",
            "?_method=DELETE",
            "?_method=GET",
            "%2F",
            "%41",
            "%20",
            "%C3%A9",
            "%FF",
            ";v=1",
            ".json",
            ".",
            "\\",
            "{id}",
            "|",
            "é",
            "#x",
            "%",
            "/b",
            "/a/../a");

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final TestClock clock = new TestClock();
    private RunningServer server;
    private Api admin;

    /** An API token with what it sends to each API, an access token or its key; unknown ones send nothing that is known. */
    private record Program(String clientId, Map<String, String> credentials) {}

    private final List<Program> programs = new ArrayList<>();

    /**
     * A request, and who is said to make it.
     *
     * @param mcp the fields with which an MCP client asks for it; empty for any other request
     */
    private record Case(
            Program program, String api, String method, String target, String address, Map<String, String> mcp) {}

    @BeforeEach
    void makeTheWorld() {
        server = RunningServer.start(TestEngine.SQLITE, clock);
        admin = server.admin();
        for (int i = 0; i < APIS.size(); i++) {
            admin.post("/apis", api(APIS.get(i), BASE_PATHS.get(i))).created();
        }
        for (int i = 0; i < 12; i++) {
            admin.post("/roles", role(i)).created();
        }
        for (int i = 0; i < 40; i++) {
            String role = "role" + random.nextInt(12);
            programs.add(i % 3 == 2 ? keyed(role) : program(role));
        }
        // Some end, some begin later, and some may be used only from somewhere: all after they got their access tokens.
        for (int i = 0; i < 20; i++) {
            String path = "/tokens/" + programs.get(i).clientId();
            Answer changed = switch (i % 4) {
                case 0 -> admin.post(path + "/revoke", "{}");
                case 1 ->
                    admin.send(
                            "PATCH", path, "{\"expiresAt\":\"" + clock.instant().plusSeconds(60) + "\"}");
                case 2 ->
                    admin.send(
                            "PATCH", path, "{\"notBefore\":\"" + clock.instant().plusSeconds(3600) + "\"}");
                default -> admin.send("PATCH", path, "{\"allowedAddresses\":[\"10.1.0.0/16\",\"2001:db8::/32\"]}");
            };
            assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        }
        clock.advance(Duration.ofMinutes(2));
        programs.add(new Program("zzzzzz.zzzzzzzzzzzzzzzz", Map.of()));
        programs.add(new Program("nonsense", Map.of()));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String api(String name, String basePath) {
        Map<String, String> endpoints = new LinkedHashMap<>();
        for (int i = 0; i < 25; i++) {
            String method = any(METHODS);
            String path = any(TEMPLATES);
            endpoints.putIfAbsent(method + " " + path, endpoint(method, path));
        }
        boolean isMcp = name.equals(MCP_SERVER);
        if (isMcp) {
            CALLS.forEach(path -> endpoints.put("MCP " + path, endpoint("MCP", path)));
        }
        String privileges = PRIVILEGES.stream()
                .map(privilege -> "{\"name\":\"" + privilege + "\"}")
                .collect(Collectors.joining(","));
        String keys = name.equals("beta") ? "" : ",\"apiKeys\":{\"bearer\":true}";
        return "{\"name\":\"" + name + "\",\"audience\":\"https://" + name + ".example\"" + keys + ",\"basePath\":\""
                + basePath
                + "\"" + (isMcp ? ",\"mcp\":\"" + MCP_PATH + "\"" : "") + ",\"privileges\":[" + privileges
                + "],\"endpoints\":["
                + String.join(",", endpoints.values()) + "]}";
    }

    private String endpoint(String method, String path) {
        String needs = switch (random.nextInt(10)) {
            case 0 -> "\"access\":\"public\"";
            case 1 -> "\"access\":\"token\"";
            case 2, 3 -> "\"privileges\":[\"a:read\",\"" + any(List.of("b:read", "b:write")) + "\"]";
            default -> "\"privilege\":\"" + any(PRIVILEGES) + "\"";
        };
        return "{\"method\":\"" + method + "\",\"path\":\"" + path + "\"," + needs + "}";
    }

    /** Each may have some of those before it. */
    private String role(int number) {
        List<String> privileges = new ArrayList<>();
        for (String api : APIS) {
            for (String privilege : PRIVILEGES) {
                int chance = random.nextInt(10);
                if (chance < 4) {
                    privileges.add("{\"api\":\"" + api + "\",\"privilege\":\"" + privilege + "\",\"effect\":\""
                            + (chance == 0 ? "deny" : "allow") + "\"}");
                }
            }
        }
        String granted = IntStream.range(0, number)
                .filter(other -> random.nextInt(6) == 0)
                .mapToObj(other -> "\"role" + other + "\"")
                .collect(Collectors.joining(","));
        return "{\"name\":\"role" + number + "\",\"grantedRoles\":[" + granted + "],\"privileges\":["
                + String.join(",", privileges) + "]}";
    }

    private Program program(String role) {
        Credentials credentials = admin.createToken("Program", role);
        Map<String, String> accessTokens = new LinkedHashMap<>();
        for (String api : APIS) {
            accessTokens.put(
                    api,
                    server.requestAccessToken(credentials, "&resource=https://" + api + ".example")
                            .json()
                            .get("access_token")
                            .asString());
        }
        return new Program(credentials.clientId(), accessTokens);
    }

    /** One whose program sends an API key, which not every API takes. */
    private Program keyed(String role) {
        JsonNode created = admin.post(
                        "/tokens", """
                        {"description": "Program", "role": "%s", "authentication": {"method": "api_key"},
                         "expiresAt": "%s"}""".formatted(role, clock.instant().plus(Duration.ofDays(30))))
                .created()
                .json();
        String key = created.get("apiKey").asString();
        return new Program(
                created.get("clientId").asString(), APIS.stream().collect(Collectors.toMap(api -> api, api -> key)));
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** What an MCP client asks, in the words of a question and in its fields. */
    private Case anyCall() {
        String method = any(CALLED);
        boolean named = method.equals("tools/call") || method.equals("resources/read");
        String name = any(NAMES);
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("MCP-Protocol-Version", "2026-07-28");
        fields.put("Mcp-Method", method);
        if (named) {
            fields.put(
                    "Mcp-Name",
                    "=?base64?" + Base64.getEncoder().encodeToString(name.getBytes(StandardCharsets.UTF_8)) + "?=");
        }
        return new Case(
                any(programs),
                MCP_SERVER,
                "MCP",
                BASE_PATHS.get(APIS.indexOf(MCP_SERVER)) + "/" + method
                        + (named ? "/" + URLEncoder.encode(name, StandardCharsets.UTF_8) : ""),
                any(ADDRESSES),
                fields);
    }

    private Case anyCase() {
        if (random.nextInt(6) == 0) {
            return anyCall();
        }
        int api = random.nextInt(APIS.size());
        String path = (random.nextInt(20) == 0 ? "" : BASE_PATHS.get(api))
                + any(TEMPLATES)
                        .replace("{id}", any(List.of("7", "x.y", "b", "B")))
                        .replace("{rest...}", any(List.of("x", "x/y", "x/y/")))
                        .replace("{x}", "1")
                        .replace("{y}", "%C3%BC");
        String target = switch (random.nextInt(10)) {
            case 0 -> path.toUpperCase(Locale.ROOT);
            case 1, 2, 3, 4 -> path + any(ENDINGS);
            default -> path;
        };
        return new Case(
                any(programs),
                random.nextInt(50) == 0 ? "nowhere" : APIS.get(api),
                any(ASKED_METHODS),
                target,
                any(ADDRESSES),
                Map.of());
    }

    private boolean decidedByTheGate(Case one) {
        Map<String, String> fields = new LinkedHashMap<>(one.mcp());
        fields.put("Authorization", "Bearer " + one.program().credentials().getOrDefault(one.api(), "unknown"));
        boolean call = !one.mcp().isEmpty();
        return server.parts()
                        .gate
                        .decide(new ForeignRequest(
                                one.api(),
                                null,
                                call ? "POST" : one.method(),
                                call ? BASE_PATHS.get(APIS.indexOf(one.api())) + MCP_PATH : one.target(),
                                List.of(),
                                new ForeignRequest.Credentials(Headers.of(fields), List.of(), false),
                                new Origin(one.address(), "test")))
                instanceof Decision.Allowed;
    }

    private List<Boolean> decidedByAuthzen(String accessToken, List<Case> cases) {
        String questions = JSON.writeValueAsString(Map.of(
                "evaluations",
                cases.stream()
                        .map(one -> Map.of(
                                "subject",
                                        Map.of(
                                                "type",
                                                "token",
                                                "id",
                                                one.program().clientId()),
                                "action", Map.of("name", one.method()),
                                "resource", Map.of("type", "path", "id", one.api() + one.target()),
                                "context", Map.of("address", one.address())))
                        .toList()));
        Answer answer = server.send(server.request("/access/v1/evaluations")
                .header("Authorization", "Bearer " + accessToken)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(questions))
                .build());
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        List<Boolean> decisions = new ArrayList<>();
        for (JsonNode one : answer.json().get("evaluations")) {
            assertThat(one.at("/context/error").isMissingNode())
                    .as(one.toString())
                    .isTrue();
            decisions.add(one.get("decision").asBoolean());
        }
        return decisions;
    }

    @Test
    void everyDecisionIsTheGates() {
        String accessToken = server.accessToken(server.bootstrap());
        int allowed = 0;
        for (int done = 0; done < CASES; done += AT_ONCE) {
            List<Case> cases = new ArrayList<>();
            List<Boolean> gate = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                Case one = anyCase();
                cases.add(one);
                gate.add(decidedByTheGate(one));
            }
            List<Boolean> authzen = decidedByAuthzen(accessToken, cases);
            if (!authzen.equals(gate)) {
                int first = IntStream.range(0, AT_ONCE)
                        .filter(i -> !authzen.get(i).equals(gate.get(i)))
                        .findFirst()
                        .orElseThrow();
                assertThat(authzen.get(first))
                        .as("seed %s: %s", seed, cases.get(first))
                        .isEqualTo(gate.get(first));
            }
            allowed += (int) gate.stream().filter(decision -> decision).count();
        }
        assertThat(allowed).as("how many were allowed, seed %s", seed).isBetween(CASES / 200, CASES / 2);
    }
}
