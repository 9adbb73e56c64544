package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
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

/** What the tokens of a role are used for, and who uses an API: as JSON, as CSV, and in the console. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class UsageOfSeveralTest {
    private static final String INVOICE = "GET /invoices/{id}";

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Billing billing;
    private Credentials second;

    /** Reporting reads three invoices and may not delete one, its colleague reads one, and the clerk deletes two. */
    @BeforeEach
    void use() {
        server = RunningServer.start(engine);
        billing = new Billing(server);
        second = billing.admin.createToken("=1+1", "invoice_reader");
        call(billing.reader, "GET", "/v1/invoices/1", "/v1/invoices/2", "/v1/invoices/3");
        call(billing.reader, "DELETE", "/v1/invoices/1");
        call(second, "GET", "/v1/invoices/4");
        call(billing.clerk, "DELETE", "/v1/invoices/5", "/v1/invoices/6");
        Waiting.until(
                "seven calls",
                () -> usage("/apis/billing", "").get("allowed").asLong() == 6
                        && usage("/apis/billing", "").get("refused").asLong() == 1);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void call(Credentials token, String method, String... targets) {
        String accessToken = billing.accessToken(token);
        for (String target : targets) {
            server.send(server.request("/gate/v1/nginx/billing")
                    .header("X-Original-Method", method)
                    .header("X-Original-URI", target)
                    .header("Authorization", "Bearer " + accessToken)
                    .build());
        }
    }

    private JsonNode usage(String of, String query) {
        Answer answer = billing.admin.get(of + "/usage" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    /** The groups as "name allowed/refused", in their order. */
    private static List<String> groups(JsonNode usage, String name) {
        return usage.get("groups")
                .valueStream()
                .map(group -> group.path(name).asString("") + " " + group.get("allowed") + "/" + group.get("refused"))
                .toList();
    }

    @Test
    void aRolesUsageIsThatOfItsTokens() {
        JsonNode byEndpoint = usage("/roles/invoice_reader", "?api=billing");
        assertThat(byEndpoint.get("allowed").asLong()).isEqualTo(4);
        assertThat(byEndpoint.get("refused").asLong()).isEqualTo(1);
        assertThat(byEndpoint.get("groupBy").asString()).isEqualTo("endpoint");
        assertThat(groups(byEndpoint, "endpoint")).containsExactly(INVOICE + " 4/0", "DELETE /invoices/{id} 0/1");
        assertThat(byEndpoint.has("rest")).isFalse();
        assertThat(byEndpoint
                        .get("points")
                        .valueStream()
                        .mapToLong(point -> point.get("allowed").asLong())
                        .sum())
                .isEqualTo(4);

        JsonNode byToken = usage("/roles/invoice_reader", "?groupBy=token&api=billing&step=day");
        assertThat(groups(byToken, "clientId"))
                .containsExactly(billing.reader.clientId() + " 3/1", second.clientId() + " 1/0");
        assertThat(groups(byToken, "description")).containsExactly("Reporting 3/1", "=1+1 1/0");
        assertThat(byToken.get("groups").get(0).get("role").asString()).isEqualTo("invoice_reader");

        assertThat(groups(usage("/roles/invoice_reader", "?groupBy=api"), "api"))
                .contains("billing 4/1");
        assertThat(groups(usage("/roles/invoice_clerk", "?api=billing"), "endpoint"))
                .containsExactly("DELETE /invoices/{id} 2/0");
        billing.admin.createRole("unused");
        assertThat(usage("/roles/unused", "").get("allowed").asLong()).isZero();
    }

    @Test
    void theDaysOfAnApiAreTheSumsOfItsHours() {
        Answer days = billing.admin.get("/apis/billing/usage?format=csv&step=day");
        assertThat(days.status()).isEqualTo(200);
        long allowed = 0;
        long refused = 0;
        for (String line : days.body().lines().skip(1).toList()) {
            String[] cells = line.replace("\"", "").split(",", -1);
            allowed += Long.parseLong(cells[cells.length - 2]);
            refused += Long.parseLong(cells[cells.length - 1]);
        }
        assertThat(allowed).isEqualTo(6);
        assertThat(refused).isEqualTo(1);
    }

    @Test
    void anApiSaysWhoUsesWhichEndpoint() {
        assertThat(groups(usage("/apis/billing", ""), "endpoint"))
                .containsExactly(INVOICE + " 4/0", "DELETE /invoices/{id} 2/1");
        assertThat(groups(usage("/apis/billing", "?groupBy=role"), "role"))
                .containsExactly("invoice_reader 4/1", "invoice_clerk 2/0");
        JsonNode invoice = usage("/apis/billing", "?groupBy=token&endpoint=GET%20/invoices/%7Bid%7D");
        assertThat(groups(invoice, "description")).containsExactly("Reporting 3/0", "=1+1 1/0");
        assertThat(invoice.get("allowed").asLong()).isEqualTo(4);
        assertThat(invoice.get("refused").asLong()).isZero();
        assertThat(groups(usage("/tokens/" + second.clientId(), "?groupBy=api"), "api"))
                .contains("billing 1/0");
    }

    @Test
    void aRoleWithThousandsOfTokensHasTheSameUsage() {
        List<String> before = groups(usage("/roles/invoice_reader", "?groupBy=token&api=billing"), "clientId");
        server.change("""
                insert into api_token (client_id, description, search_text, role_name, state, created_at, created_by_kind,
                    created_by_id, created_by_name, version)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000)
                select 'abcdef.' || (1000000000000000 + i), 'Program', 'program', 'invoice_reader', 'active', i, 'system', 'test',
                    'test', 1 from n""");
        assertThat(groups(usage("/roles/invoice_reader", "?groupBy=token&api=billing"), "clientId"))
                .isEqualTo(before);
        assertThat(groups(usage("/roles/invoice_clerk", "?api=billing"), "endpoint"))
                .containsExactly("DELETE /invoices/{id} 2/0");
    }

    @Test
    void whatIsNotListedIsStatedExactly() {
        addEndpoints(1_200);
        JsonNode usage = usage("/apis/billing", "");
        assertThat(usage.get("groups")).hasSize(1_000);
        assertThat(usage.get("groups").get(0).get("endpoint").asString()).isEqualTo("GET /things/1200");
        // Of 1,202 groups those with 1 to 200 calls, one with 2 and 1, and one with 4.
        assertThat(usage.get("rest").get("groups").asLong()).isEqualTo(202);
        long listed = usage.get("groups")
                .valueStream()
                .mapToLong(group -> group.get("allowed").asLong())
                .sum();
        assertThat(usage.get("rest").get("allowed").asLong()).isEqualTo(200 * 201 / 2 + 6);
        assertThat(usage.get("rest").get("refused").asLong()).isEqualTo(1);
        assertThat(listed + usage.get("rest").get("allowed").asLong())
                .isEqualTo(usage.get("allowed").asLong());
        List<String> table = csv("/apis/billing", "?format=csv&groupBy=endpoint");
        assertThat(table).hasSize(1 + 1_000 + 1);
        assertThat(table.getLast()).contains("\"20106\",\"1\"").endsWith(",\"202\"");
    }

    /** Endpoints that Reporting called an hour ago: the first once, the second twice, and so on. */
    private void addEndpoints(int number) {
        long at = Instant.now()
                .truncatedTo(ChronoUnit.HOURS)
                .minus(Duration.ofHours(1))
                .toEpochMilli();
        server.change("""
                insert into usage_hour (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at)
                with recursive n (i) as (select 1 union all select i + 1 from n where i < %d)
                select %d, '%s', 'billing', 'GET /things/' || i, 'allowed', i, %d, %d from n""".formatted(number, at, billing.reader.clientId(), at, at));
    }

    private List<String> csv(String of, String query) {
        Answer answer = billing.admin.get(of + "/usage" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/csv");
        assertThat(answer.header("Content-Disposition")).startsWith("attachment; filename=\"usage-");
        return answer.body().lines().toList();
    }

    @Test
    void eachComesAsCsvWithoutFormulas() {
        List<String> tokens = csv("/roles/invoice_reader", "?format=csv&groupBy=token&api=billing");
        assertThat(tokens.getFirst())
                .endsWith("client_id,description,role,api,endpoint,address,allowed,refused,missing_privilege,"
                        + "no_endpoint,doubtful_request,limited,revoked,expired,not_yet_valid,wrong_address,"
                        + "key_not_proved,access_token_ended,wrong_api,other,first_at,last_at,other_groups");
        assertThat(tokens.get(1))
                .startsWith("\"" + billing.reader.clientId()
                        + "\",\"Reporting\",\"invoice_reader\",\"\",\"\",\"\",\"3\",\"1\",\"1\""
                        + ",\"0\"".repeat(11) + ",");
        assertThat(tokens.get(2)).contains("\"'=1+1\"");
        assertThat(csv("/apis/billing", "?format=csv&groupBy=endpoint")).hasSize(3);
        List<String> periods = csv("/tokens/" + second.clientId(), "?format=csv&api=billing&step=day");
        assertThat(periods.getFirst()).endsWith("at,allowed,refused");
        assertThat(periods.getLast()).endsWith(",\"1\",\"0\"");
    }

    @Test
    void aCallerWhoPrefersCsvGetsIt() {
        Map.of(
                        "text/csv", true,
                        "text/csv, */*;q=0.1", true,
                        "text/*", true,
                        "application/json, text/csv", false,
                        "application/json;q=0.5, text/csv;q=0.9", true,
                        "text/csv;q=x, application/json;q=0.1", false,
                        "*/*", false,
                        "text/html", false)
                .forEach((accept, table) -> assertThat(server.send(billing.admin
                                        .to("/apis/billing/usage")
                                        .header("Accept", accept)
                                        .build())
                                .header("Content-Type"))
                        .as(accept)
                        .startsWith(table ? "text/csv" : "application/json"));
        assertThat(server.send(billing.admin
                                .to("/apis/billing/usage?format=json")
                                .header("Accept", "text/csv")
                                .build())
                        .header("Content-Type"))
                .startsWith("application/json");
    }

    @Test
    void whatCannotBeSummedIsRefusedWithWhatToDo() {
        Map.of(
                        "/roles/invoice_reader/usage?groupBy=role",
                        "Write endpoint, token or api.",
                        "/apis/billing/usage?groupBy=api",
                        "Write endpoint, token or role.",
                        "/tokens/" + second.clientId() + "/usage?groupBy=token",
                        "Write endpoint, api or address.",
                        "/apis/billing/usage?format=xml",
                        "Write json or csv.",
                        "/apis/billing/usage?api=other",
                        "There is no such parameter.")
                .forEach((path, advice) -> {
                    Answer answer = billing.admin.get(path);
                    assertThat(answer.status()).as(path).isEqualTo(422);
                    assertThat(answer.body()).contains(advice);
                });
        assertThat(billing.admin.get("/roles/nothing/usage").status()).isEqualTo(404);
        assertThat(billing.admin.get("/apis/nothing/usage").status()).isEqualTo(404);
    }

    @Test
    void itIsForThoseWhoMaySeeTokensAndTheRoleOrTheApi() {
        List.of("tokens:read", "roles:read", "apis:read").forEach(privilege -> {
            String role = privilege.replace(":", "_only_");
            billing.admin.createRole(role, privilege);
            RunningServer.Api api = server.api(billing.admin.createToken("Looks", role));
            assertThat(api.get("/roles/invoice_reader/usage").status()).isEqualTo(403);
            assertThat(api.get("/apis/billing/usage").status()).isEqualTo(403);
        });
        billing.admin.createRole("both", "tokens:read", "roles:read");
        RunningServer.Api api = server.api(billing.admin.createToken("Looks", "both"));
        assertThat(api.get("/roles/invoice_reader/usage").status()).isEqualTo(200);
        assertThat(api.get("/apis/billing/usage").status()).isEqualTo(403);
    }

    @Test
    void theConsoleShowsItOnTheirPages() {
        Browser browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        for (String page :
                new String[] {"/roles/invoice_reader", "/apis/billing?usage=30d", "/apis/billing?usage=13m"}) {
            assertThat(browser.get(page).body())
                    .contains("<svg class=\"bars", INVOICE, "1 missing privilege", "Reporting", "show who calls it");
        }
        String ofEndpoint = browser.get("/apis/billing?usage=24h&called=GET+%2Finvoices%2F%7Bid%7D")
                .body();
        assertThat(ofEndpoint)
                .contains("4 calls allowed, 0 refused in the last 24 hours", "Show all endpoints", "Reporting")
                .doesNotContain("1 missing privilege");
        assertThat(browser.get("/roles/invoice_reader?called=nothing").body()).contains("No call in the last 24 hours");
        assertThat(browser.get("/roles/public").body()).contains("No call in the last 24 hours");
        addEndpoints(30);
        assertThat(browser.get("/apis/billing").body()).contains("And 12 endpoints more: ");
    }

    @Test
    void theListOfTokensShowsTheLastSevenDays() {
        Browser browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        String list = browser.get("/tokens?search=Reporting").body();
        // One call of the token endpoint for each access token, and four of the API.
        assertThat(list).contains("Last 7 days", "aria-label=\"Calls by day: 0, 0, 0, 0, 0, 0, 6\"", "1 refused");
        billing.admin.createToken("Quiet", "public");
        assertThat(browser.get("/tokens?search=Quiet").body())
                .contains("No calls")
                .doesNotContain("Calls by day");
    }

    @Test
    void peopleWhoMayNotSeeTokensSeeTheirPagesWithoutIt() {
        billing.admin.createRole("looks", "roles:read", "apis:read");
        String link = billing.admin
                .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[\"looks\"]}")
                .created()
                .json()
                .get("invitationUrl")
                .asString();
        Browser tom = server.browser();
        tom.post(link.substring(link.indexOf('/', 10)), Map.of("name", "Tom", "password", "a few plain words"));
        for (String page : new String[] {"/roles/invoice_reader", "/apis/billing"}) {
            assertThat(tom.get(page).status()).isEqualTo(200);
            assertThat(tom.get(page).body()).doesNotContain("id=\"usage\"", "Reporting");
        }
    }
}
