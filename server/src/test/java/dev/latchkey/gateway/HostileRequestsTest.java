package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gateway.RawHttp.Message;
import dev.latchkey.gateway.Shop.Sender;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Requests that are meant to be decided as one endpoint and run as another, sent with an access token or with an API key.
 * Whatever reaches the API must, read by the most lenient server, still mean the endpoint that was decided, and hold no key.
 */
class HostileRequestsTest {
    /** With each gateway; LATCHKEY_TEST_FUZZING_SECONDS may ask for more. */
    private static final Duration FUZZING =
            Duration.ofSeconds(Long.parseLong(System.getenv().getOrDefault("LATCHKEY_TEST_FUZZING_SECONDS", "4")));

    private static RunningServer server;
    private static Shop shop;
    private static Upstream upstream;
    private static final Map<Gateway.Kind, Gateway> GATEWAYS = new EnumMap<>(Gateway.Kind.class);

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        shop = new Shop(server);
        upstream = new Upstream();
        for (Gateway.Kind kind : Gateway.installed()) {
            GATEWAYS.put(kind, Gateway.start(kind, server.url(), upstream.port(), "shop"));
        }
    }

    @AfterAll
    static void stop() {
        GATEWAYS.values().forEach(Gateway::close);
        upstream.close();
        server.close();
    }

    /** The cases of docs/gateways.md: a name, and a request; a line break ends a line of it. */
    private static final Map<String, String> CASES = new LinkedHashMap<>();

    private static void request(String name, String request) {
        CASES.put(name, request);
    }

    static {
        request("plain", "GET /users/42 HTTP/1.1");
        request("query", "GET /users/42?a=b&c=/../%2F HTTP/1.1");
        request("empty query", "GET /users/42? HTTP/1.1");
        request("needed encoding", "GET /users/a%20b%C3%A4 HTTP/1.1");
        request("HEAD", "HEAD /users/42 HTTP/1.1");
        request("undeclared method", "PUT /users/42 HTTP/1.1\nContent-Length: 0");
        request("OPTIONS", "OPTIONS /users/42 HTTP/1.1");
        request("OPTIONS *", "OPTIONS * HTTP/1.1");
        request("TRACE", "TRACE /users/42 HTTP/1.1");
        request("CONNECT", "CONNECT /users/42 HTTP/1.1");
        request("method in lower case", "get /users/42 HTTP/1.1");
        request("unknown method", "GETT /users/42 HTTP/1.1");
        request("other case", "GET /ADMIN HTTP/1.1");
        request("slash at the end", "GET /admin/ HTTP/1.1");
        request("double slash", "GET //admin HTTP/1.1");
        request("double slash inside", "GET /files//admin HTTP/1.1");
        request("dot segment", "GET /./admin HTTP/1.1");
        request("dot-dot segment", "GET /files/../admin HTTP/1.1");
        request("dot-dot above the root", "GET /../admin HTTP/1.1");
        request("encoded dots", "GET /files/%2e%2e/admin HTTP/1.1");
        request("encoded dot and slash", "GET /files/..%2fadmin HTTP/1.1");
        request("encoded slash", "GET /files/a%2Fb HTTP/1.1");
        request("needless encoding", "GET /%61dmin HTTP/1.1");
        request("encoded twice", "GET /files/%252e%252e/admin HTTP/1.1");
        request("encoded percent sign", "GET /users/100%25 HTTP/1.1");
        request("path parameters", "GET /admin;a=b HTTP/1.1");
        request("path parameters and dots", "GET /files/..;/admin HTTP/1.1");
        request("encoded semicolon", "GET /admin%3Ba HTTP/1.1");
        request("backslash", "GET /files\\..\\admin HTTP/1.1");
        request("encoded backslash", "GET /files/..%5Cadmin HTTP/1.1");
        request("overlong UTF-8", "GET /files/%C0%AE%C0%AE/admin HTTP/1.1");
        request("not UTF-8", "GET /users/%FF HTTP/1.1");
        request("raw bytes beyond ASCII", "GET /users/\u00E4 HTTP/1.1");
        request("encoded NUL", "GET /admin%00 HTTP/1.1");
        request("encoded line break", "GET /admin%0d%0aX:%20y HTTP/1.1");
        request("space in the path", "GET /admin x HTTP/1.1");
        request("tab in the path", "GET /admin\tx HTTP/1.1");
        request("encoded space at the end", "GET /admin%20 HTTP/1.1");
        request("dot at the end", "GET /admin. HTTP/1.1");
        request("broken percent sequence", "GET /users/%zz HTTP/1.1");
        request("fragment", "GET /users/me#admin HTTP/1.1");
        request("whole address", "GET http://elsewhere.example/users/42 HTTP/1.1");
        request("whole address, other path", "GET http://elsewhere.example/../admin HTTP/1.1");
        request("whole address, same host", "GET http://shop.example/users/42 HTTP/1.1");
        request("whole address without a path", "GET http://shop.example HTTP/1.1");
        request("no leading slash", "GET admin HTTP/1.1");
        request("long path", "GET /files/" + "a".repeat(6_000) + " HTTP/1.1");
        request("path that is too long", "GET /files/" + "b".repeat(40_000) + " HTTP/1.1");
        request("method in a field", "GET /users/42 HTTP/1.1\nX-HTTP-Method-Override: DELETE");
        request("method in another field", "GET /users/42 HTTP/1.1\nX-Method-Override: DELETE");
        request("the same method in a field", "GET /users/42 HTTP/1.1\nX-HTTP-Method: GET");
        request("method in two fields", "GET /users/42 HTTP/1.1\nX-HTTP-Method: GET\nX-HTTP-Method: DELETE");
        request("method in a field with underscores", "GET /users/42 HTTP/1.1\nX_HTTP_Method_Override: DELETE");
        request("method in the query", "GET /users/42?_method=DELETE HTTP/1.1");
        request("method in the query, encoded", "GET /users/42?a=b&%5fmethod=delete HTTP/1.1");
        request("method in the query, encoded twice", "GET /users/42?%255fmethod=DELETE HTTP/1.1");
        request("path in a field", "GET /users/42 HTTP/1.1\nX-Original-URL: /admin");
        request("path in a field for the gate", "GET /users/42 HTTP/1.1\nX-Original-URI: /x\nX-Forwarded-Uri: /x");
        request("name of another caller", "GET /users/42 HTTP/1.1\nLatchkey-Client-Id: x\nlatchkey_role: x");
        request("caller to be dropped", "GET /users/42 HTTP/1.1\nConnection: Latchkey-Client-Id");
        request("HTTP/2 on this connection", "GET /users/42 HTTP/1.1\nConnection: Upgrade\nUpgrade: h2c");
        request("two Host fields", "GET /users/42 HTTP/1.1\nHost: elsewhere.example");
        request("two Authorization fields", "GET /users/42 HTTP/1.1\nAuthorization: Basic eDp5");
        request("HTTP/1.0", "GET /users/42 HTTP/1.0");
    }

    private static String raw(String request, Sender sender) {
        String[] lines = request.split("\n", -1);
        return lines[0] + "\r\nHost: shop.example\r\n" + sender.field() + "\r\n"
                + String.join("\r\n", Arrays.copyOfRange(lines, 1, lines.length)) + (lines.length > 1 ? "\r\n" : "")
                + "\r\n";
    }

    /** What the gateway did, in the words of the table. */
    private static String outcome(Gateway gateway, String request, Sender sender) throws IOException {
        upstream.arrived();
        Optional<Message> answer;
        try (RawHttp client = new RawHttp(gateway.port())) {
            answer = client.exchange(raw(request, sender));
        }
        List<Message> arrived = upstream.arrived();
        if (!arrived.isEmpty()) {
            assertThat(arrived).as(request).hasSize(1);
            requireOneMeaning(request, arrived.getFirst(), sender);
            return "`" + decided(arrived.getFirst()) + "`";
        }
        if (answer.isEmpty()) {
            return "closed";
        }
        Message message = answer.get();
        String code = message.body().replaceAll("(?s).*\"code\":\"([a-z_]+)\".*", "$1");
        return message.body().contains("\"code\"")
                ? message.status() + " " + code
                : message.status() + " by the gateway";
    }

    private static String decided(Message arrived) {
        return arrived.field("Latchkey-Endpoint").orElse("nothing");
    }

    /** The invariant behind every row, and of the fuzzing, for a request as it arrived at the API. */
    private static void requireOneMeaning(String request, Message arrived, Sender sender) {
        assertThat(LenientReadings.of(arrived, Shop.ENDPOINTS))
                .as("what the API may take %s for, which arrived as %s", request, arrived)
                .containsExactly(decided(arrived));
        assertThat(LenientReadings.claims(arrived.fields()))
                .as("who calls, in all spellings, after %s", request)
                .containsExactlyInAnyOrder(
                        "latchkey-endpoint: " + decided(arrived),
                        "latchkey-client-id: " + sender.clientId(),
                        "latchkey-account: " + sender.clientId().substring(0, 6),
                        "latchkey-role: all",
                        "latchkey-description: " + sender.description(),
                        "latchkey-credential: " + sender.credential());
        if (sender.hasKey()) {
            assertThat(arrived.toString()).as("the key, after %s", request).doesNotContain(sender.secret());
        }
        assertThat(LenientReadings.lengths(arrived.fields()))
                .as("how long the body is, after %s", request)
                .hasSizeLessThanOrEqualTo(1);
        assertThat(arrived.fields().toString()).doesNotContain("\r");
        assertThat(arrived.field("Upgrade").orElse("websocket"))
                .as("what the connection becomes, after %s", request)
                .isEqualToIgnoringCase("websocket");
    }

    @Test
    void theTableOfTheDocumentsIsTrue() throws IOException {
        boolean withEnvoy = GATEWAYS.containsKey(Gateway.Kind.ENVOY);
        StringBuilder table =
                new StringBuilder("| case | request | nginx | Caddy | HAProxy |" + (withEnvoy ? " Envoy |" : "")
                        + "\n| --- | --- | --- | --- | --- |" + (withEnvoy ? " --- |" : "") + "\n");
        for (Map.Entry<String, String> one : CASES.entrySet()) {
            table.append("| ")
                    .append(one.getKey())
                    .append(" | `")
                    .append(shown(one.getValue()))
                    .append("` |");
            for (Gateway gateway : GATEWAYS.values()) {
                String outcome = outcome(gateway, one.getValue(), shop.withAccessToken);
                assertThat(outcome(gateway, one.getValue(), shop.withKey))
                        .as("%s, sent with an API key", one.getKey())
                        .isEqualTo(outcome);
                table.append(' ').append(outcome).append(" |");
            }
            table.append('\n');
        }
        String shipped = Files.readString(Gateway.repository().resolve("docs/gateways.md"));
        assertThat(withEnvoy ? shipped : withoutLastColumn(shipped))
                .as("the table should be\n%s", table)
                .contains(table);
    }

    /** Envoy's column is the last one of the table. */
    private static String withoutLastColumn(String document) {
        return document.replaceAll("(?m)^(\\|(?:[^|\n]*\\|){5})[^|\n]*\\|$", "$1");
    }

    private static String shown(String request) {
        return request.replaceFirst(" HTTP/1\\.1", "")
                .replace("a".repeat(6_000), "aaa...")
                .replace("b".repeat(40_000), "bbb...")
                .replace("\n", " + ")
                .replace("\t", "<TAB>")
                .replace("\u00E4", "<E4>");
    }

    @ParameterizedTest
    @EnumSource(Gateway.Kind.class)
    void noRequestIsDecidedAsOneEndpointAndPassedOnAsAnother(Gateway.Kind kind) throws IOException {
        Gateway.require(kind);
        long seed = new Random().nextLong();
        System.out.println(kind + " is sent random variations, seed " + seed);
        Random random = new Random(seed);
        Mutations mutations = new Mutations(random);
        List<Sender> senders = List.of(shop.withAccessToken, shop.withKey, shop.withKeyInItsOwnField);
        Gateway gateway = GATEWAYS.get(kind);
        long end = System.nanoTime() + FUZZING.toNanos();
        int sent = 0;
        int passed = 0;
        upstream.arrived();
        RawHttp client = new RawHttp(gateway.port());
        try {
            while (System.nanoTime() < end) {
                String request = mutations.next();
                Sender sender = senders.get(random.nextInt(senders.size()));
                Optional<Message> answer;
                try {
                    answer = client.exchange(raw(request, sender));
                } catch (IOException e) {
                    answer = Optional.empty();
                }
                sent++;
                List<Message> arrived = upstream.arrived();
                assertThat(arrived).as("seed %d: %s", seed, request).hasSizeLessThanOrEqualTo(1);
                for (Message one : arrived) {
                    passed++;
                    requireOneMeaning("seed " + seed + ": " + request, one, sender);
                }
                boolean open = answer.isPresent()
                        && answer.get().status() != 400
                        && !answer.get().field("Connection").orElse("").equalsIgnoreCase("close");
                if (!open || !request.contains("HTTP/1.1")) {
                    client.close();
                    client = new RawHttp(gateway.port());
                }
            }
        } finally {
            client.close();
        }
        assertThat(passed).as("of %d requests, seed %d", sent, seed).isGreaterThan(20);
    }

    @ParameterizedTest
    @EnumSource(Gateway.Kind.class)
    void noBodyHidesASecondRequest(Gateway.Kind kind) throws IOException {
        Gateway.require(kind);
        String hidden = "GET /admin/hidden HTTP/1.1\r\nHost: shop.example\r\nLatchkey-Role: all\r\n\r\n";
        String chunk = Integer.toHexString(hidden.length()) + "\r\n" + hidden + "\r\n0\r\n\r\n";
        List<String> framings = List.of(
                "Content-Length: " + (5 + hidden.length()) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + chunk,
                "Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n" + chunk,
                "Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n" + chunk,
                "Content-Length: 4\r\nTransfer-Encoding:\u000bchunked\r\n\r\n" + chunk,
                "Content-Length: 4\r\nTransfer_Encoding: chunked\r\n\r\n" + chunk,
                "Content-Length: 4\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
                "Transfer-Encoding: chunked, identity\r\n\r\n" + chunk,
                "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk,
                "Transfer-Encoding: chunked\r\n\r\n5;x=\"\r\n\r\n\"\r\nhello\r\n0\r\n\r\n" + hidden,
                "Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n" + hidden,
                "Content-Length: 0\r\nContent-Length: " + hidden.length() + "\r\n\r\n" + hidden,
                "Content-Length: +0\r\n\r\n" + hidden,
                "Content-Length: 0, " + hidden.length() + "\r\n\r\n" + hidden,
                "Content-Length : " + hidden.length() + "\r\n\r\n" + hidden,
                "Content-Length: 0\r\n\r\n" + hidden);
        upstream.arrived();
        for (Sender sender : List.of(shop.withAccessToken, shop.withKey)) {
            for (String framing : framings) {
                String request = "POST /admin HTTP/1.1\r\nHost: shop.example\r\n" + sender.field() + "\r\n" + framing;
                try (RawHttp client = new RawHttp(GATEWAYS.get(kind).port())) {
                    client.exchange(request);
                } catch (IOException e) {
                    // Cut off in the middle, which is a refusal too.
                }
                for (Message arrived : upstream.arrived()) {
                    requireOneMeaning(request, arrived, sender);
                }
            }
        }
    }
}
