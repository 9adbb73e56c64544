package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.FreePort;
import dev.latchkey.Needs;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.SystemCommand;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/**
 * The official MCP clients for Python and TypeScript, as they are, call an MCP server behind a real gateway with client
 * credentials. What they do is in {@code src/test/clients/mcp}. Without nginx, Python or Node.js they are skipped, unless
 * {@code LATCHKEY_TEST_BROWSER} is {@code required}, as it is in CI.
 */
class McpClientsTest {
    private static final Path FLOWS = Path.of("src/test/clients/mcp");
    private static final Path FOLDER = Path.of("target/mcp-clients");

    private static RunningServer server;
    private static Process mcpServer;
    private static Gateway gateway;
    private static String url;
    private static Credentials agent;

    @BeforeAll
    static void start() throws Exception {
        Gateway.require(Gateway.Kind.NGINX);
        Needs.that(SystemCommand.succeeds("python3", "--version"), "python3");
        Files.createDirectories(FOLDER);
        for (File file : Objects.requireNonNull(FLOWS.toFile().listFiles(File::isFile))) {
            Files.write(FOLDER.resolve(file.getName()), Files.readAllBytes(file.toPath()));
        }
        run(
                "python3",
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--only-binary",
                ":all:",
                "--upgrade",
                "--target",
                "libraries",
                "--requirement",
                "requirements.txt");
        int port = FreePort.find();
        Path log = FOLDER.resolve("server.txt");
        mcpServer = process(log, "python3", "server.py", Integer.toString(port)).start();
        Waiting.until("the MCP server, which should listen", () -> {
            if (!mcpServer.isAlive()) {
                throw new AssertionError("it did not start: " + Files.readString(log));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        server = RunningServer.start(TestEngine.SQLITE);
        gateway = Gateway.start(Gateway.Kind.NGINX, server.url(), port, "invoices");
        url = "http://127.0.0.1:" + gateway.port() + "/mcp";
        register();
    }

    private static void register() throws IOException {
        RunningServer.Api admin = server.admin();
        admin.post("/apis", """
                {"name": "invoices", "audience": "%s", "mcp": "/mcp",
                 "endpoints": [
                   {"method": "MCP", "path": "/server/discover", "access": "token"},
                   {"method": "MCP", "path": "/tools/list", "access": "token"},
                   {"method": "MCP", "path": "/tools/call/read_invoice", "privilege": "invoices:read"},
                   {"method": "MCP", "path": "/tools/call/delete_invoice", "privilege": "invoices:delete"}]}""".formatted(url)).created();
        admin.post("/roles", """
                {"name": "agent",
                 "privileges": [{"api": "invoices", "privilege": "invoices:read", "effect": "allow"}]}""").created();
        agent = admin.createToken("Agent", "agent");
        Files.writeString(
                FOLDER.resolve("setting.json"),
                new JsonMapper()
                        .writeValueAsString(Map.of(
                                "url",
                                url,
                                "issuer",
                                server.url(),
                                "clientId",
                                agent.clientId(),
                                "clientSecret",
                                agent.clientSecret())));
    }

    @AfterAll
    static void stop() {
        if (mcpServer != null) {
            mcpServer.destroyForcibly();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void theOneInPythonMayCallTheToolOfItsRoleAndNoOther() throws Exception {
        assertThat(run("python3", "client_test.py")).contains("Ran 1 test").endsWith("OK\n");
    }

    @Test
    void theOneInTypeScriptMayCallTheToolOfItsRoleAndNoOther() throws Exception {
        Needs.that(SystemCommand.succeeds("npm", "--version"), "npm");
        // What the lock file names, byte for byte.
        run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        assertThat(run("node", "--test", "--test-reporter=tap", "client.test.mjs"))
                .contains("# pass 2", "# fail 0", "# skipped 0");
    }

    /** Latchkey decides by the fields alone, so that an MCP server must compare them with the body; this one does. */
    @Test
    void aRequestWhoseBodyCallsAnotherToolIsRefusedByTheMcpServer() {
        Answer read = send("read_invoice", "read_invoice");
        assertThat(read.status()).as(read.body()).isEqualTo(200);
        assertThat(read.body()).contains("invoice 7");
        Answer other = send("read_invoice", "delete_invoice");
        assertThat(other.status()).as(other.body()).isEqualTo(400);
        assertThat(other.body()).contains("-32020").doesNotContain("is gone");
        assertThat(send("delete_invoice", "read_invoice").status()).isEqualTo(403);
    }

    private static Answer send(String named, String called) {
        String accessToken = server.requestAccessToken(agent, "&resource=" + url)
                .json()
                .get("access_token")
                .asString();
        return server.send(HttpRequest.newBuilder(URI.create(url))
                .header("Authorization", "Bearer " + accessToken)
                .header("Accept", "application/json, text/event-stream")
                .header("Content-Type", "application/json")
                .header("MCP-Protocol-Version", "2026-07-28")
                .header("Mcp-Method", "tools/call")
                .header("Mcp-Name", named)
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                         "params": {"name": "%s", "arguments": {"number": 7},
                                    "_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                                              "io.modelcontextprotocol/clientInfo": {"name": "agent", "version": "1.0.0"},
                                              "io.modelcontextprotocol/clientCapabilities": {}}}}""".formatted(called)))
                .build());
    }

    private static ProcessBuilder process(Path output, String... command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PYTHONPATH", "libraries");
        return builder;
    }

    /** What it prints; it has two minutes and must succeed. */
    private static String run(String... command) throws Exception {
        Path output = FOLDER.resolve("output.txt");
        Process process = process(output, command).start();
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroyForcibly();
        String printed = Files.readString(output);
        assertThat(ended).as(printed).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
