package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Advice on a role, by the management API and in the console, from counted calls to a tighter role. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AdviceTest {
    @Parameter
    TestEngine engine;

    private final TestClock clock = Months.clock();
    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode advice(String role, String query) {
        Answer answer = server.admin().get("/roles/" + role + "/advice" + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> codes(JsonNode doubts) {
        return StreamSupport.stream(doubts.spliterator(), false)
                .map(doubt -> doubt.get("code").asString())
                .toList();
    }

    private void passAFewMonths() {
        Months.pass(billing, clock);
    }

    private int gate(String method, String target) {
        return server.send(server.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", method)
                        .header("X-Original-URI", target)
                        .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                        .build())
                .status();
    }

    @Test
    void theProposedRoleCanBeSentBackAndRefusesNothingThatWasDone() {
        passAFewMonths();
        JsonNode advice = advice("invoice_clerk", "?window=90");
        assertThat(codes(advice.get("doubts"))).isEmpty();
        JsonNode proposal = advice.get("proposal");
        assertThat(proposal.get("remove").size()).isEqualTo(1);
        assertThat(proposal.get("remove").get(0).get("privilege").asString()).isEqualTo("files:read");
        assertThat(advice.get("evidence").get("calls").asLong()).isEqualTo(3020);
        assertThat(advice.get("evidence").get("refused").asLong()).isZero();
        assertThat(advice.get("evidence").get("tokens").asInt()).isEqualTo(1);
        assertThat(advice.get("evidence").get("since").asString()).isEqualTo("2026-03-02T00:00:00Z");

        Answer changed = server.admin()
                .send("PATCH", "/roles/invoice_clerk", "{\"privileges\": " + proposal.get("privileges") + "}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        assertThat(gate("POST", "/v1/invoices")).isEqualTo(200);
        assertThat(gate("GET", "/v1/invoices/1")).isEqualTo(200);
        assertThat(gate("GET", "/v1/files/x")).isEqualTo(403);
        assertThat(advice("invoice_clerk", "").has("proposal")).isFalse();
    }

    @Test
    void whatABarredProgramTriedIsNoUse() {
        passAFewMonths();
        long day = clock.instant()
                .minus(Duration.ofDays(3))
                .truncatedTo(ChronoUnit.DAYS)
                .toEpochMilli();
        for (String outcome : List.of("revoked", "expired", "wrong_address", "key_not_proved", "access_token_ended")) {
            server.change("insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at)"
                    + " values (" + day + ", '" + billing.clerk.clientId() + "', 'billing', 'GET /files/{path...}', '"
                    + outcome + "', 7, " + day + ", " + day + ")");
        }
        JsonNode advice = advice("invoice_clerk", "?window=90");
        assertThat(codes(advice.get("doubts"))).isEmpty();
        assertThat(advice.get("proposal").get("remove").get(0).get("privilege").asString())
                .isEqualTo("files:read");
        assertThat(advice.get("evidence").get("calls").asLong()).isEqualTo(3020);
    }

    @Test
    void aRoleWhoseUseIsDoubtfulGetsTheReasonAndNoProposal() {
        JsonNode atFirst = advice("invoice_clerk", "");
        assertThat(codes(atFirst.get("doubts"))).contains("short_history", "young_token");
        assertThat(atFirst.get("doubts").toString())
                .contains("Calls are counted only since today. Advice needs whole days of counted calls");
        assertThat(Instant.parse(atFirst.get("evidence").get("since").asString()))
                .isBeforeOrEqualTo(clock.instant());
        passAFewMonths();
        assertThat(codes(advice("invoice_reader", "").get("doubts"))).containsExactly("unknown_rhythm");
        assertThat(codes(advice("public", "").get("doubts"))).contains("predefined_role", "used_by_people");
        assertThat(codes(advice("invoice_clerk", "?window=365").get("doubts"))).contains("short_history");
        assertThat(codes(advice("invoice_clerk", "?window=30").get("doubts"))).isEmpty();
        server.admin().post("/roles", """
                {"name": "chief", "grantedRoles": ["invoice_clerk"], "privileges": []}""").created();
        server.admin().createToken("Chief", "chief");
        JsonNode advice = advice("invoice_clerk", "?window=30");
        assertThat(codes(advice.get("doubts"))).contains("young_token");
        assertThat(advice.has("proposal")).isFalse();
    }

    @Test
    void aPrivilegeIsNotRemovedSoonAfterItWasGranted() {
        passAFewMonths();
        server.admin().send("PUT", "/roles/invoice_clerk/privileges/billing/invoices:admin", "{\"effect\": \"allow\"}");
        JsonNode admin = StreamSupport.stream(
                        advice("invoice_clerk", "").get("privileges").spliterator(), false)
                .filter(each -> each.get("privilege").asString().equals("invoices:admin"))
                .findFirst()
                .orElseThrow();
        assertThat(admin.get("verdict").asString()).isEqualTo("not_known");
        assertThat(codes(admin.get("doubts"))).containsExactly("newly_granted");
    }

    @Test
    void aRequestedScopeIsCountedForTheApiThatItIsFor() {
        Answer issued =
                server.requestAccessToken(billing.reader, "&resource=" + Billing.AUDIENCE + "&scope=invoices:read");
        assertThat(issued.status()).as(issued.body()).isEqualTo(200);
        Waiting.until(
                "the request is counted",
                () -> server.admin()
                        .get("/tokens/" + billing.reader.clientId() + "/usage")
                        .body()
                        .contains("POST /oauth/v2/token?resource=billing&scope=invoices:read"));
    }

    @Test
    void theRolesPageShowsTheAdviceAndFillsInTheProposedRole() {
        passAFewMonths();
        RunningServer.Browser browser =
                server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        String page = browser.get("/roles/invoice_clerk").body();
        assertThat(page)
                .contains(
                        "<b>1 privilege was never used:</b> billing/files:read.",
                        "It would have refused 0 of 3,020 counted calls of 1 token since 2 Mar 2026.",
                        "/roles/invoice_clerk?advice=90&amp;filled=yes#difference");
        assertThat(page).contains("Nothing is changed yet.");
        String filled = browser.get("/roles/invoice_clerk?advice=90&filled=yes").body();
        assertThat(filled).contains("<b>1 change.</b>").doesNotContain("Nothing is changed yet.");
        assertThat(browser.get("/roles/invoice_reader").body())
                .contains("Nothing is proposed, because a use may not have been counted.", "used too rarely");
        assertThat(browser.get("/roles/invoice_clerk?advice=nonsense").status()).isEqualTo(200);
    }

    @Test
    void adviceIsForThoseWhoMaySeeRolesAndTokens() {
        assertThat(billing.admin.get("/roles/nothing/advice").status()).isEqualTo(404);
        Answer wrong = billing.admin.get("/roles/invoice_clerk/advice?window=7");
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.body()).contains("Write 30, 90 or 365.");
        billing.admin.createRole("viewer", "roles:read");
        Answer refused =
                server.api(billing.admin.createToken("Viewer", "viewer")).get("/roles/invoice_clerk/advice");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("tokens:read");
    }
}
