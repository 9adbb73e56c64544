package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Assertions;
import dev.latchkey.gate.Billing;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.DecisionRecorder;
import dev.latchkey.gate.ForeignRequest;
import dev.latchkey.gate.Gate;
import dev.latchkey.gate.VerifyApi;
import dev.latchkey.http.HttpConfig;
import dev.latchkey.http.HttpServer;
import dev.latchkey.http.Response;
import dev.latchkey.http.Routes;
import dev.latchkey.management.Operation;
import dev.latchkey.trace.CurrentRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whom the request log names as the sender of a request that a decision is made about, and what a failed decision leaves. */
class RequesterTest {
    private static RunningServer server;
    private static Billing billing;
    private static Billing.ApiKey key;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        billing = new Billing(server);
        billing.takeKeys("{\"header\": \"X-API-Key\"}");
        key = billing.apiKey("invoice_clerk", "");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** What the request log would name, for each request in turn: the client id, or "no program". */
    private final List<String> named = new CopyOnWriteArrayList<>();

    private Response noting(Response response) {
        CurrentRequest current = Objects.requireNonNull(CurrentRequest.get());
        named.add(Objects.requireNonNullElse(current.clientId(), "no program"));
        return response;
    }

    private HttpServer noting() {
        Parts parts = server.parts();
        Operation verify = new VerifyApi(parts.gate, parts.credentials, parts.uses)
                .operations().stream()
                        .filter(operation -> operation.path().equals("/verify"))
                        .findFirst()
                        .orElseThrow();
        return HttpServer.start(
                HttpConfig.local(),
                Routes.builder()
                        .add(
                                "POST",
                                "/verify",
                                request -> noting(parts.guard.protect(verify).handle(request)))
                        .under(
                                "/v1",
                                request -> {
                                    Decision decision = parts.gate.decide(ForeignRequest.direct("billing", request));
                                    return noting(Response.text(
                                            200, decision.getClass().getSimpleName()));
                                },
                                Routes.DEFAULT_MAX_BODY_BYTES)
                        .build());
    }

    private static HttpRequest.Builder to(HttpServer port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.port() + path));
    }

    private static HttpRequest.Builder aboutTheKey(HttpServer port) {
        return to(port, "/verify")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"api\":\"billing\",\"method\":\"GET\",\"path\":\"/v1/invoices\"," + "\"credential\":\""
                                + key.text() + "\"}"));
    }

    @Test
    void aQuestionIsByTheOneWhoAsksAndNotByTheProgramThatItIsAbout() {
        Browser browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        billing.admin.createRole("asker", "decisions:ask");
        Credentials asker = billing.admin.createToken("Asks", "asker");
        try (HttpServer port = noting()) {
            assertThat(server.send(aboutTheKey(port)
                                    .header("Cookie", browser.cookieHeader())
                                    .header("X-CSRF-Token", browser.csrf())
                                    .build())
                            .json()
                            .get("clientId")
                            .asString())
                    .isEqualTo(key.clientId());
            assertThat(server.send(aboutTheKey(port)
                                    .header("Authorization", "Bearer " + server.accessToken(asker))
                                    .build())
                            .status())
                    .isEqualTo(200);
        }
        assertThat(named).containsExactly("no program", asker.clientId());
    }

    @Test
    void aCallThatAGatewayHoldsIsByTheProgramAlsoWhenItIsRefused() {
        try (HttpServer port = noting()) {
            for (String path : List.of("/v1/invoices", "/v1/invoices/admin", "/v1/none")) {
                server.send(to(port, path).header("X-API-Key", key.text()).build());
            }
            server.send(to(port, "/v1/invoices")
                    .header("Authorization", "Bearer " + billing.accessToken(billing.reader))
                    .build());
            server.send(to(port, "/v1/invoices").header("X-API-Key", "nonsense").build());
        }
        assertThat(named)
                .containsExactly(
                        key.clientId(), key.clientId(), key.clientId(), billing.reader.clientId(), "no program");
    }

    @Test
    void aDecisionThatCannotBeSignedIsNotRecordedAsAllowed() {
        Api admin = billing.admin;
        assertThat(admin.send("PATCH", "/apis/billing", "{\"assertion\": true}").status())
                .isEqualTo(200);
        Parts parts = server.parts();
        // No assertion can expire after the end of time.
        Clock ended = Clock.offset(Clock.fixed(Instant.MAX, ZoneOffset.UTC), Duration.ofSeconds(1));
        List<Decision> recorded = new ArrayList<>();
        DecisionRecorder recorder = (asking, decision) -> recorded.add(decision);
        List<Clock> clocks = List.of(ended, parts.clock);
        List<Integer> statuses = new ArrayList<>();
        for (Clock clock : clocks) {
            Gate gate = new Gate(
                    parts.guard,
                    parts.credentials,
                    parts.policy,
                    parts.uses,
                    parts.limitedUse,
                    new Assertions(parts.signingKeys.current(), server.url(), clock),
                    recorder);
            try (HttpServer port = HttpServer.start(
                    HttpConfig.local(),
                    Routes.builder()
                            .under(
                                    "/v1",
                                    request -> {
                                        gate.decide(ForeignRequest.direct("billing", request));
                                        return Response.noContent();
                                    },
                                    Routes.DEFAULT_MAX_BODY_BYTES)
                            .build())) {
                statuses.add(server.send(to(port, "/v1/invoices")
                                .header("X-API-Key", key.text())
                                .build())
                        .status());
            }
        }
        assertThat(statuses).containsExactly(500, 204);
        assertThat(recorded)
                .singleElement()
                .isInstanceOfSatisfying(
                        Decision.Allowed.class,
                        allowed -> assertThat(allowed.assertion()).isNotNull());
        admin.send("PATCH", "/apis/billing", "{\"assertion\": false}");
    }
}
