package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import dev.latchkey.gateway.RawHttp.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A real Envoy that asks over gRPC; {@code EnvoyGrpcTest} asks in its place, and more. */
class EnvoyOverGrpcTest {
    @Test
    void allowedCallersPassWithTheirNameAndNoOneElseDoes() throws IOException {
        Gateway.require(Gateway.Kind.ENVOY);
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE);
                Upstream upstream = new Upstream()) {
            Billing billing = new Billing(server);
            try (Gateway envoy = Gateway.startEnvoyOverGrpc(server.grpcPort(), upstream.port());
                    RawHttp client = new RawHttp(envoy.port())) {
                String reader = "Authorization: Bearer " + billing.accessToken(billing.reader) + "\r\n";
                assertThat(client.exchange(request("GET /v1/invoices/42", reader + "Latchkey-Role: all\r\n"))
                                .orElseThrow()
                                .status())
                        .isEqualTo(200);
                Message arrived = upstream.arrived().getFirst();
                assertThat(arrived.field("Latchkey-Client-Id")).contains(billing.reader.clientId());
                assertThat(arrived.field("Latchkey-Role")).contains("invoice_reader");

                assertThat(statuses(
                                client,
                                request("DELETE /v1/invoices/42", reader),
                                request("GET /v1/invoices/42", ""),
                                request("GET /v1//invoices/42", reader),
                                request("GET /v1/invoices/..%2f42", reader),
                                request("GET /v1/invoices/42", reader + "X-HTTP-Method-Override: DELETE\r\n")))
                        .containsExactly(403, 401, 403, 403, 403);
                server.admin().post("/tokens/" + billing.reader.clientId() + "/revoke", "{}");
                assertThat(statuses(client, request("GET /v1/invoices/42", reader)))
                        .as("revoked")
                        .containsExactly(401);
                assertThat(upstream.requests()).isEqualTo(1);
            }
        }
    }

    @Test
    void aCallBeyondALimitGets429() throws IOException {
        Gateway.require(Gateway.Kind.ENVOY);
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE);
                Upstream upstream = new Upstream()) {
            Billing billing = new Billing(server);
            billing.admin.send("PATCH", "/tokens/" + billing.reader.clientId(), "{\"limits\": {\"perMonth\": 1}}");
            try (Gateway envoy = Gateway.startEnvoyOverGrpc(server.grpcPort(), upstream.port());
                    RawHttp client = new RawHttp(envoy.port())) {
                String call = request(
                        "GET /v1/invoices/42", "Authorization: Bearer " + billing.accessToken(billing.reader) + "\r\n");
                Message allowed = client.exchange(call).orElseThrow();
                assertThat(allowed.status()).isEqualTo(200);
                assertThat(allowed.field("RateLimit").orElseThrow()).startsWith("\"token-per-month\";r=0");
                Message refused = client.exchange(call).orElseThrow();
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.field("Retry-After")).isPresent();
                assertThat(refused.field("RateLimit-Policy").orElseThrow()).startsWith("\"token-per-month\";q=1");
                assertThat(refused.body()).contains("rate_limited");
            }
        }
    }

    private static String request(String line, String fields) {
        return line + " HTTP/1.1\r\nHost: billing.example\r\n" + fields + "\r\n";
    }

    private static List<Integer> statuses(RawHttp client, String... requests) {
        return List.of(requests).stream()
                .map(request -> status(client, request))
                .toList();
    }

    private static int status(RawHttp client, String request) {
        try {
            return client.exchange(request).orElseThrow().status();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
