package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.gateway.RawHttp.Message;
import dev.latchkey.oauth.ProgramKey;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real gateways with the configurations that the project ships. */
@ParameterizedClass
@EnumSource(Gateway.Kind.class)
class GatewaysTest {
    @Parameter
    Gateway.Kind kind;

    private RunningServer server;
    private Billing billing;
    private Upstream upstream;
    private Gateway gateway;
    private RawHttp client;

    @BeforeEach
    void start() throws IOException {
        Gateway.require(kind);
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        upstream = new Upstream();
        gateway = Gateway.start(kind, server.url(), upstream.port(), "billing");
        client = new RawHttp(gateway.port());
    }

    @AfterEach
    void stop() throws IOException {
        if (server == null) {
            return; // skipped
        }
        client.close();
        gateway.close();
        upstream.close();
        server.close();
    }

    private Message send(String method, String target, String accessToken, String... fields) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: billing.example\r\n");
        if (accessToken != null) {
            request.append("Authorization: Bearer ").append(accessToken).append("\r\n");
        }
        for (String field : fields) {
            request.append(field).append("\r\n");
        }
        return client.exchange(request + "\r\n").orElseThrow();
    }

    @Test
    void anAllowedRequestReachesTheApiWithWhoCalls() throws IOException {
        Message answer = send("GET", "/v1/invoices/42?a=b%20c", billing.accessToken(billing.clerk));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith("GET /v1/invoices/42?a=b%20c HTTP/1.1")
                .containsIgnoringCase("\nlatchkey-client-id: " + billing.clerk.clientId() + "\n")
                .containsIgnoringCase(
                        "\nlatchkey-account: " + billing.clerk.clientId().substring(0, 6) + "\n")
                .containsIgnoringCase("\nlatchkey-role: invoice_clerk\n")
                .containsIgnoringCase("\nlatchkey-description: B%C3%BCro \"1\"\n")
                .containsIgnoringCase("\nlatchkey-endpoint: GET /invoices/{id}\n");
    }

    @Test
    void theSignedAssertionReachesTheApiAndOnlyLatchkeysOwn() throws Exception {
        String accessToken = billing.accessToken(billing.clerk);
        assertThat(send("GET", "/v1/invoices/42", accessToken).body()).doesNotContainIgnoringCase("latchkey-assertion");
        Answer changed = billing.admin.send("PATCH", "/apis/billing", "{\"assertion\": true}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        upstream.arrived();

        assertThat(send("GET", "/v1/invoices/42?a=b", accessToken).status()).isEqualTo(200);
        JWTClaimsSet claims = SignedJWT.parse(upstream.arrived()
                        .getFirst()
                        .field("Latchkey-Assertion")
                        .orElseThrow())
                .getJWTClaimsSet();
        assertThat(claims.getSubject()).isEqualTo(billing.clerk.clientId());
        assertThat(claims.getStringClaim("htu")).isEqualTo("/v1/invoices/42");

        String longest = "/v1/files/" + "a".repeat(490);
        assertThat(send("GET", longest, accessToken).status())
                .as("with the longest path that is in an assertion as it is")
                .isEqualTo(200);
        upstream.arrived();

        Message forged = send("GET", "/v1/status", null, "Latchkey-Assertion: forged");
        assertThat(forged.status()).isIn(200, 403);
        assertThat(upstream.arrived())
                .allSatisfy(arrived ->
                        assertThat(arrived.field("Latchkey-Assertion")).isEmpty());
    }

    @Test
    void aCallOfAnMcpServerIsDecidedByItsFieldsAndPassedOnWithThem() throws IOException {
        billing.admin.send("PATCH", "/apis/billing", "{\"mcp\": \"/mcp\"}");
        for (String tool : List.of("find invoices:read", "wipe invoices:admin", "{tool} invoices:read")) {
            String[] parts = tool.split(" ", 2);
            billing.admin.post(
                    "/apis/billing/endpoints",
                    "{\"method\": \"MCP\", \"path\": \"/tools/call/" + parts[0] + "\", \"privilege\": \"" + parts[1]
                            + "\"}");
        }
        String accessToken = billing.accessToken(billing.clerk);
        Message found = call(accessToken, "Mcp-Method: tools/call", "Mcp-Name: find");
        assertThat(found.status()).as(found.body()).isEqualTo(200);
        assertThat(found.body())
                .containsIgnoringCase("\nlatchkey-endpoint: MCP /tools/call/find\n")
                .containsIgnoringCase("\nmcp-method: tools/call\n")
                .containsIgnoringCase("\nmcp-name: find\n");
        Message encoded = call(accessToken, "Mcp-Method: tools/call", "Mcp-Name: =?base64?Z3LDtsOfZQ==?=");
        assertThat(encoded.body()).containsIgnoringCase("\nlatchkey-endpoint: MCP /tools/call/{tool}\n");
        upstream.arrived();
        for (String[] fields : new String[][] {
            {"Mcp-Method: tools/call", "Mcp-Name: wipe"},
            {"Mcp-Method: tools/call", "Mcp-Name: find", "Mcp-Name: wipe"},
            {"Mcp-Method: tools/call", "Mcp-Name: wipe", "Mcp-Name: find"},
            {"Mcp-Method: tools/call", "Mcp-Name: find, wipe"},
            {"Mcp-Method: tools/call", "Mcp-Method: tools/list", "Mcp-Name: find"},
            {"Mcp-Method: tools/call", "Mcp_Name: find"},
            {"Mcp-Name: find"},
            {}
        }) {
            assertThat(call(accessToken, fields).status())
                    .as(Arrays.toString(fields))
                    .isEqualTo(403);
        }
        assertThat(upstream.arrived()).isEmpty();
    }

    private Message call(String accessToken, String... fields) throws IOException {
        String[] all = Arrays.copyOf(fields, fields.length + 2);
        all[fields.length] = "MCP-Protocol-Version: 2026-07-28";
        all[fields.length + 1] = "Content-Length: 0";
        return send("POST", "/v1/mcp", accessToken, all);
    }

    @Test
    void theCharactersThatAnApiTakesInPathsPassAsTheyAreSent() throws IOException {
        String accessToken = billing.accessToken(billing.clerk);
        List<String> raw = List.of("/v1/files/a|b", "/v1/files/a[0]", "/v1/files/a^b");
        String levels = "/v1/files/accounting%1Ftax";
        assertThat(send("GET", levels, accessToken).status()).isIn(400, 403);
        for (String target : raw) {
            requireItsOwnOrItsEncodedSpelling(target, accessToken, false);
        }
        Answer changed = billing.admin.send(
                "PATCH", "/apis/billing", "{\"pathCharacters\": [\"%1F\", \"|\", \"[\", \"]\", \"^\"]}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        upstream.arrived();
        assertThat(send("GET", levels, accessToken).status()).isEqualTo(200);
        assertThat(upstream.arrived().getFirst().firstLine()).isEqualTo("GET " + levels + " HTTP/1.1");
        for (String target : raw) {
            requireItsOwnOrItsEncodedSpelling(target, accessToken, true);
        }
    }

    /** Some gateways have a rule of their own for raw characters: they refuse them, or encode them before they ask. */
    private void requireItsOwnOrItsEncodedSpelling(String target, String accessToken, boolean taken)
            throws IOException {
        client.close();
        client = new RawHttp(gateway.port());
        int status = send("GET", target, accessToken).status();
        if (status != 200) {
            assertThat(status).as(target).isIn(taken ? List.of(400) : List.of(400, 403));
            return;
        }
        String encoded = target.replace("|", "%7C")
                .replace("[", "%5B")
                .replace("]", "%5D")
                .replace("^", "%5E");
        String arrived = upstream.arrived().getFirst().firstLine();
        assertThat(arrived).isIn("GET " + (taken ? target : encoded) + " HTTP/1.1", "GET " + encoded + " HTTP/1.1");
    }

    @Test
    void aRefusedRequestDoesNotReachTheApiAndItsCallerLearnsWhy() throws IOException {
        Message forbidden = send("DELETE", "/v1/invoices/42", billing.accessToken(billing.reader));
        assertThat(forbidden.status()).isEqualTo(403);
        assertThat(forbidden.field("Content-Type").orElseThrow()).startsWith("application/problem+json");
        assertThat(forbidden.field("WWW-Authenticate").orElseThrow())
                .isEqualTo("Bearer realm=\"billing\", error=\"insufficient_scope\", scope=\"invoices:write\"");
        assertThat(forbidden.body())
                .contains("\"code\":\"missing_privilege\"", "\"privilege\":\"invoices:write\"", "/explain?api=billing");
        Message nobody = send("GET", "/v1/invoices/42", null);
        assertThat(nobody.status()).isEqualTo(401);
        assertThat(nobody.field("WWW-Authenticate").orElseThrow())
                .isEqualTo("Bearer realm=\"billing\", resource_metadata=\"" + server.url()
                        + "/.well-known/oauth-protected-resource/apis/billing\"");
        assertThat(nobody.body()).contains("\"code\":\"unauthenticated\"");
        Message wrong = send("GET", "/v1/invoices/42", "nonsense");
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.field("WWW-Authenticate").orElseThrow()).contains("error=\"invalid_token\"");
        assertThat(upstream.requests()).isZero();
    }

    @Test
    void aCallBeyondALimitGets429WithWhenToTryAgainAndAnAllowedOneIsToldWhereItStands() throws IOException {
        String accessToken = billing.accessToken(billing.reader);
        Message unlimited = send("GET", "/v1/invoices/42", accessToken);
        assertThat(unlimited.field("RateLimit").orElse("")).isEmpty();
        assertThat(unlimited.field("RateLimit-Policy").orElse("")).isEmpty();
        Answer limited =
                billing.admin.send("PATCH", "/tokens/" + billing.reader.clientId(), "{\"limits\": {\"perMonth\": 2}}");
        assertThat(limited.status()).as(limited.body()).isEqualTo(200);
        upstream.arrived();
        for (long left = 1; left >= 0; left--) {
            Message allowed = send("GET", "/v1/invoices/42", accessToken, "RateLimit: forged");
            assertThat(allowed.status()).isEqualTo(200);
            assertThat(allowed.field("RateLimit").orElseThrow()).startsWith("\"token-per-month\";r=" + left + ";t=");
            assertThat(allowed.field("RateLimit-Policy").orElseThrow()).startsWith("\"token-per-month\";q=2;w=");
            assertThat(upstream.arrived().getFirst().field("RateLimit-Policy"))
                    .as("it is for the caller")
                    .isEmpty();
        }
        for (int i = 0; i < 2; i++) {
            Message refused = send("GET", "/v1/invoices/42", accessToken);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.field("Content-Type").orElseThrow()).startsWith("application/problem+json");
            assertThat(Long.parseLong(refused.field("Retry-After").orElseThrow()))
                    .isBetween(1L, Duration.ofDays(31).toSeconds());
            assertThat(refused.field("RateLimit").orElseThrow()).startsWith("\"token-per-month\";r=0;t=");
            assertThat(refused.field("RateLimit-Policy").orElseThrow()).startsWith("\"token-per-month\";q=2;w=");
            assertThat(refused.body())
                    .contains("\"code\":\"rate_limited\"", "\"violated-policies\":[\"token-per-month\"]");
        }
        assertThat(upstream.requests()).isEqualTo(3);
    }

    @Test
    void anAccessTokenThatIsBoundToAKeyNeedsItsProof() throws IOException {
        ProgramKey key = ProgramKey.make();
        String tokenEndpoint = server.url() + "/oauth/v2/token";
        String nonce = bound(key.proof("POST", tokenEndpoint)).header("DPoP-Nonce");
        String accessToken = bound(key.proof("POST", tokenEndpoint).claim("nonce", nonce))
                .json()
                .get("access_token")
                .asString();
        String target = "/v1/invoices/42";
        String authorization = "Authorization: DPoP " + accessToken;
        String proof = "DPoP: "
                + key.proof("GET", "http://billing.example" + target)
                        .claim("ath", ProgramKey.hash(accessToken))
                        .signed();
        assertThat(send("GET", target, null, authorization, proof).status()).isEqualTo(200);

        assertThat(send("GET", target, null, authorization, proof).status())
                .as("the same proof again")
                .isEqualTo(401);
        assertThat(send("GET", target, null, authorization).status())
                .as("without a proof")
                .isEqualTo(401);
        assertThat(send("GET", target, accessToken).status()).as("as Bearer").isEqualTo(401);
        String stolen = "DPoP: "
                + ProgramKey.make()
                        .proof("GET", "http://billing.example" + target)
                        .claim("ath", ProgramKey.hash(accessToken))
                        .signed();
        Message refused = send("GET", target, null, authorization, stolen);
        assertThat(refused.status()).as("by another key").isEqualTo(401);
        assertThat(refused.field("WWW-Authenticate").orElseThrow()).startsWith("DPoP ");
        assertThat(upstream.requests()).isEqualTo(1);
    }

    private Answer bound(ProgramKey.Draft proof) {
        return server.postForm(
                "/oauth/v2/token",
                "grant_type=client_credentials&resource=" + Billing.AUDIENCE + "&client_id=" + billing.clerk.clientId()
                        + "&client_secret=" + billing.clerk.clientSecret(),
                "DPoP",
                proof.signed());
    }

    @Test
    void noOneCanClaimToBeSomeoneElse() throws IOException {
        String[] claims = {
            "Latchkey-Client-Id: forged",
            "latchkey-role: forged",
            "LATCHKEY-DESCRIPTION: forged",
            "Latchkey_Account: forged",
            "Latchkey-Endpoint: forged"
        };
        assertThat(send("GET", "/v1/status", null, claims).body()).doesNotContain("forged");
        assertThat(send("GET", "/v1/invoices", billing.accessToken(billing.reader), claims)
                        .body())
                .doesNotContain("forged")
                .containsIgnoringCase("latchkey-client-id: " + billing.reader.clientId());
        String[] tricks = {"X-Original-URI: /v1/status", "X-Original-Method: GET", "X-Forwarded-Uri: /v1/status"};
        assertThat(send("DELETE", "/v1/invoices/1", null, tricks).status()).isEqualTo(401);
        assertThat(send("DELETE", "/v1/invoices/1", billing.accessToken(billing.reader), tricks)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void atAPublicEndpointACallerWithoutATokenIsAnonymous() throws IOException {
        Message answer = send("GET", "/v1/status", null);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body())
                .containsIgnoringCase("\nlatchkey-endpoint: GET /status\n")
                .doesNotContainIgnoringCase("latchkey-client-id")
                .doesNotContainIgnoringCase("latchkey-account")
                .doesNotContainIgnoringCase("latchkey-role")
                .doesNotContainIgnoringCase("latchkey-description");
        assertThat(send("GET", "/v1/status", billing.accessToken(billing.reader))
                        .body())
                .containsIgnoringCase("\nlatchkey-client-id: " + billing.reader.clientId() + "\n")
                .containsIgnoringCase("\nlatchkey-role: invoice_reader\n");
    }

    /** A field of a later version, say: a gateway that replaces fields one by one does not know it. */
    @Test
    void noFieldThatBeginsLikeOursReachesTheApi() throws IOException {
        for (String name : List.of("Latchkey-Scope", "latchkey-owner", "Latchkey")) {
            Message answer = send("GET", "/v1/invoices", billing.accessToken(billing.reader), name + ": forged");
            assertThat(answer.body()).doesNotContain("forged");
            if (answer.status() != 200) {
                assertThat(answer.status()).isEqualTo(403);
                assertThat(answer.body()).contains("doubtful_request", name);
            }
        }
    }

    @Test
    void aRevocationAndAChangedRoleCountAtTheNextCallOnTheSameConnection() throws IOException {
        String accessToken = billing.accessToken(billing.reader);
        assertThat(send("GET", "/v1/invoices", accessToken).status()).isEqualTo(200);
        assertThat(send("POST", "/v1/invoices", accessToken, "Content-Length: 0")
                        .status())
                .isEqualTo(403);
        billing.admin.send("PUT", "/roles/invoice_reader/privileges/billing/invoices:write", "{\"effect\": \"allow\"}");
        assertThat(send("POST", "/v1/invoices", accessToken, "Content-Length: 0")
                        .status())
                .isEqualTo(200);
        billing.admin.post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
        assertThat(send("GET", "/v1/invoices", accessToken).status()).isEqualTo(401);
    }

    @Test
    void bodiesPassAndAreNotSentToLatchkey() throws IOException {
        String body = "x".repeat(3_000_000);
        Message answer = client.exchange(
                        "POST /v1/invoices HTTP/1.1\r\nHost: billing.example\r\nContent-Type: text/plain\r\n"
                                + "Authorization: Bearer " + billing.accessToken(billing.clerk) + "\r\nContent-Length: "
                                + body.length() + "\r\n\r\n" + body)
                .orElseThrow();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).endsWith("\n3000000");
        assertThat(send("HEAD", "/v1/invoices", billing.accessToken(billing.reader))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void withoutLatchkeyNothingPasses() throws IOException {
        String accessToken = billing.accessToken(billing.clerk);
        assertThat(send("GET", "/v1/invoices", accessToken).status()).isEqualTo(200);
        long before = upstream.requests();
        server.close();
        Message answer = send("GET", "/v1/invoices", accessToken);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.field("Content-Type").orElseThrow()).startsWith("application/problem+json");
        client.close();
        client = new RawHttp(gateway.port());
        assertThat(send("GET", "/v1/status", null).status()).isEqualTo(503);
        assertThat(upstream.requests()).isEqualTo(before);
    }

    /** Puts the gateway in front of a server that answers like this in Latchkey's place. */
    private Upstream replaceLatchkey(String status) throws IOException {
        client.close();
        gateway.close();
        Upstream instead = new Upstream(status);
        gateway = Gateway.start(kind, "http://127.0.0.1:" + instead.port(), upstream.port(), "billing");
        client = new RawHttp(gateway.port());
        return instead;
    }

    @Test
    void latchkeyIsAskedWithTheRequestAsItCameAndTheAddressItCameFrom() throws IOException {
        try (Upstream latchkey = replaceLatchkey("200 OK")) {
            String[] lies = {
                "X-Forwarded-For: 192.0.2.1",
                "X-Original-URI: /lie",
                "X-Original-Method: LIE",
                "X-Original-Host: lie.example",
                "X-Forwarded-Uri: /lie",
                "X-Forwarded-Method: LIE",
                "X-Forwarded-Host: lie.example",
                // Envoy refuses the request for this one.
                kind == Gateway.Kind.ENVOY
                        ? "X-Forwarded-Proto: lie"
                        : "Connection: X-Forwarded-For, X-Forwarded-Uri, X-Original-URI, X-Original-Host",
                "Content-Length: 4\r\n\r\nbody"
            };
            int end = lies.length - 1;
            String request = "POST /v1//a/..%2f?b HTTP/1.1\r\nHost: billing.example\r\n"
                    + String.join("\r\n", Arrays.copyOf(lies, end)) + "\r\n" + lies[end];
            assertThat(client.exchange(request).orElseThrow().status()).isEqualTo(200);
            Message asked = latchkey.arrived().getFirst();
            if (kind == Gateway.Kind.ENVOY) {
                assertThat(asked.firstLine()).isEqualTo("POST /gate/v1/envoy/billing/v1//a/..%2f?b HTTP/1.1");
                assertThat(asked.field("Host")).contains("billing.example");
            } else {
                String dialect = kind == Gateway.Kind.CADDY ? "X-Forwarded" : "X-Original";
                assertThat(asked.firstLine()).startsWith("GET /gate/v1/").endsWith("/billing HTTP/1.1");
                assertThat(asked.field(dialect + "-Method")).contains("POST");
                assertThat(asked.field(dialect + "-URI")).contains("/v1//a/..%2f?b");
                assertThat(asked.field(dialect + "-Host")).contains("billing.example");
            }
            requireTheCallersAddress(asked);
            assertThat(asked.body()).isEmpty();
            assertThat(latchkey.requests()).isEqualTo(1);
            Message passed = upstream.arrived().getFirst();
            assertThat(passed.firstLine()).isEqualTo("POST /v1//a/..%2f?b HTTP/1.1");
            requireTheCallersAddress(passed);
            assertThat(passed.body()).isEqualTo("body");
        }
    }

    private void requireTheCallersAddress(Message message) {
        if (kind == Gateway.Kind.ENVOY) {
            // For callers on the same machine, it gives the machine's own address.
            assertThat(message.field("X-Forwarded-For").orElseThrow()).doesNotContain("192.0.2.1", ",");
        } else {
            assertThat(message.field("X-Forwarded-For")).contains("127.0.0.1");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "302 Found",
                "304 Not Modified",
                "404 Not Found",
                "429 Too Many Requests",
                "500 Error",
                "503 Busy"
            })
    void anAnswerWithoutADecisionLetsNothingPass(String status) throws IOException {
        try (Upstream latchkey = replaceLatchkey(status)) {
            long start = System.nanoTime();
            assertThat(send("GET", "/v1/status", null).status()).isNotEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            // Asking again and again would only make a slow Latchkey slower.
            assertThat(latchkey.requests()).isEqualTo(1);
            assertThat(upstream.requests()).isZero();
        }
    }

    @Test
    void aLongRefusalIsARefusal() throws IOException {
        String target = "/v1/invoices/" + "\u00E4\u00F6\"<".repeat(300);
        Message answer = send("GET", target.replace(" ", ""), billing.accessToken(billing.reader));
        // Some take no bytes beyond ASCII, and say so themselves.
        boolean onlyAscii = kind == Gateway.Kind.HAPROXY || kind == Gateway.Kind.ENVOY;
        assertThat(answer.status()).isEqualTo(onlyAscii ? 400 : 403);
    }

    @Test
    void aWebSocketMayBeOpenedAndNothingElse() throws IOException {
        String accessToken = billing.accessToken(billing.reader);
        String key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        List<String> upgrades = List.of(
                "Upgrade: websocket",
                "Upgrade: h2c\r\nHTTP2-Settings: AAMA",
                "Upgrade: websocket\r\nUpgrade: h2c",
                "Upgrade: h2c\r\nUpgrade: websocket",
                "Upgrade: websocket, h2c");
        for (String upgrade : upgrades) {
            client.close();
            client = new RawHttp(gateway.port());
            send("GET", "/v1/invoices", accessToken, "Connection: Upgrade, HTTP2-Settings", key, upgrade);
        }
        List<Message> arrived = upstream.arrived();
        // Two of them pass no upgrade on unless they are told to.
        boolean onlyWhenTold = kind == Gateway.Kind.NGINX || kind == Gateway.Kind.ENVOY;
        assertThat(arrived.getFirst().field("Upgrade"))
                .isEqualTo(onlyWhenTold ? Optional.empty() : Optional.of("websocket"));
        assertThat(arrived.subList(1, arrived.size()))
                .as("Envoy refuses them")
                .hasSize(kind == Gateway.Kind.ENVOY ? 0 : 4)
                .allSatisfy(request -> assertThat(request.field("Upgrade")).isEmpty());
    }
}
