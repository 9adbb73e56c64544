package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.http.LogLines;
import dev.latchkey.trace.CurrentRequest;
import dev.latchkey.trace.Traces;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Traces as a collector receives them. */
class TracesTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00f067aa0ba902b7";

    /** A receiver of OTLP over HTTP. */
    private HttpServer collector;

    private final List<ExportTraceServiceRequest> received = new CopyOnWriteArrayList<>();
    private final List<String> raw = new CopyOnWriteArrayList<>();

    @BeforeEach
    void startCollector() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
                body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
            }
            raw.add(new String(body, StandardCharsets.ISO_8859_1));
            received.add(ExportTraceServiceRequest.parseFrom(body));
            exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
    }

    @AfterEach
    void stopCollector() {
        collector.stop(0);
    }

    private String endpoint() {
        return "http://127.0.0.1:" + collector.getAddress().getPort();
    }

    private RunningServer start(String percent, String... more) {
        Map<String, String> settings = new HashMap<>(Map.of("otlp-endpoint", endpoint(), "trace-percent", percent));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return RunningServer.start(TestEngine.SQLITE, settings);
    }

    private List<Span> spans() {
        return received.stream()
                .flatMap(request -> request.getResourceSpansList().stream())
                .flatMap(resource -> resource.getScopeSpansList().stream())
                .flatMap(scope -> scope.getSpansList().stream())
                .toList();
    }

    private static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    private List<Span> spansOf(String traceId) {
        return spans().stream()
                .filter(span -> hex(span.getTraceId()).equals(traceId))
                .toList();
    }

    private static Map<String, String> attributes(List<KeyValue> attributes) {
        return attributes.stream()
                .collect(Collectors.toMap(
                        KeyValue::getKey,
                        attribute -> attribute.getValue().hasIntValue()
                                ? Long.toString(attribute.getValue().getIntValue())
                                : attribute.getValue().getStringValue()));
    }

    /** The span of the request, whose trace has its id. */
    private Span spanOf(String requestId) {
        return spansOf(requestId).stream()
                .filter(span -> span.getKind() == Span.SpanKind.SPAN_KIND_SERVER)
                .findFirst()
                .orElseThrow(() -> new AssertionError(spans()));
    }

    private static Answer asked(RunningServer server, String traceparent) {
        return server.send(server.request("/health/ready")
                .header("traceparent", traceparent)
                .build());
    }

    @Test
    void aTokenRequestHasASpanWithItsLookUpAndItsSignatureAndNothingPrivate() {
        Credentials program;
        Answer answer;
        String refused;
        try (RunningServer server = start("100")) {
            program = server.admin().createToken("Program", "public");
            answer = server.requestAccessToken(program, "&scope=");
            refused = server.get("/setup/a-secret-path?and=a-secret-query").header("X-Request-Id");
        }
        String id = answer.header("X-Request-Id");
        Span span = spanOf(id);
        assertThat(span.getName()).isEqualTo("POST /oauth/v2/token");
        assertThat(span.getParentSpanId().isEmpty()).isTrue();
        assertThat(attributes(span.getAttributesList()))
                .containsOnlyKeys(
                        "http.request.method",
                        "http.route",
                        "http.response.status_code",
                        "url.scheme",
                        "network.protocol.version",
                        "latchkey.request_id")
                .containsEntry("http.request.method", "POST")
                .containsEntry("http.route", "/oauth/v2/token")
                .containsEntry("http.response.status_code", Integer.toString(answer.status()))
                .containsEntry("latchkey.request_id", id);
        assertThat(spansOf(id).stream().filter(step -> step.getKind() == Span.SpanKind.SPAN_KIND_INTERNAL))
                .allSatisfy(step -> {
                    assertThat(step.getParentSpanId()).isEqualTo(span.getSpanId());
                    assertThat(step.getAttributesCount()).isZero();
                })
                .extracting(Span::getName)
                .contains("look up", "sign");
        assertThat(spanOf(refused).getName()).isEqualTo("GET /setup/{secret}");

        String everything = String.join("\n", raw);
        assertThat(everything)
                .doesNotContain(
                        program.clientSecret(),
                        program.clientId(),
                        program.basic(),
                        "a-secret-path",
                        "a-secret-query",
                        "127.0.0.1",
                        "eyJ");
        ResourceSpans resource = received.getFirst().getResourceSpans(0);
        assertThat(attributes(resource.getResource().getAttributesList()))
                .containsOnlyKeys("service.name", "service.version", "service.instance.id")
                .containsEntry("service.name", "latchkey");
    }

    @Test
    void aGatesDecisionHasASpan() {
        String id;
        try (RunningServer server = start("100")) {
            id = server.send(server.request("/gate/v1/forward-auth/billing")
                            .header("X-Forwarded-Method", "GET")
                            .header("X-Forwarded-Uri", "/invoices/42?key=a-secret-query")
                            .header("X-Forwarded-Host", "billing.example")
                            .build())
                    .header("X-Request-Id");
        }
        assertThat(spanOf(id).getName()).isEqualTo("GET /gate/v1/...");
        assertThat(spansOf(id)).extracting(Span::getName).contains("decide");
        assertThat(String.join("\n", raw)).doesNotContain("invoices", "billing", "secret");
    }

    @Test
    void aTrustedProxysTraceIsContinuedIfItIsRecorded() {
        try (RunningServer server = start("0", "trusted-proxies", "127.0.0.1,::1")) {
            asked(server, "00-" + TRACE + "-" + PARENT + "-01");
            asked(server, "00-" + TRACE.replace('4', '5') + "-" + PARENT + "-00");
            asked(server, "00-" + TRACE + "-nonsense-01");
        }
        assertThat(spans()).singleElement().satisfies(span -> {
            assertThat(hex(span.getTraceId())).isEqualTo(TRACE);
            assertThat(hex(span.getParentSpanId())).isEqualTo(PARENT);
        });
    }

    @Test
    void noOneElseCanMakeARequestBeRecorded() {
        try (RunningServer server = start("0")) {
            for (int i = 0; i < 20; i++) {
                asked(server, "00-" + TRACE + "-" + PARENT + "-01");
            }
        }
        assertThat(spans()).isEmpty();
    }

    @Test
    void aStrangersTraceIsNotContinued() {
        String id;
        try (RunningServer server = start("100")) {
            id = asked(server, "00-" + TRACE + "-" + PARENT + "-01").header("X-Request-Id");
        }
        assertThat(spansOf(TRACE)).isEmpty();
        assertThat(spanOf(id).getParentSpanId().isEmpty()).isTrue();
    }

    @Test
    void theLogNamesTheTraceOfARequest() {
        CurrentRequest request = new CurrentRequest("0e2b8f4c-6d0f-4a0e-9d2c-1d7f4a1c9b3e");
        List<ILoggingEvent> lines;
        try (Traces traces = new Traces(URI.create(endpoint()), 0, "test");
                LogLines logged = LogLines.of("dev.latchkey.test.traces")) {
            request.during(() -> {
                traces.begin(request, "00-" + TRACE + "-" + PARENT + "-01", true, "1.1");
                LoggerFactory.getLogger("dev.latchkey.test.traces").warn("within");
                return null;
            });
            lines = logged.all();
        }
        assertThat(lines)
                .singleElement()
                .satisfies(line -> assertThat(line.getMDCPropertyMap())
                        .containsEntry("traceId", TRACE)
                        .containsEntry("requestId", request.id()));
    }

    @Test
    void aProxyThatAsksForEverythingGetsAHundredRequestsASecond() {
        int recorded = 0;
        long began = System.nanoTime();
        int asked = 0;
        try (Traces traces = new Traces(URI.create(endpoint()), 0, "test")) {
            for (; asked < 2_000; asked++) {
                CurrentRequest request = new CurrentRequest("request-" + asked);
                traces.begin(request, "00-" + TRACE + "-" + PARENT + "-01", true, "1.1");
                recorded += request.recording() == null ? 0 : 1;
            }
        }
        // Seconds begin at any moment, so two of them may have a part in each.
        long seconds = (System.nanoTime() - began) / 1_000_000_000 + 2;
        assertThat(recorded).isBetween(100, (int) Math.min(asked, 100 * seconds));
    }

    @Test
    void withoutItsCollectorTheServiceAnswersAndTheLogSaysWhatIsWrong() {
        String nowhere = endpoint();
        collector.stop(0);
        try (RunningServer server = RunningServer.start(
                        TestEngine.SQLITE, Map.of("otlp-endpoint", nowhere, "trace-percent", "100"));
                LogLines logged = LogLines.of("io.opentelemetry")) {
            for (int i = 0; i < 50; i++) {
                assertThat(server.get("/health/ready").status()).isEqualTo(200);
            }
            Waiting.until("a word about it", () -> !logged.all().isEmpty());
            assertThat(logged.all().getFirst().getFormattedMessage()).contains("Failed to export");
        }
    }

    @Test
    void withoutACollectorNothingOfOpentelemetryIsLoaded() throws Exception {
        Path folder = TestRun.newFolder("no-traces");
        Path said = folder.resolve("said");
        ProcessBuilder builder = RunningServer.command(
                "serve", "--port", "0", "--data", folder.resolve("data").toString());
        builder.command().add(1, "-Xlog:class+load");
        Process process = builder.redirectOutput(said.toFile()).start();
        try {
            Waiting.until("the start", () -> Files.readString(said).contains("is running at "));
            String output = Files.readString(said);
            String url = output.substring(output.indexOf("is running at ") + "is running at ".length())
                    .lines()
                    .findFirst()
                    .orElseThrow();
            try (HttpClient client = HttpClient.newHttpClient()) {
                for (String path : List.of("/health/ready", "/gate/v1/forward-auth/x", "/api/v1/me", "/sign-in")) {
                    client.send(HttpRequest.newBuilder(URI.create(url + path)).build(), BodyHandlers.discarding());
                }
            }
            String loaded = Files.readString(said);
            assertThat(loaded).contains("dev.latchkey.trace.CurrentRequest ");
            Optional<String> ofTraces = loaded.lines()
                    .filter(line -> line.contains("io.opentelemetry") || line.contains("org.slf4j.bridge"))
                    .findFirst();
            assertThat(ofTraces).isEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
