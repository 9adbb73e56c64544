package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.latchkey.FreePort;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.gate.Billing.ApiKey;
import dev.latchkey.gateway.RawHttp.Message;
import dev.latchkey.http.LogLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** API keys through real gateways, with the configurations that the project ships: they open the API and never reach it. */
class KeysThroughGatewaysTest {
    private static final String ALL_PLACES =
            "{\"bearer\": true, \"header\": \"X-API-Key\", \"basic\": true, \"query\": \"api_key\"}";

    /** A gateway, and how it asks. */
    enum Way {
        NGINX(Gateway.Kind.NGINX, false),
        CADDY(Gateway.Kind.CADDY, false),
        HAPROXY(Gateway.Kind.HAPROXY, true),
        ENVOY(Gateway.Kind.ENVOY, false),
        ENVOY_OVER_GRPC(Gateway.Kind.ENVOY, true);

        private final Gateway.Kind kind;
        private final boolean removesFromTheQuery;

        Way(Gateway.Kind kind, boolean removesFromTheQuery) {
            this.kind = kind;
            this.removesFromTheQuery = removesFromTheQuery;
        }
    }

    private static final Map<Way, Gateway> GATEWAYS = new EnumMap<>(Way.class);

    private static RunningServer server;
    private static Billing billing;
    private static Upstream upstream;
    private static ApiKey key;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        upstream = new Upstream();
        key = billing.apiKey("invoice_reader", "");
    }

    @AfterAll
    static void stop() {
        GATEWAYS.values().forEach(Gateway::close);
        upstream.close();
        server.close();
    }

    private static Gateway gateway(Way way) {
        Gateway.require(way.kind);
        return GATEWAYS.computeIfAbsent(way, started -> start(started, upstream.port()));
    }

    private static Gateway start(Way way, int upstreamPort) {
        return way == Way.ENVOY_OVER_GRPC
                ? Gateway.startEnvoyOverGrpc(server.grpcPort(), upstreamPort)
                : Gateway.start(way.kind, server.url(), upstreamPort, "billing");
    }

    private static Message send(Way way, String target, String... fields) throws IOException {
        return send(gateway(way), target, fields);
    }

    private static Message send(Gateway gateway, String target, String... fields) throws IOException {
        upstream.arrived();
        StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: billing.example\r\n");
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        try (RawHttp client = new RawHttp(gateway.port())) {
            return client.exchange(request + "\r\n").orElseThrow();
        }
    }

    /** The fields in which a key is sent. */
    private static List<String> fields(String text) {
        return List.of(
                "Authorization: Bearer " + text,
                "authorization:bearer   " + text,
                "X-API-Key: " + text,
                "x-api-key:" + text,
                "Authorization: Basic " + base64(text + ":"),
                "Authorization: Basic " + base64("prometheus:" + text));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What arrived at the API, which is one request that holds the key in no spelling. */
    private static Message arrivedWithout(String text) {
        List<Message> arrived = upstream.arrived();
        assertThat(arrived).hasSize(1);
        Message one = arrived.getFirst();
        assertThat(one.toString()).doesNotContain(text, base64(text + ":"), base64("prometheus:" + text));
        assertThat(one.field("Authorization")).isEmpty();
        assertThat(one.field("X-API-Key")).isEmpty();
        return one;
    }

    /** @param further what else the gateway may say */
    private static void assertNamesTheCaller(Message arrived, String... further) {
        assertThat(LenientReadings.claims(arrived.fields()))
                .contains(
                        "latchkey-endpoint: GET /invoices/{id}",
                        "latchkey-client-id: " + key.clientId(),
                        "latchkey-account: " + key.clientId().substring(0, 6),
                        "latchkey-role: invoice_reader",
                        "latchkey-description: Nightly curl",
                        "latchkey-credential: api_key")
                .hasSizeBetween(6, 6 + further.length)
                .filteredOn(claim -> claim.startsWith("latchkey-target"))
                .isSubsetOf(further);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aKeyOpensTheApiAndDoesNotReachIt(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        for (String field : fields(key.text())) {
            assertThat(send(way, "/v1/invoices/42?a=b%20c", field).status())
                    .as(field)
                    .isEqualTo(200);
            Message arrived = arrivedWithout(key.text());
            assertThat(arrived.firstLine()).isEqualTo("GET /v1/invoices/42?a=b%20c HTTP/1.1");
            assertNamesTheCaller(arrived);
        }
        assertThat(send(way, "/v1/invoices/admin", "X-API-Key: " + key.text()).status())
                .isEqualTo(403);
        assertThat(upstream.arrived()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aKeyInTheQueryPassesOnlyWhereItIsRemoved(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        for (String name : List.of("api_key", "api%5Fkey", "%61pi_key")) {
            String query = "?a=1&" + name + "=" + key.text() + "&b=2";
            int status = send(way, "/v1/invoices/42" + query).status();
            if (way.removesFromTheQuery) {
                assertThat(status).as(name).isEqualTo(200);
                Message arrived = arrivedWithout(key.text());
                assertThat(arrived.firstLine()).isEqualTo("GET /v1/invoices/42?a=1&b=2 HTTP/1.1");
                assertNamesTheCaller(arrived, "latchkey-target: /v1/invoices/42?a=1&b=2");
            } else {
                assertThat(status).as(name).isEqualTo(401);
                assertThat(send(way, "/v1/status" + query).status())
                        .as("at a public endpoint")
                        .isEqualTo(401);
                assertThat(upstream.arrived()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aWrongKeyIsRefusedAndReachesNoPublicEndpointEither(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        char last = key.text().charAt(key.text().length() - 1);
        String wrong = key.text().substring(0, key.text().length() - 1) + (last == 'x' ? 'y' : 'x');
        for (String field : fields(wrong)) {
            assertThat(send(way, "/v1/invoices/42", field).status()).as(field).isEqualTo(401);
            assertThat(upstream.arrived()).isEmpty();
            assertThat(send(way, "/v1/status", field).status()).as(field).isEqualTo(200);
            assertThat(LenientReadings.claims(arrivedWithout(wrong).fields()))
                    .containsExactlyInAnyOrder("latchkey-endpoint: GET /status", "latchkey-credential: api_key");
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anApiThatTakesNoKeysGetsNoneEither(Way way) throws IOException {
        billing.takeKeys("null");
        for (String field : fields(key.text())) {
            assertThat(send(way, "/v1/invoices/42", field).status()).as(field).isEqualTo(401);
            assertThat(upstream.arrived()).isEmpty();
            assertThat(send(way, "/v1/status", field).status()).as(field).isEqualTo(200);
            assertThat(arrivedWithout(key.text()).field("Latchkey-Client-Id")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void anAccessTokenReachesTheApiWhichMayCheckItAsWell(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        String bearer = "Bearer " + billing.accessToken(billing.reader);
        assertThat(send(way, "/v1/invoices/42", "Authorization: " + bearer).status())
                .isEqualTo(200);
        Message arrived = upstream.arrived().getFirst();
        assertThat(arrived.field("Authorization")).contains(bearer);
        assertThat(arrived.field("Latchkey-Credential")).contains("access_token");

        // Behind a gateway that removes only the names it knows, Latchkey refuses the request.
        int status = send(way, "/v1/invoices/42", "Authorization: " + bearer, "Latchkey-Credential: api_key")
                .status();
        assertThat(status).isIn(200, 403);
        assertThat(upstream.arrived()).hasSize(status == 200 ? 1 : 0).allSatisfy(one -> {
            assertThat(one.field("Latchkey-Credential")).contains("access_token");
            assertThat(one.field("Authorization")).contains(bearer);
        });
        int anonymous = send(way, "/v1/status", "Latchkey-Credential: api_key").status();
        assertThat(anonymous).isIn(200, 403);
        assertThat(upstream.arrived())
                .hasSize(anonymous == 200 ? 1 : 0)
                .allSatisfy(one -> assertThat(one.field("Latchkey-Credential")).isEmpty());
        assertThat(send(way, "/v1/invoices/42", "Authorization: " + bearer, "X-API-Key: " + key.text())
                        .status())
                .as("two credentials")
                .isEqualTo(401);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void noLogHoldsTheKey(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        ApiKey logged = billing.apiKey("invoice_reader", "");
        try (LogLines lines = LogLines.of("ROOT")) {
            for (String field : fields(logged.text())) {
                send(way, "/v1/invoices/42", field);
                send(way, "/v1//invoices", field);
                send(way, "/v1/invoices/admin", field);
            }
            send(way, "/v1/invoices/42?api_key=" + logged.text());
            billing.admin.post("/tokens/" + logged.clientId() + "/revoke", "{}");
            assertThat(send(way, "/v1/invoices/42", "X-API-Key: " + logged.text())
                            .status())
                    .isEqualTo(401);
            assertThat(lines.all().stream()
                            .map(ILoggingEvent::getFormattedMessage)
                            .toList())
                    .noneMatch(line -> line.contains(logged.text()));
        }
        assertThat(billing.admin.get("/events?pageSize=100").body())
                .contains(logged.clientId())
                .doesNotContain(logged.text());
        String written = gateway(way).written();
        if (way == Way.NGINX) {
            assertThat(written).contains("GET /v1/invoices/42");
        }
        assertThat(written)
                .doesNotContain(logged.text(), base64(logged.text() + ":"), base64("prometheus:" + logged.text()));
    }

    /** Some logs say more when something is wrong. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void noLogHoldsTheKeyWhenTheApiIsDownEither(Way way) throws IOException {
        billing.takeKeys(ALL_PLACES);
        try (Gateway beforeNothing = start(way, FreePort.find())) {
            for (String field : fields(key.text())) {
                assertThat(send(beforeNothing, "/v1/invoices/42", field, "X-Seen: in the log")
                                .status())
                        .as(field)
                        .isGreaterThanOrEqualTo(500);
            }
            send(beforeNothing, "/v1/invoices/42?api_key=" + key.text());
            String written = beforeNothing.written();
            if (way == Way.CADDY) {
                assertThat(written).contains("/v1/invoices/42", "X-Seen");
            }
            assertThat(written)
                    .doesNotContain(key.text(), base64(key.text() + ":"), base64("prometheus:" + key.text()));
        }
    }
}
