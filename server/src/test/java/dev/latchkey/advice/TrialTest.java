package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A role is tried without some of its privileges: everything is let through, and what would have been refused is found. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class TrialTest {
    private static final String ROLE = "/roles/invoice_clerk";
    private static final String TRIAL = ROLE + "/advice/trial";
    private static final String FILES = "{\"api\": \"billing\", \"privilege\": \"files:read\", \"effect\": \"allow\"}";
    private static final String WITHOUT_FILES = "{\"remove\": [" + FILES + "]}";

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

    private static Answer sent(RunningServer.Api api, String path, String json, String tag, RunningServer server) {
        HttpRequest.Builder request =
                api.to(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json));
        return server.send((tag.isEmpty() ? request : request.header("If-Match", tag)).build());
    }

    private Answer sent(String path, String json, String tag) {
        return sent(server.admin(), path, json, tag, server);
    }

    private String advised() {
        return server.admin().get(ROLE + "/advice?window=90").header("ETag");
    }

    private Answer begun() {
        return sent(TRIAL, "{\"window\": 90}", advised()).created();
    }

    private Answer trial() {
        return server.admin().get(TRIAL);
    }

    private String state() {
        JsonNode trial = trial().json();
        return trial.get("state").asString()
                + (trial.has("reason") ? " " + trial.get("reason").asString() : "");
    }

    private String role() {
        return server.admin().get(ROLE).json().get("privileges").toString();
    }

    private int gate(String method, String target) {
        return server.send(server.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", method)
                        .header("X-Original-URI", target)
                        .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                        .build())
                .status();
    }

    /** Days in which the clerk does what it always does, and in which each minute's work is done. */
    private void daysPass(int days) {
        for (int i = 0; i < days; i++) {
            assertThat(gate("GET", "/v1/invoices/7")).isEqualTo(200);
            server.keepHouse();
            clock.advance(Duration.ofDays(1));
        }
        server.keepHouse();
    }

    /** The newest events of the role, each as "operation [field: value, ...]". */
    private List<String> events(int most) {
        List<String> told = new ArrayList<>();
        for (JsonNode event : server.admin()
                .get("/events?target=role:invoice_clerk&pageSize=" + most)
                .json()
                .get("items")) {
            List<String> changes = new ArrayList<>();
            for (JsonNode change : event.get("changes")) {
                changes.add(change.get("field").asString() + ": "
                        + change.path("after").asString("-"));
            }
            told.add(event.get("operation").asString() + " " + changes);
        }
        return told;
    }

    @Test
    void aCallThatWouldHaveBeenRefusedIsLetThroughAndStopsTheTrial() {
        Months.pass(billing, clock);
        // What was called before the trial does not matter to it, not even on the same day.
        assertThat(gate("GET", "/v1/invoices/7")).isEqualTo(200);
        String terms = role();
        Answer begun = begun();
        assertThat(begun.header("Location")).isEqualTo("/api/v1" + TRIAL);
        assertThat(begun.json().get("state").asString()).isEqualTo("running");
        assertThat(begun.json().get("remove").toString())
                .isEqualTo("[{\"api\":\"billing\",\"privilege\":\"files:read\",\"effect\":\"allow\"}]");
        assertThat(events(1).getFirst())
                .startsWith("role.begin_trial")
                .contains("without: billing/files:read", "not used for: 90 days");
        daysPass(3);
        assertThat(state()).isEqualTo("running");
        assertThat(trial().json().get("calls").asLong()).isGreaterThanOrEqualTo(3);

        assertThat(gate("GET", "/v1/files/x")).as("let through").isEqualTo(200);
        server.keepHouse();
        assertThat(state()).isEqualTo("stopped would_refuse");
        JsonNode refused = trial().json().get("refused").get(0);
        assertThat(refused.get("clientId").asString()).isEqualTo(billing.clerk.clientId());
        assertThat(refused.get("description").asString()).isEqualTo("Büro \"1\"");
        assertThat(refused.get("endpoint").asString()).isEqualTo("GET /files/{path...}");
        assertThat(refused.get("calls").asLong()).isEqualTo(1);
        assertThat(role()).isEqualTo(terms);
        assertThat(events(1).getFirst())
                .isEqualTo("role.stop_trial [reason: would_refuse, would refuse: billing GET /files/{path...} by "
                        + billing.clerk.clientId() + "]");
        server.keepHouse();
        assertThat(events(100).stream().filter(event -> event.startsWith("role.stop_trial")))
                .hasSize(1);
        assertThat(sent(TRIAL + "/apply", "", trial().header("ETag"))
                        .json()
                        .get("code")
                        .asString())
                .isEqualTo("trial_not_passed");
    }

    @Test
    void aTrialThatPassesIsAppliedAsOneEventAndUndoneExactly() {
        Months.pass(billing, clock);
        String terms = role();
        begun();
        assertThat(sent(TRIAL + "/apply", "", trial().header("ETag"))
                        .json()
                        .get("code")
                        .asString())
                .isEqualTo("trial_not_passed");
        daysPass(13);
        assertThat(state()).isEqualTo("running");
        String running = trial().header("ETag");
        daysPass(1);
        assertThat(state()).isEqualTo("passed");
        assertThat(events(1).getFirst())
                .startsWith("role.pass_trial")
                .contains("without: billing/files:read", "counted calls: ", "counted tokens: 1");
        assertThat(sent(TRIAL + "/apply", "", "").status()).isEqualTo(400);
        assertThat(sent(TRIAL + "/apply", "", running).status()).isEqualTo(412);

        int events = events(100).size();
        Answer applied = sent(TRIAL + "/apply", "", trial().header("ETag"));
        assertThat(applied.status()).as(applied.body()).isEqualTo(200);
        assertThat(role()).doesNotContain("files:read");
        assertThat(events(100)).hasSize(events + 1);
        assertThat(events(1).getFirst())
                .startsWith("role.update")
                .contains("tried for: 14 days", "privilege billing/files:read: -");
        assertThat(state()).isEqualTo("applied");
        server.keepHouse();
        assertThat(events(100)).as("the watch has nothing to say").hasSize(events + 1);
        assertThat(administrator().get(ROLE).body())
                .contains("the role no longer allows billing/files:read, tried for 14 days.", "Undo advice");

        Answer undone = server.admin().post(ROLE + "/advice/undo", "");
        assertThat(undone.status()).as(undone.body()).isEqualTo(200);
        assertThat(role()).isEqualTo(terms);
    }

    @Test
    void aTrialThatPassedIsStillWatched() {
        Months.pass(billing, clock);
        begun();
        daysPass(14);
        assertThat(state()).isEqualTo("passed");
        assertThat(gate("GET", "/v1/files/x")).isEqualTo(200);
        Answer late = sent(TRIAL + "/apply", "", trial().header("ETag"));
        assertThat(late.status()).isEqualTo(409);
        assertThat(late.json().get("code").asString()).isEqualTo("would_refuse");
        assertThat(late.json().get("refused").get(0).get("endpoint").asString()).isEqualTo("GET /files/{path...}");
        assertThat(role()).contains("files:read");
        server.keepHouse();
        assertThat(state()).isEqualTo("stopped would_refuse");
    }

    @Test
    void callsOfTokensWithARoleAboveCount() {
        server.admin()
                .post("/roles", "{\"name\": \"chief\", \"grantedRoles\": [\"invoice_clerk\"], \"privileges\": []}")
                .created();
        RunningServer.Credentials chief = server.admin().createToken("Chief", "chief");
        Months.pass(billing, clock);
        assertThat(sent(TRIAL, WITHOUT_FILES, "").status()).isEqualTo(201);
        assertThat(server.send(server.request("/gate/v1/nginx/billing")
                                .header("X-Original-Method", "GET")
                                .header("X-Original-URI", "/v1/files/x")
                                .header("Authorization", "Bearer " + billing.accessToken(chief))
                                .build())
                        .status())
                .isEqualTo(200);
        server.keepHouse();
        assertThat(state()).as(trial().body()).isEqualTo("stopped would_refuse");
        assertThat(trial().json().get("refused").get(0).get("clientId").asString())
                .isEqualTo(chief.clientId());
    }

    @Test
    void onlyAdviceThatWasReadIsTriedAndOneTrialAtATime() {
        Months.pass(billing, clock);
        String read = advised();
        assertThat(sent(TRIAL, "{\"window\": 90}", "").status()).isEqualTo(400);
        assertThat(gate("GET", "/v1/files/x")).isEqualTo(200);
        Answer late = sent(TRIAL, "{\"window\": 90}", read);
        assertThat(late.status()).isEqualTo(412);
        assertThat(sent(TRIAL, "{\"window\": 90}", advised()).json().get("code").asString())
                .isEqualTo("nothing_proposed");
        assertThat(trial().status()).isEqualTo(404);
        assertThat(trial().body()).contains("The role invoice_clerk has had no trial.");
        assertThat(server.admin().delete(TRIAL).status()).isEqualTo(404);

        assertThat(sent(TRIAL, "{}", "").status()).isEqualTo(422);
        assertThat(sent(TRIAL, "{\"remove\": []}", "").status()).isEqualTo(422);
        assertThat(sent(TRIAL, WITHOUT_FILES.replace("files:read", "invoices:read"), "")
                        .status())
                .as("only through a role below")
                .isEqualTo(422);
        assertThat(sent(TRIAL, WITHOUT_FILES.replace("allow", "deny"), "").status())
                .isEqualTo(422);
        assertThat(sent(TRIAL, WITHOUT_FILES, "\"77\"").status()).isEqualTo(412);
        Answer chosen = sent(TRIAL, WITHOUT_FILES, server.admin().get(ROLE).header("ETag"));
        assertThat(chosen.status()).as(chosen.body()).isEqualTo(201);
        assertThat(chosen.json().has("window")).isFalse();
        assertThat(sent(TRIAL, WITHOUT_FILES, "").json().get("code").asString()).isEqualTo("trial_not_over");

        assertThat(stopped("\"77\"")).as("another trial").isEqualTo(412);
        assertThat(stopped(trial().header("ETag"))).isEqualTo(204);
        assertThat(state()).isEqualTo("stopped by_hand");
        assertThat(events(1).getFirst()).isEqualTo("role.stop_trial [reason: by_hand]");
        assertThat(server.admin().delete(TRIAL).status()).isEqualTo(204);
        assertThat(events(2).get(1)).startsWith("role.begin_trial");
        assertThat(sent(TRIAL, WITHOUT_FILES, "").status()).isEqualTo(201);
    }

    @Test
    void aTrialOfARoleThatWasEditedIsOver() {
        Months.pass(billing, clock);
        begun();
        server.admin().send("PATCH", ROLE, "{\"description\": \"Keeps the books\"}");
        server.keepHouse();
        assertThat(state()).as("it still allows the same").isEqualTo("running");
        server.admin()
                .send("PUT", "/roles/invoice_reader/privileges/billing/invoices:admin", "{\"effect\": \"allow\"}");
        assertThat(state()).as("a role that it includes").isEqualTo("stopped role_edited");
        server.keepHouse();
        assertThat(events(1).getFirst()).isEqualTo("role.stop_trial [reason: role_edited]");

        assertThat(sent(TRIAL, WITHOUT_FILES, "").status()).isEqualTo(201);
        server.admin().delete(ROLE + "/privileges/billing/files:read");
        server.admin().send("PUT", ROLE + "/privileges/billing/files:read", "{\"effect\": \"allow\"}");
        assertThat(state()).as("as it was").isEqualTo("running");
        server.admin().delete(ROLE + "/privileges/billing/files:read");
        server.admin().send("PUT", ROLE + "/privileges/billing/invoices:admin", "{\"effect\": \"allow\"}");
        String invoices = WITHOUT_FILES.replace("files:read", "invoices:admin");
        assertThat(sent(TRIAL, invoices, "").status()).as("in its place").isEqualTo(201);
        assertThat(events(2).get(1)).isEqualTo("role.stop_trial [reason: role_edited]");

        server.admin().post("/tokens/" + billing.clerk.clientId() + "/revoke", "{}");
        assertThat(server.admin().delete(ROLE).status()).isEqualTo(204);
        server.admin()
                .post("/roles", "{\"name\": \"invoice_clerk\", \"privileges\": []}")
                .created();
        assertThat(trial().status()).as("another role of the same name").isEqualTo(404);
        server.keepHouse();
    }

    @Test
    void whatLatchkeyDoesNotSeeCannotBeTried() {
        Months.pass(billing, clock);
        server.admin()
                .post("/users", "{\"email\": \"ben@example.com\", \"name\": \"Ben\", \"roles\": [\"invoice_clerk\"]}")
                .created();
        Answer refused = sent(TRIAL, WITHOUT_FILES, "");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("code").asString()).isEqualTo("cannot_be_tried");
        assertThat(refused.json().get("doubts").toString()).contains("What people do is not counted");
        Answer predefined = sent("/roles/public/advice/trial", WITHOUT_FILES, "");
        assertThat(predefined.status()).isEqualTo(422);
    }

    @Test
    void aTrialIsNotAppliedWhenCallsMayHaveBeenMissed() {
        Months.pass(billing, clock);
        begun();
        daysPass(14);
        assertThat(state()).isEqualTo("passed");
        server.admin().createRole("verifier", "apis:read");
        RunningServer.Api verifier = server.api(server.admin().createToken("Verifier", "verifier"));
        assertThat(verifier.get("/apis/billing/policy").status()).isEqualTo(200);
        Answer refused = sent(TRIAL + "/apply", "", trial().header("ETag"));
        assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        assertThat(refused.json().get("code").asString()).isEqualTo("not_certain");
        assertThat(refused.json().get("doubts").toString()).contains("verifies access tokens on its own");
        assertThat(administrator().get(ROLE).body())
                .contains("It cannot be applied as long as calls may not have been seen")
                .doesNotContain("Apply what was tried");
    }

    @Test
    void oneNeedsWhatApplyingAdviceNeeds() {
        Months.pass(billing, clock);
        var admin = server.admin();
        admin.createRole("viewer", "roles:read", "tokens:read");
        admin.createRole("manager", "roles:read", "tokens:read", "roles:manage");
        admin.createRole("blind", "roles:read", "roles:manage");
        RunningServer.Credentials viewer = admin.createToken("Viewer", "viewer");
        RunningServer.Credentials manager = admin.createToken("Manager", "manager");
        RunningServer.Credentials blind = admin.createToken("Blind", "blind");
        assertThat(sent(server.api(viewer), TRIAL, WITHOUT_FILES, "", server).status())
                .isEqualTo(403);
        assertThat(sent(server.api(blind), TRIAL, WITHOUT_FILES, "", server).status())
                .isEqualTo(403);
        assertThat(sent(server.api(manager), TRIAL, WITHOUT_FILES, "", server).status())
                .as("trying takes nothing away")
                .isEqualTo(201);
        assertThat(sent(server.api(blind), "/roles/nothing/advice/trial", "{}", "", server)
                        .status())
                .as("before it learns whether there is such a role")
                .isEqualTo(403);
        assertThat(server.api(viewer).get(TRIAL).status()).isEqualTo(200);
        assertThat(server.api(blind).get(TRIAL).status()).isEqualTo(403);
        assertThat(server.api(viewer).delete(TRIAL).status()).isEqualTo(403);
        assertThat(server.api(blind).delete(TRIAL).status()).isEqualTo(403);
        daysPass(14);
        Answer beyond = sent(server.api(manager), TRIAL + "/apply", "", trial().header("ETag"), server);
        assertThat(beyond.status()).isEqualTo(403);
        assertThat(beyond.json().get("code").asString()).isEqualTo("role_exceeds_yours");
        assertThat(role()).contains("files:read");
        assertThat(state()).isEqualTo("passed");
    }

    @Test
    void howLongATrialTakesIsASetting() {
        Months.pass(billing, clock);
        server.reload("advice-trial-days", "2");
        begun();
        daysPass(1);
        assertThat(state()).isEqualTo("running");
        server.restart();
        daysPass(1);
        assertThat(state()).isEqualTo("passed");
    }

    @Test
    void aTrialIsNotLongerThanUsageIsKept() {
        Months.pass(billing, clock);
        String read = advised();
        server.reload("usage-days-days", "13");
        for (Answer refused : List.of(sent(TRIAL, WITHOUT_FILES, ""), sent(TRIAL, "{\"window\": 90}", read))) {
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.body()).contains("usage_not_kept", "is kept for 13 days (usage-days-days)");
        }
        server.reload("usage-days-days", "14");
        assertThat(sent(TRIAL, WITHOUT_FILES, "").status()).isEqualTo(201);
    }

    @Test
    void whatEarlierCallsNeedIsLookedAtAgainWhenTheApiChanges() {
        Months.pass(billing, clock);
        begun();
        daysPass(1);
        for (int i = 0; i < 4; i++) {
            clock.advance(Duration.ofDays(1));
            server.keepHouse();
        }
        assertThat(state()).isEqualTo("running");
        Answer changed = server.admin().send("PATCH", "/apis/billing", """
                {"endpoints": [
                   {"method": "GET", "path": "/invoices/{id}", "privileges": ["invoices:read", "files:read"]},
                   {"method": "POST", "path": "/invoices", "privilege": "invoices:write"},
                   {"method": "GET", "path": "/invoices/admin", "privilege": "invoices:admin"},
                   {"method": "GET", "path": "/files/{path...}", "privilege": "files:read"}]}""");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        server.keepHouse();
        assertThat(state()).as(trial().body()).isEqualTo("stopped would_refuse");
    }

    @Test
    void aHundredRolesAreTriedInTurn() {
        for (int i = 0; i < 100; i++) {
            String name = "clerk%02d".formatted(i);
            server.admin()
                    .post("/roles", "{\"name\": \"" + name + "\", \"privileges\": [" + FILES + "]}")
                    .created();
            sent("/roles/" + name + "/advice/trial", WITHOUT_FILES, "").created();
        }
        Answer beyond = sent(TRIAL, WITHOUT_FILES, "");
        assertThat(beyond.status()).isEqualTo(409);
        assertThat(beyond.json().get("code").asString()).isEqualTo("too_many_trials");
        server.admin().send("PUT", "/roles/clerk42/privileges/billing/invoices:admin", "{\"effect\": \"allow\"}");
        assertThat(sent("/roles/clerk42/advice/trial", WITHOUT_FILES, "").status())
                .as("in place of the one that the edit ended")
                .isEqualTo(201);

        RunningServer.Credentials last = server.admin().createToken("Last", "clerk99");
        assertThat(server.send(server.request("/gate/v1/nginx/billing")
                                .header("X-Original-Method", "GET")
                                .header("X-Original-URI", "/v1/files/x")
                                .header("Authorization", "Bearer " + billing.accessToken(last))
                                .build())
                        .status())
                .isEqualTo(200);
        for (int turn = 1; turn <= 5; turn++) {
            server.keepHouse();
            assertThat(server.admin()
                            .get("/roles/clerk99/advice/trial")
                            .json()
                            .get("state")
                            .asString())
                    .as("turn " + turn)
                    .isEqualTo(turn < 5 ? "running" : "stopped");
        }
    }

    @Test
    void thePageOfARoleWithManyTokensLooksAtTheirCallsWhenSomeoneAsks() {
        for (int i = 0; i < 101; i++) {
            server.admin().createToken("Clerk " + i, "invoice_clerk");
        }
        assertThat(sent(TRIAL, WITHOUT_FILES, "").status()).isEqualTo(201);
        RunningServer.Browser browser = administrator();
        assertThat(browser.get(ROLE).body())
                .contains("The role is tried without billing/files:read.", "It began on", "Look at its calls")
                .contains("Stop trying")
                .doesNotContain("no call of its tokens was counted");
        assertThat(browser.get(ROLE + "?trial=calls").body())
                .contains("no call of its tokens was counted")
                .doesNotContain("Look at its calls");
    }

    @Test
    void inTheConsoleAButtonTriesAnotherStopsAndAThirdApplies() {
        Months.pass(billing, clock);
        RunningServer.Browser browser = administrator();
        String page = browser.get(ROLE).body();
        assertThat(page)
                .contains(">Try it</button>", "Trying changes nothing for 14 days")
                .doesNotContain("id=\"trial\"");
        Map<String, String> advice = Map.of(
                "csrf", browser.csrf(), "window", "90", "version", version(page, "name=\"window\" value=\"90\">"));
        Answer pressed = browser.post(TRIAL, advice);
        assertThat(pressed.status()).as(pressed.body()).isEqualTo(303);
        String running = browser.get(pressed.header("Location")).body();
        assertThat(running)
                .contains("The trial has begun.", "The role is tried without billing/files:read.", "Stop trying")
                .contains("began to try the role invoice_clerk without some of its privileges")
                .doesNotContain(">Try it</button>", "Apply what was tried");
        assertThat(browser.post(TRIAL, advice).status()).isEqualTo(409);
        Answer other = browser.post(TRIAL + "/stop", Map.of("csrf", browser.csrf(), "version", "7"));
        assertThat(other.status()).isEqualTo(412);
        assertThat(other.body()).contains("Nothing was stopped", "Stop trying");
        Answer stopped = browser.post(
                TRIAL + "/stop",
                Map.of("csrf", browser.csrf(), "version", version(running, "/advice/trial/stop\"[\\s\\S]*?")));
        assertThat(browser.get(stopped.header("Location")).body())
                .contains("The trial is stopped.", ">Try it</button>")
                .doesNotContain("id=\"trial\"");

        assertThat(browser.post(TRIAL, advice).status()).isEqualTo(303);
        daysPass(14);
        browser = administrator();
        assertThat(browser.get("/overview").body()).contains("Tried role invoice_clerk", "/roles/invoice_clerk#trial");
        String passed = browser.get(ROLE).body();
        assertThat(passed).contains("Apply what was tried", "The role was tried without billing/files:read.");
        Answer applied = browser.post(
                TRIAL + "/apply",
                Map.of("csrf", browser.csrf(), "version", version(passed, "/advice/trial/apply\"[\\s\\S]*?")));
        assertThat(applied.status()).as(applied.body()).isEqualTo(303);
        assertThat(browser.get(applied.header("Location")).body())
                .contains("What was tried is applied.", "Undo advice", "applied advice to the role invoice_clerk")
                .doesNotContain("id=\"trial\"");
        assertThat(browser.post(TRIAL + "/apply", Map.of("csrf", browser.csrf(), "version", "7"))
                        .status())
                .isEqualTo(412);
    }

    @Test
    void theConsoleShowsWhatWouldHaveBeenRefused() {
        Months.pass(billing, clock);
        begun();
        assertThat(gate("GET", "/v1/files/x")).isEqualTo(200);
        server.keepHouse();
        RunningServer.Browser browser = administrator();
        assertThat(browser.get("/overview").body()).contains("Tried role invoice_clerk", "Stopped");
        assertThat(browser.get(ROLE).body())
                .contains("The trial stopped.", "GET /files/{path...}", "/tokens/" + billing.clerk.clientId())
                .contains("stopped the trial of the role invoice_clerk");
        clock.advance(Duration.ofDays(15));
        assertThat(administrator().get(ROLE).body()).doesNotContain("The trial stopped.");
    }

    private int stopped(String tag) {
        return server.send(server.admin()
                        .to(TRIAL)
                        .header("If-Match", tag)
                        .DELETE()
                        .build())
                .status();
    }

    private static String version(String page, String before) {
        Matcher version = Pattern.compile(before + "<input type=\"hidden\" name=\"version\" value=\"(\\d+)\"")
                .matcher(page);
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    private RunningServer.Browser administrator() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }
}
