package dev.latchkey.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.access.Endpoint.Requirement;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the header fields of a request to an MCP server mean, however they are written. */
class McpCallTest {
    private static final String REVISION = "2026-07-28";

    private final Endpoints tools = endpoints(
            "MCP /server/discover",
            "MCP /tools/list",
            "MCP /tools/call/read",
            "MCP /tools/call/a%2Fb",
            "MCP /tools/call/100%25",
            "MCP /tools/call/%7Bbraces%7D",
            "MCP /tools/call/v1.",
            "MCP /tools/call/gr%C3%B6%C3%9Fe",
            "MCP /tools/call/delete_{what}",
            "MCP /tools/call/{tool}",
            "MCP /resources/read/file:%2F%2F%2Fa.json",
            "MCP /resources/read/{uri}",
            "POST /{any}",
            "GET /{any}");

    private static Endpoints endpoints(String... names) {
        return new Endpoints(
                "/v1",
                Stream.of(names)
                        .map(name -> name.split(" ", 2))
                        .map(parts -> new Endpoint(parts[0], parts[1], new Requirement.AnyToken(), ""))
                        .toList(),
                Set.of(),
                "/mcp");
    }

    private Meaning meaning(List<String> versions, List<String> methods, List<String> names) {
        return tools.find("POST", "/v1/mcp", List.of(), new McpFields(versions, methods, names));
    }

    private Meaning called(String method, String... names) {
        return meaning(List.of(REVISION), List.of(method), List.of(names));
    }

    private static String base64(String text) {
        return "=?base64?" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "?=";
    }

    private static String name(Meaning meaning) {
        return meaning instanceof Endpoint endpoint ? endpoint.name() : meaning.toString();
    }

    private static String doubt(Meaning meaning) {
        assertThat(meaning).isInstanceOf(Meaning.Doubtful.class);
        return ((Meaning.Doubtful) meaning).reason();
    }

    @ParameterizedTest
    @CsvSource({
        "read, MCP /tools/call/read",
        "other, MCP /tools/call/{tool}",
        "delete_all, MCP /tools/call/delete_{what}",
        "a/b, MCP /tools/call/a%2Fb",
        "a/c, MCP /tools/call/{tool}",
        "a/b/c, MCP /tools/call/{tool}",
        "100%, MCP /tools/call/100%25",
        "a%2Fb, MCP /tools/call/{tool}",
        "{braces}, MCP /tools/call/%7Bbraces%7D",
        "{tool}, MCP /tools/call/{tool}",
        "v1., MCP /tools/call/v1.",
        "., MCP /tools/call/{tool}",
        ".., MCP /tools/call/{tool}",
        "a;b=c?d#e\\f, MCP /tools/call/{tool}",
        "with a space, MCP /tools/call/{tool}"
    })
    void aNameIsOneSegmentWhateverCharactersItHas(String name, String endpoint) {
        assertThat(name(called("tools/call", name))).isEqualTo(endpoint);
        assertThat(name(called("tools/call", base64(name)))).isEqualTo(endpoint);
    }

    @ParameterizedTest
    @CsvSource({
        "größe, MCP /tools/call/gr%C3%B6%C3%9Fe",
        "größer, MCP /tools/call/{tool}",
        "🔑, MCP /tools/call/{tool}",
        "'a,b', MCP /tools/call/{tool}",
        "' read', MCP /tools/call/{tool}"
    })
    void whatIsNotSafeInAFieldIsBase64(String name, String endpoint) {
        assertThat(name(called("tools/call", base64(name)))).isEqualTo(endpoint);
        assertThat(name(called("tools/call", base64(name + "\u0000")))).isEqualTo("MCP /tools/call/{tool}");
    }

    @Test
    void aResourceIsNamedByItsUri() {
        assertThat(name(called("resources/read", "file:///a.json")))
                .isEqualTo("MCP /resources/read/file:%2F%2F%2Fa.json");
        assertThat(name(called("resources/read", "file:///b.json"))).isEqualTo("MCP /resources/read/{uri}");
    }

    @Test
    void aNameThatTheMethodDoesNotNeedIsNotLookedAt() {
        assertThat(name(called("tools/list"))).isEqualTo("MCP /tools/list");
        assertThat(name(called("tools/list", "wipe", "everything"))).isEqualTo("MCP /tools/list");
        assertThat(called("tools")).isInstanceOf(Meaning.NoEndpoint.class);
        assertThat(called("tools", "list")).isInstanceOf(Meaning.NoEndpoint.class);
        assertThat(called("prompts/list")).isInstanceOf(Meaning.NoEndpoint.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=?base64?cmVhZA==?",
                "=?base64?cmVhZA?=",
                "=?base64?cmVhZB==?=",
                "=?base64?cm Vh ZA==?=",
                "=?base64??=",
                "=?base64?=",
                "=?base64?/w==?=",
                "=?base64?wK8=?=",
                "=?BASE64?cmVhZA==?=",
                "=?utf-8?q?read?=",
                "=?x"
            })
    void aNameInAnUnknownEncodingIsRefused(String name) {
        assertThat(doubt(called("tools/call", name)))
                .startsWith("its Mcp-Name is encoded in a way that MCP does not know");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"read,wipe", "read, wipe", "größe", "read\twipe", "read\u0000", "read\u007f", " read", "read "})
    void aPlainNameIsVisibleAsciiWithoutAComma(String name) {
        assertThat(doubt(called("tools/call", name))).startsWith("its Mcp-Name has a comma or a character");
    }

    @Test
    void aNameThatCouldStandForAnotherIsRefused() {
        assertThat(doubt(called("tools/call", base64("a\ue02fb")))).contains("private use");
        assertThat(doubt(called("tools/call", "x".repeat(4_001)))).contains("longer than 4000 characters");
        assertThat(doubt(called("tools/call", "READ")))
                .isEqualTo("what it asks of the MCP server differs from MCP /tools/call/read only in letter case");
        assertThat(doubt(called("Tools/List"))).contains("differs from MCP /tools/list");
    }

    @Test
    void eachFieldIsThereOnce() {
        List<String> now = List.of(REVISION);
        List<String> call = List.of("tools/call");
        List<String> read = List.of("read");
        assertThat(doubt(meaning(now, call, List.of())))
                .isEqualTo("it has no Mcp-Name, which tools/call needs. Use a client that speaks MCP 2026-07-28");
        assertThat(doubt(meaning(now, call, List.of("")))).startsWith("it has no Mcp-Name");
        assertThat(doubt(meaning(now, call, List.of("read", "read")))).isEqualTo("it has more than one Mcp-Name");
        assertThat(doubt(meaning(now, List.of(), read))).startsWith("it has no Mcp-Method");
        assertThat(doubt(meaning(now, List.of("tools/list", "tools/call"), read)))
                .isEqualTo("it has more than one Mcp-Method");
        assertThat(doubt(meaning(List.of(), call, read))).startsWith("it has no MCP-Protocol-Version");
        assertThat(doubt(meaning(List.of(REVISION, REVISION), call, read)))
                .isEqualTo("it has more than one MCP-Protocol-Version");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2025-11-25",
                "2026-07-27",
                "2026-07-29",
                "9999-12-31",
                "2026-07-28 ",
                "2026-07-28, 2026-07-28",
                "x"
            })
    void onlyARevisionWhoseServersCompareFieldsAndBodyIsBelieved(String version) {
        assertThat(doubt(meaning(List.of(version), List.of("tools/list"), List.of())))
                .startsWith("its MCP-Protocol-Version is not 2026-07-28, whose servers compare");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tools/call/read",
                "resources/read/x",
                "tools/list,tools/call",
                "tools/list ",
                "/tools/list",
                "tools/list/",
                "tools//list",
                "tools%2Flist",
                "tools\\list",
                "tools/list?x",
                "tööls/list",
                "{method}"
            })
    void aMethodHasOneSpelling(String method) {
        assertThat(doubt(called(method, "read"))).isEqualTo("its Mcp-Method is not the name of a method of MCP");
    }

    @Test
    void thePathOfTheMcpEndpointHasOneSpellingToo() {
        McpFields list = new McpFields(List.of(REVISION), List.of("tools/list"), List.of());
        assertThat(name(tools.find("POST", "/v1/mcp?x=y", List.of(), list))).isEqualTo("MCP /tools/list");
        for (String target :
                List.of("/v1/MCP", "/v1/mcp/", "/V1/mcp", "/v1/%6Dcp", "/v1//mcp", "/v1/mcp;x", "/v1/./mcp")) {
            assertThat(tools.find("POST", target, List.of(), list)).as(target).isInstanceOf(Meaning.Doubtful.class);
        }
        assertThat(name(tools.find("POST", "/v1/mcps", List.of(), list))).isEqualTo("POST /{any}");
        assertThat(name(tools.find("GET", "/v1/mcp", List.of(), list))).isEqualTo("GET /{any}");
        assertThat(tools.find("DELETE", "/v1/mcp", List.of(), list)).isInstanceOf(Meaning.NoEndpoint.class);
    }

    @Test
    void mcpIsNotAMethodOfHttp() {
        McpFields list = new McpFields(List.of(REVISION), List.of("tools/list"), List.of());
        for (String target : List.of("/v1/tools/list", "/v1/mcp", "/v1/tools/call/read")) {
            assertThat(doubt(tools.find("MCP", target, List.of(), list))).startsWith("MCP is not a method of HTTP");
        }
        assertThat(tools.find("mcp", "/v1/tools/list", List.of(), list)).isInstanceOf(Meaning.NoEndpoint.class);
        assertThat(tools.find("POST", "/v1/mcp", List.of("MCP"), list)).isInstanceOf(Meaning.Doubtful.class);
        assertThat(tools.find("POST", "/v1/mcp?_method=MCP", List.of(), list)).isInstanceOf(Meaning.Doubtful.class);
    }

    @Test
    void aQuestionNamesACallByTheMethodMcpAndAPath() {
        assertThat(name(tools.find("MCP", "/v1/tools/list"))).isEqualTo("MCP /tools/list");
        assertThat(name(tools.find("MCP", "/v1/tools/call/a%2Fb"))).isEqualTo("MCP /tools/call/a%2Fb");
        assertThat(name(tools.find("MCP", "/v1/tools/call/größe"))).isEqualTo("MCP /tools/call/gr%C3%B6%C3%9Fe");
        assertThat(name(tools.find("MCP", "/v1/tools/call/🔑"))).isEqualTo("MCP /tools/call/{tool}");
        assertThat(tools.find("MCP", "/tools/list")).isInstanceOf(Meaning.NoEndpoint.class);
        assertThat(doubt(tools.find("MCP", "/v1/tools/call/a/b"))).contains("must be one segment");
        assertThat(doubt(tools.find("MCP", "/v1/tools/call"))).contains("its path names nothing");
        assertThat(doubt(tools.find("MCP", "/v1/tools/call/%FF"))).contains("not percent-encoded UTF-8");
        assertThat(doubt(tools.find("MCP", "/v1/tools/call/%2"))).contains("not percent-encoded UTF-8");
        assertThat(doubt(tools.find("POST", "/v1/mcp"))).contains("Ask about the method MCP");
        assertThat(new Endpoints("", List.of()).find("MCP", "/tools/list")).isInstanceOf(Meaning.NoEndpoint.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "a/b", "100%", "größe 🔑", "a+b c", "..", "{x}"})
    void thePathOfACallIsReadAsTheSameCall(String name) {
        McpCall call = new McpCall("tools/call", name);
        assertThat(McpCall.at(call.path())).isEqualTo(call);
    }

    @Test
    void anEndpointThatNoCallCanMatchIsNoTemplate() {
        for (String path : List.of(
                "/tools/call",
                "/tools/list/",
                "/tools/call/a?b",
                "/tools/call/%",
                "/tools/call/%zz",
                "/tools/call/%FF",
                "/tools/call/a\ue02fb",
                "/tools/call/%EE%80%AF",
                "/tools//list",
                "tools/list")) {
            assertThatThrownBy(() -> McpCall.template("", path)).as(path).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> McpCall.template("", "/tools/call/a%2Fb;c"))
                .hasMessage("In /tools/call/a%2Fb;c the segment a%2Fb;c holds a character that no path can have: ;.");
    }
}
