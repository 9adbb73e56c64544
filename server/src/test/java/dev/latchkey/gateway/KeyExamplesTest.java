package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.Needs;
import dev.latchkey.PastedText;
import dev.latchkey.RunningServer;
import dev.latchkey.SystemCommand;
import dev.latchkey.TestRun;
import dev.latchkey.console.Chromium;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The examples of docs/api-keys.md through real gateways, with an API that pages from elsewhere may call (CORS). */
class KeyExamplesTest {
    private static final Map<Gateway.Kind, Gateway> GATEWAYS = new EnumMap<>(Gateway.Kind.class);

    /** What arrived at the API: the method, the target and the fields of each request. */
    private static final Queue<String> ARRIVED = new ConcurrentLinkedQueue<>();

    private static RunningServer server;
    private static Billing.ApiKey key;
    private static HttpServer api;
    private static String document;
    private static Path folder;

    @BeforeAll
    static void start() throws IOException {
        document = Files.readString(Gateway.repository().resolve("docs/api-keys.md"));
        server = RunningServer.start(TestEngine.SQLITE);
        Billing billing = new Billing(server);
        billing.takeKeys("{\"header\": \"X-API-Key\", \"basic\": true}");
        // The examples call the gateway by its address.
        assertThat(billing.admin
                        .send("PATCH", "/apis/billing", "{\"hosts\": []}")
                        .status())
                .isEqualTo(200);
        billing.admin.post(
                "/apis/billing/endpoints",
                "{\"method\": \"OPTIONS\", \"path\": \"/{path...}\", \"access\": \"public\"}");
        key = billing.apiKey("invoice_reader", "");
        folder = TestRun.newFolder("examples");
        Files.writeString(folder.resolve("api-key"), key.text() + "\n");
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/", exchange -> {
            ARRIVED.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().entrySet());
            exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "*");
            exchange.getResponseHeaders().add("Access-Control-Allow-Headers", "X-API-Key");
            byte[] body = ("called by " + exchange.getRequestHeaders().getFirst("Latchkey-Client-Id"))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        api.start();
    }

    @AfterAll
    static void stop() {
        GATEWAYS.values().forEach(Gateway::close);
        api.stop(0);
        server.close();
    }

    @BeforeEach
    void nothingArrivedYet() {
        ARRIVED.clear();
    }

    /** The example in this language, sent to the gateway. */
    private static String example(String language, Gateway.Kind kind) {
        Matcher block = Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL)
                .matcher(document.substring(document.indexOf("## Use one")));
        assertThat(block.find()).as(language).isTrue();
        return block.group(1).replace("https://billing.example", address(kind));
    }

    private static String address(Gateway.Kind kind) {
        Gateway.require(kind);
        return "http://127.0.0.1:"
                + GATEWAYS.computeIfAbsent(
                                kind,
                                started -> Gateway.start(
                                        started, server.url(), api.getAddress().getPort(), "billing"))
                        .port();
    }

    private static String calledByTheKey() {
        return "called by " + key.clientId();
    }

    private static void assertTheKeyDidNotArrive() {
        assertThat(ARRIVED)
                .isNotEmpty()
                .noneMatch(request -> request.contains(key.text()) || request.contains("Basic "));
    }

    @ParameterizedTest
    @EnumSource(
            value = Gateway.Kind.class,
            names = {"NGINX", "CADDY", "HAPROXY"})
    void curlSendsItInAHeaderAndWithBasic(Gateway.Kind kind) throws IOException, InterruptedException {
        String example = example("sh", kind);
        for (String shell : PastedText.shells()) {
            assertThat(PastedText.pasted(shell, example, folder))
                    .as(shell)
                    .containsSubsequence(calledByTheKey(), calledByTheKey());
        }
        assertTheKeyDidNotArrive();
    }

    @ParameterizedTest
    @EnumSource(
            value = Gateway.Kind.class,
            names = {"NGINX", "CADDY", "HAPROXY"})
    void pythonSendsIt(Gateway.Kind kind) throws IOException, InterruptedException {
        Needs.ifPossible(SystemCommand.succeeds("python3", "-c", "import requests"), "requests for Python");
        Path script = Files.writeString(folder.resolve("example.py"), example("python", kind));
        Process python = new ProcessBuilder("python3", script.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(python.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(said).contains(calledByTheKey());
        assertTheKeyDidNotArrive();
    }

    @ParameterizedTest
    @EnumSource(
            value = Gateway.Kind.class,
            names = {"NGINX", "CADDY", "HAPROXY"})
    void aPageFromElsewhereSendsItWithFetch(Gateway.Kind kind) {
        String example = example("js", kind);
        try (Chromium chromium = Chromium.start();
                BrowserContext context = chromium.browser().newContext()) {
            Page page = context.newPage();
            page.navigate("http://127.0.0.1:" + api.getAddress().getPort() + "/");
            ARRIVED.clear();
            Object text = page.evaluate("async (key) => {" + example + "return await answer.text(); }", key.text());
            assertThat(text).isEqualTo(calledByTheKey());
        }
        assertThat(ARRIVED).anyMatch(request -> request.startsWith("OPTIONS /v1/invoices "));
        assertTheKeyDidNotArrive();
    }

    @Test
    void prometheusReadsItFromAFile() {
        Matcher block = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL).matcher(document);
        assertThat(block.find()).isTrue();
        Map<?, ?> configuration = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(block.group(1));
        Map<?, ?> scrape = (Map<?, ?>) ((List<?>) configuration.get("scrape_configs")).getFirst();
        assertThat(scrape.get("http_headers"))
                .isEqualTo(Map.of("X-API-Key", Map.of("files", List.of("/etc/prometheus/api-key"))));
    }
}
