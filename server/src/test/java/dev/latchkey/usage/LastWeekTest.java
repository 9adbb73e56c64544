package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** The list of tokens by what they did in the last week. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class LastWeekTest {
    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock();
    private RunningServer server;
    private Billing billing;
    private Credentials limited;

    /** Reporting is refused 12 of 17 calls, its limited colleague one of four, and the last token is not used. */
    @BeforeEach
    void use() {
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
        limited = billing.admin.createToken("Limited", "invoice_reader");
        billing.admin.createToken("Silent", "invoice_reader");
        billing.admin.send("PATCH", "/tokens/" + limited.clientId(), "{\"limits\": {\"perDay\": 2}}");
        call(billing.reader, "GET", 3);
        call(billing.reader, "DELETE", 12);
        call(limited, "GET", 3);
        written(billing.reader, 17);
        written(limited, 4);
        hourLater();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void call(Credentials token, String method, int calls) {
        String accessToken = billing.accessToken(token);
        for (int i = 0; i < calls; i++) {
            server.send(server.request("/gate/v1/nginx/billing")
                    .header("X-Original-Method", method)
                    .header("X-Original-URI", "/v1/invoices/" + i)
                    .header("Authorization", "Bearer " + accessToken)
                    .build());
        }
    }

    private void written(Credentials token, long calls) {
        Api admin = server.admin();
        Waiting.until(calls + " calls", () -> {
            JsonNode usage =
                    admin.get("/tokens/" + token.clientId() + "/usage?step=day").json();
            return usage.get("allowed").asLong() + usage.get("refused").asLong() >= calls;
        });
    }

    private void hourLater() {
        clock.advance(Duration.ofHours(1));
        server.keepHouse();
    }

    private static List<String> listed(Api api, String query) {
        JsonNode items = api.get("/tokens?" + query).json().get("items");
        return items.valueStream()
                .map(item -> item.get("description").asString())
                .toList();
    }

    private static List<String> pages(Api api, String query) {
        List<String> all = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = api.get("/tokens?pageSize=1&" + query + next).json();
            page.get("items")
                    .valueStream()
                    .map(item -> item.get("description").asString())
                    .forEach(all::add);
            next = page.has("nextPageToken")
                    ? "&pageToken=" + page.get("nextPageToken").asString()
                    : null;
        }
        return all;
    }

    @Test
    void theListIsSortedByTheCallsAndNamesThem() {
        Api admin = server.admin();
        List<String> expected = List.of("Reporting", "Limited", "Silent");
        assertThat(pages(admin, "role=invoice_reader&sort=-lastWeek")).isEqualTo(expected);
        List<String> reversed = new ArrayList<>(expected);
        Collections.reverse(reversed);
        assertThat(pages(admin, "role=invoice_reader&sort=lastWeek")).isEqualTo(reversed);
        JsonNode week = admin.get("/tokens/" + billing.reader.clientId()).json().get("lastWeek");
        assertThat(week.toString()).isEqualTo("{\"calls\":17,\"refused\":12,\"limited\":0,\"endpoints\":1}");
        assertThat(admin.get("/tokens/" + limited.clientId())
                        .json()
                        .get("lastWeek")
                        .toString())
                .isEqualTo("{\"calls\":4,\"refused\":1,\"limited\":1,\"endpoints\":1}");
        assertThat(admin.get("/tokens?search=Silent").json().get("items").get(0).has("lastWeek"))
                .isFalse();
    }

    @Test
    void theListIsNarrowedToWhatWasRefusedForAsLongAsAWeek() {
        assertThat(listed(server.admin(), "only=refused_often")).containsExactly("Reporting");
        assertThat(listed(server.admin(), "only=limited")).containsExactly("Limited");
        assertThat(listed(server.admin(), "only=limited&only=refused_often")).isEmpty();
        clock.advance(Duration.ofDays(7));
        server.keepHouse();
        assertThat(listed(server.admin(), "only=refused_often")).isEmpty();
        assertThat(listed(server.admin(), "only=limited")).isEmpty();
        assertThat(server.admin()
                        .get("/tokens/" + billing.reader.clientId())
                        .json()
                        .has("lastWeek"))
                .isFalse();
    }

    @Test
    void anOlderPowerfulTokenThatCallsFewEndpointsIsFound() {
        Api admin = server.admin();
        admin.createRole("keeper", "security:manage");
        Credentials keeper = admin.createToken("Keeper", "keeper");
        admin.createToken("Plain", "invoice_reader");
        String query = "only=powerful_little_used&role=keeper";
        assertThat(listed(admin, query)).isEmpty();
        server.change("update api_token set created_at = created_at - "
                + Duration.ofDays(7).toMillis() + " where description in ('Keeper', 'Plain')");
        hourLater();
        assertThat(listed(server.admin(), query))
                .as("calls are counted for less than a week")
                .isEmpty();
        countedForLonger();
        hourLater();
        assertThat(listed(server.admin(), query)).containsExactly("Keeper");
        Api byKeeper = server.api(keeper);
        byKeeper.get("/roles");
        byKeeper.get("/tokens");
        byKeeper.get("/users");
        written(keeper, 4);
        hourLater();
        assertThat(listed(server.admin(), query)).containsExactly("Keeper");
        server.api(keeper).get("/apis");
        written(keeper, 6);
        hourLater();
        assertThat(listed(server.admin(), query)).isEmpty();
        assertThat(listed(server.admin(), "only=powerful&role=keeper")).contains("Keeper");
    }

    /** As if calls had been counted for more than a week. */
    private void countedForLonger() {
        server.change(
                "insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) values ("
                        + clock.instant()
                                .truncatedTo(ChronoUnit.DAYS)
                                .minus(Duration.ofDays(8))
                                .toEpochMilli() + ", 'any', 'billing', '', 'allowed', 1, 1, 1)");
    }

    @Test
    void aTokenWhoseCallsAreNotKnownIsNotLittleUsed() {
        Api admin = server.admin();
        admin.createRole("keeper", "security:manage");
        Credentials keeper = admin.createToken("Keeper", "keeper");
        server.change("update api_token set created_at = created_at - "
                + Duration.ofDays(8).toMillis() + " where description = 'Keeper'");
        countedForLonger();
        // An API that is not asked about calls may be called all day with this.
        billing.accessToken(keeper);
        written(keeper, 1);
        hourLater();
        assertThat(listed(server.admin(), "only=powerful_little_used&role=keeper"))
                .isEmpty();
        server.change("delete from usage_day where client_id = '" + keeper.clientId() + "'");
        hourLater();
        assertThat(listed(server.admin(), "only=powerful_little_used&role=keeper"))
                .containsExactly("Keeper");
        server.change("update usage_day set client_id = '' where client_id = '" + billing.reader.clientId()
                + "' and outcome = 'allowed'");
        hourLater();
        assertThat(listed(server.admin(), "only=powerful_little_used&role=keeper"))
                .as("some calls were counted without their token")
                .isEmpty();
    }

    @Test
    void theConsoleLeadsToThem() {
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(browser.get("/overview").body())
                .contains("/tokens?state=active&amp;only=refused_often")
                .doesNotContain("only=powerful_little_used");
        assertThat(browser.get("/tokens?state=active&only=refused_often").body())
                .contains("Reporting")
                .doesNotContain("Silent")
                .containsPattern("value=\"refused_often\"\\s+aria-pressed=\"true\"");
        server.change("update api_token set created_at = created_at - "
                + Duration.ofDays(8).toMillis() + ", week_endpoints = 1 where role_name = 'accountadmin'");
        server.change("update last_week_pass set whole = 1");
        assertThat(browser.get("/overview").body()).contains("only=powerful_little_used");
        assertThat(browser.get("/tokens?only=powerful_little_used").body()).contains("?advice=90#advice");
        assertThat(browser.get("/tokens/csv?only=limited").body())
                .contains("last_week_calls")
                .contains("\"4\",\"1\",\"1\",\"1\"");
    }
}
