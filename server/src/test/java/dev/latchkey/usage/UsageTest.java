package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What a token is used for: counted at every door, kept by the hour and by the day, and told by the management API. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsageTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Answer gate(String accessToken, String method, String target) {
        return server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", target)
                .header("Authorization", "Bearer " + accessToken)
                .build());
    }

    private JsonNode usage(Credentials token, String query) {
        Answer answer = billing.admin.get("/tokens/" + token.clientId() + "/usage" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    /** Waits until the calls are written, and returns the usage of the endpoint. */
    private JsonNode endpoint(Credentials token, String api, String endpoint, long calls) {
        JsonNode[] found = new JsonNode[1];
        Waiting.until(calls + " calls of " + api + " " + endpoint, () -> {
            found[0] = StreamSupport.stream(usage(token, "").get("groups").spliterator(), false)
                    .filter(each -> each.path("api").asString("").equals(api)
                            && each.path("endpoint").asString("").equals(endpoint))
                    .findFirst()
                    .orElse(null);
            return found[0] != null
                    && found[0].get("allowed").asLong()
                                    + found[0].get("refused").asLong()
                            == calls;
        });
        return found[0];
    }

    @Test
    void theGateCountsWhatItAllowsAndWhatItRefusesByEndpointAndReason() {
        String accessToken = billing.accessToken(billing.reader);
        for (int i = 0; i < 3; i++) {
            assertThat(gate(accessToken, "GET", "/v1/invoices/" + i).status()).isEqualTo(200);
        }
        gate(accessToken, "DELETE", "/v1/invoices/1");
        gate(accessToken, "GET", "/v1/nowhere");
        gate(accessToken, "GET", "/v1/invoices/..%2fadmin");

        JsonNode read = endpoint(billing.reader, "billing", "GET /invoices/{id}", 3);
        assertThat(read.get("allowed").asLong()).isEqualTo(3);
        assertThat(read.get("refusals").isEmpty()).isTrue();
        assertThat(Instant.parse(read.get("lastAt").asString()))
                .isCloseTo(Instant.now(), within(Duration.ofMinutes(5)));
        JsonNode deleted = endpoint(billing.reader, "billing", "DELETE /invoices/{id}", 1);
        assertThat(deleted.get("refusals").get("missing_privilege").asLong()).isEqualTo(1);
        JsonNode none = endpoint(billing.reader, "billing", "", 2);
        assertThat(none.has("endpoint")).isFalse();
        assertThat(none.get("refusals").get("no_endpoint").asLong()).isEqualTo(1);
        assertThat(none.get("refusals").get("doubtful_request").asLong()).isEqualTo(1);

        JsonNode all = usage(billing.reader, "");
        assertThat(all.get("step").asString()).isEqualTo("hour");
        assertThat(all.get("refused").asLong()).isEqualTo(3);
        assertThat(all.get("points")
                        .valueStream()
                        .mapToLong(point -> point.get("refused").asLong())
                        .sum())
                .isEqualTo(3);
        assertThat(usage(billing.reader, "?step=day").get("allowed").asLong())
                .isEqualTo(all.get("allowed").asLong());
        assertThat(usage(billing.clerk, "").get("allowed").asLong()).isZero();
    }

    @Test
    void everyOtherDoorCountsToo() {
        String own = server.accessToken(billing.reader);
        Answer refused = server.send(server.request("/api/v1/tokens")
                .header("Authorization", "Bearer " + own)
                .build());
        assertThat(refused.status()).isEqualTo(403);
        assertThat(endpoint(billing.reader, "latchkey", "GET /tokens", 1)
                        .get("refusals")
                        .get("missing_privilege")
                        .asLong())
                .isEqualTo(1);
        assertThat(endpoint(billing.reader, "latchkey", "POST /oauth/v2/token", 1)
                        .get("allowed")
                        .asLong())
                .isEqualTo(1);

        String forBilling = billing.accessToken(billing.reader);
        Credentials asker = billing.ownCredential();
        server.postForm("/oauth/v2/introspect", "token=" + forBilling, "Authorization", "Basic " + asker.basic());
        assertThat(endpoint(billing.reader, "billing", "", 1).get("allowed").asLong())
                .isEqualTo(1);
        endpoint(asker, "latchkey", "POST /oauth/v2/introspect", 1);

        billing.admin.post("/verify", """
                {"credential": "%s", "api": "billing", "method": "GET", "path": "/v1/invoices"}""".formatted(forBilling));
        assertThat(endpoint(billing.reader, "billing", "GET /invoices", 1)
                        .get("allowed")
                        .asLong())
                .isEqualTo(1);
    }

    @Test
    void whatANodeHasNotWrittenIsWrittenWhenItStops() {
        String accessToken = billing.accessToken(billing.clerk);
        for (int i = 0; i < 20; i++) {
            gate(accessToken, "GET", "/v1/me");
        }
        server.restart();
        JsonNode me = StreamSupport.stream(
                        usage(billing.clerk, "").get("groups").spliterator(), false)
                .filter(each -> each.path("endpoint").asString("").equals("GET /me"))
                .findFirst()
                .orElseThrow();
        assertThat(me.get("allowed").asLong()).isEqualTo(20);
    }

    @Test
    void aTimeThatCannotBeShownIsRefusedWithWhatToDo() {
        Map.of(
                        "?step=week", "Write hour or day.",
                        "?from=yesterday", "Write a time such as 2026-01-31T12:00:00Z.",
                        "?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "Choose an end after the beginning.",
                        "?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z&step=hour",
                                "Choose at most 400 periods, or step=day for more than 16 days.")
                .forEach((query, advice) -> {
                    Answer answer = billing.admin.get("/tokens/" + billing.reader.clientId() + "/usage" + query);
                    assertThat(answer.status()).isEqualTo(422);
                    assertThat(answer.body()).contains(advice);
                });
    }

    @Test
    void theConsoleShowsItOnTheTokensPage() {
        gate(billing.accessToken(billing.reader), "GET", "/v1/invoices/42");
        gate(billing.accessToken(billing.reader), "DELETE", "/v1/invoices/42");
        endpoint(billing.reader, "billing", "DELETE /invoices/{id}", 1);
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        for (String range : new String[] {"", "?usage=30d", "?usage=13m", "?usage=nonsense"}) {
            Answer page = browser.get("/tokens/" + billing.reader.clientId() + range);
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.body()).contains("GET /invoices/{id}", "1 missing privilege", "<svg class=\"bars");
        }
        assertThat(browser.get("/tokens/" + billing.clerk.clientId()).body()).contains("No call in the last 24 hours");
    }

    @Test
    void usageIsForThoseWhoMaySeeTokensAndOfTokensThatExist() {
        assertThat(billing.admin.get("/tokens/zzzzzz.zzzzzzzzzzzzzzzz/usage").status())
                .isEqualTo(404);
        Answer refused = server.send(server.request("/api/v1/tokens/" + billing.clerk.clientId() + "/usage")
                .header("Authorization", "Bearer " + server.accessToken(billing.clerk))
                .build());
        assertThat(refused.status()).isEqualTo(403);
    }
}
