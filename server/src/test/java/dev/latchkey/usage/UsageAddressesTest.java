package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** From which addresses a token was used: in the management API, as CSV and on the token's page. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsageAddressesTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, Map.of("trusted-proxies", "127.0.0.1,::1"));
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void call(String accessToken, String method, String from) {
        server.send(server.request("/gate/v1/nginx/billing")
                .header("X-Original-Method", method)
                .header("X-Original-URI", "/v1/invoices/1")
                .header("X-Forwarded-For", from)
                .header("Authorization", "Bearer " + accessToken)
                .build());
    }

    private Answer usage(String query) {
        return billing.admin.get("/tokens/" + billing.reader.clientId() + "/usage" + query);
    }

    /** The groups as "address allowed/refused", in their order, without those of the test's own address. */
    private List<String> addresses() {
        Answer answer = usage("?groupBy=address");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json()
                .get("groups")
                .valueStream()
                .filter(group -> !group.path("address").asString("").equals("127.0.0.1"))
                .map(group -> group.path("address").asString("not known") + " " + group.get("allowed") + "/"
                        + group.get("refused"))
                .toList();
    }

    private void await(String... expected) {
        Waiting.until(List.of(expected) + " are counted", () -> addresses().equals(List.of(expected)));
    }

    @Test
    void whatIsNotListedIsWhatOtherAddressesCalledAndNotWhatWasCountedWithoutOne() {
        long today = Instant.now().truncatedTo(ChronoUnit.DAYS).toEpochMilli();
        String id = billing.reader.clientId();
        for (int i = 0; i < 12; i++) {
            server.change(
                    "insert into usage_address (at, client_id, address, outcome, calls, first_at, last_at) values ("
                            + today + ", '" + id + "', '192.0.2." + i + "', 'allowed', " + (100 - i) + ", 1, 1)");
        }
        server.change(
                "insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values ("
                        + today + ", '" + id + "', 'billing', '', 'allowed', 3100000, 1, 1)");
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(browser.get("/tokens/" + id).body()).contains("And 2 addresses more: 179 calls allowed, 0 refused.");
    }

    @Test
    void eachAddressAndEachNetworkOfIpv6IsCounted() {
        String accessToken = billing.accessToken(billing.reader);
        for (String from : new String[] {
            "192.0.2.7", "192.0.2.7", "192.0.2.7", "2001:db8:0:0:1::1", "2001:db8::2", "2001:db8:0:1::1"
        }) {
            call(accessToken, "GET", from);
        }
        call(accessToken, "DELETE", "2001:db8:0:1::1");
        call(accessToken, "DELETE", "2001:db8:0:1::2");
        billing.admin.post("/verify", """
                {"credential": "%s", "api": "billing", "method": "GET", "path": "/v1/invoices"}""".formatted(accessToken));
        await("192.0.2.7 3/0", "2001:db8:0:1::/64 1/2", "2001:db8::/64 2/0", "not known 1/0");

        JsonNode usage = usage("?groupBy=address").json();
        assertThat(usage.get("step").asString()).isEqualTo("day");
        assertThat(usage.get("groupBy").asString()).isEqualTo("address");
        JsonNode refused = usage.get("groups")
                .valueStream()
                .filter(group -> group.path("address").asString("").equals("2001:db8:0:1::/64"))
                .findFirst()
                .orElseThrow();
        assertThat(refused.get("refusals").get("missing_privilege").asLong()).isEqualTo(2);
        assertThat(refused.has("endpoint")).isFalse();
        Answer csv = usage("?groupBy=address&format=csv");
        assertThat(csv.header("Content-Type")).startsWith("text/csv");
        assertThat(csv.body()).contains("\"192.0.2.7\",\"3\",\"0\"");

        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(browser.get("/tokens/" + billing.reader.clientId()).body())
                .contains("<code>2001:db8::/64</code>", "Not known", "2 missing privilege");
    }

    @Test
    void addressesAreOfATokenByTheDayAndOfAllCalls() {
        Map.of(
                        "?groupBy=address&step=hour", "Addresses are counted by the day",
                        "?groupBy=address&api=billing", "leave api out",
                        "?groupBy=address&endpoint=GET%20/x", "leave endpoint out")
                .forEach((query, advice) -> {
                    Answer answer = usage(query);
                    assertThat(answer.status()).isEqualTo(422);
                    assertThat(answer.body()).contains(advice);
                });
        assertThat(billing.admin
                        .get("/roles/invoice_reader/usage?groupBy=address")
                        .status())
                .isEqualTo(422);
        Answer refused =
                server.send(server.request("/api/v1/tokens/" + billing.clerk.clientId() + "/usage?groupBy=address")
                        .header("Authorization", "Bearer " + server.accessToken(billing.clerk))
                        .build());
        assertThat(refused.status()).isEqualTo(403);
    }
}
