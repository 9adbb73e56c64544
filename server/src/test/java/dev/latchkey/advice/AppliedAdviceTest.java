package dev.latchkey.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.TestClock;
import dev.latchkey.database.DatabaseAddress;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Advice is applied to a role and undone, by the management API and in the console, and nothing else gets in between. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class AppliedAdviceTest {
    private static final String ROLE = "/roles/invoice_clerk";
    private static final List<String> TERMS = List.of("description", "privileges", "grantedRoles");

    @Parameter
    TestEngine engine;

    private final TestClock clock = Months.clock();
    private RunningServer server;
    private Billing billing;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, clock);
        billing = new Billing(server);
        server.admin().send("PATCH", ROLE, "{\"description\": \"Keeps the books\"}");
        server.admin()
                .send("PUT", ROLE + "/privileges/billing/invoices:admin", "{\"effect\": \"deny\"}")
                .json();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode role() {
        return server.admin().get(ROLE).json();
    }

    private List<String> terms() {
        JsonNode role = role();
        return TERMS.stream().map(name -> role.get(name).toString()).toList();
    }

    private String tag() {
        return server.admin().get(ROLE + "/advice?window=90").header("ETag");
    }

    private Answer applied(RunningServer.Api api, String tag) {
        HttpRequest.Builder request = api.to(ROLE + "/advice/apply")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"window\": 90}"));
        return server.send((tag.isEmpty() ? request : request.header("If-Match", tag)).build());
    }

    private Answer undone() {
        return server.admin().post(ROLE + "/advice/undo", "");
    }

    /** The changes of the newest events of the role, each as "field: before > after". */
    private List<String> events(int most) {
        List<String> told = new ArrayList<>();
        for (JsonNode event : server.admin()
                .get("/events?target=role:invoice_clerk&pageSize=" + most)
                .json()
                .get("items")) {
            List<String> changes = new ArrayList<>();
            for (JsonNode change : event.get("changes")) {
                changes.add(change.get("field").asString() + ": "
                        + change.path("before").asString("-") + " > "
                        + change.path("after").asString("-"));
            }
            told.add(event.get("operation").asString() + " " + changes);
        }
        return told;
    }

    private long lastEvent() {
        return server.admin()
                .get("/events?target=role:invoice_clerk&pageSize=1")
                .json()
                .get("items")
                .get(0)
                .get("sequence")
                .asLong();
    }

    @Test
    void adviceIsOneEventAndUndoingItIsOneEventThatRestoresTheRole() {
        Months.pass(billing, clock);
        List<String> before = terms();
        int events = events(100).size();
        Answer changed = applied(server.admin(), tag());
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
        assertThat(changed.json().get("privileges").toString()).doesNotContain("files:read");
        assertThat(changed.header("ETag")).isEqualTo(server.admin().get(ROLE).header("ETag"));
        assertThat(events(100)).hasSize(events + 1);
        long event = lastEvent();
        assertThat(events(1).getFirst())
                .startsWith("role.update")
                .contains(
                        "advice window: - > 90 days",
                        "counted calls: - > 3020",
                        "counted tokens: - > 1",
                        "privilege billing/files:read: allow > -");
        JsonNode told = server.admin().get(ROLE + "/advice").json();
        assertThat(told.get("applied").get("event").asLong()).isEqualTo(event);
        assertThat(told.get("applied").get("undoable").asBoolean()).isTrue();
        assertThat(told.get("applied").get("removed").get(0).get("privilege").asString())
                .isEqualTo("files:read");

        server.restart();
        Answer back = undone();
        assertThat(back.status()).as(back.body()).isEqualTo(200);
        assertThat(terms()).isEqualTo(before);
        assertThat(events(100)).hasSize(events + 2);
        assertThat(events(1).getFirst())
                .contains("undoes event: - > " + event, "privilege billing/files:read: - > allow");
        assertThat(server.admin().get(ROLE + "/advice").json().has("applied")).isFalse();
        assertThat(undone().status()).isEqualTo(409);
        assertThat(undone().body()).contains("no_advice_applied");
    }

    @Test
    void whatWasAppliedIsUndoneInARestoredCopyAsWell(@TempDir Path folder) throws Exception {
        Months.pass(billing, clock);
        List<String> before = terms();
        assertThat(applied(server.admin(), tag()).status()).isEqualTo(200);
        String backup = folder.resolve("latchkey.backup").toString();
        run("backup", backup, server.commandFlags());
        Path data = Files.createDirectories(folder.resolve("restored"));
        Files.copy(server.folder().resolve("data/master.key"), data.resolve("master.key"));
        List<String> place = new ArrayList<>(List.of("--data", data.toString()));
        if (engine.newAddress() instanceof DatabaseAddress.PostgresqlUrl postgresql) {
            place.addAll(List.of("--database-url", postgresql.url()));
        }
        run("restore", backup, place);
        server.close();
        server = server.on(place);
        assertThat(role().toString()).doesNotContain("files:read");
        Answer back = undone();
        assertThat(back.status()).as(back.body()).isEqualTo(200);
        assertThat(terms()).isEqualTo(before);
    }

    private static void run(String command, String file, List<String> flags) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command, file));
        arguments.addAll(flags);
        RunningServer.Ended ended = RunningServer.run(arguments.toArray(String[]::new));
        assertThat(ended.status()).as(ended.said()).isZero();
    }

    @Test
    void onlyAdviceThatWasReadIsApplied() {
        Months.pass(billing, clock);
        Answer unconditional = applied(server.admin(), "");
        assertThat(unconditional.status()).isEqualTo(400);
        assertThat(unconditional.body()).contains("Send If-Match with the ETag of the advice");
        assertThat(applied(server.admin(), "*").status()).isEqualTo(400);

        String read = tag();
        assertThat(gate("GET", "/v1/invoices/7")).isEqualTo(200);
        assertThat(tag()).as("what stays was used again").isEqualTo(read);
        assertThat(gate("GET", "/v1/files/x")).as("a privilege that was to go").isEqualTo(200);
        Answer late = applied(server.admin(), read);
        assertThat(late.status()).as(late.body()).isEqualTo(412);
        assertThat(late.json().get("remove").toString()).isEqualTo("[]");
        assertThat(late.header("ETag")).isEqualTo(tag()).isNotEqualTo(read);
        assertThat(role().toString()).contains("files:read");
        Answer nothing = applied(server.admin(), tag());
        assertThat(nothing.status()).isEqualTo(409);
        assertThat(nothing.json().get("code").asString()).isEqualTo("nothing_proposed");
    }

    @Test
    void doubtsThatSilenceTheAdviceKeepItFromBeingApplied() {
        Months.pass(billing, clock);
        String read = tag();
        server.admin().createToken("Younger", "invoice_clerk");
        Answer late = applied(server.admin(), read);
        assertThat(late.status()).isEqualTo(412);
        Answer nothing = applied(server.admin(), tag());
        assertThat(nothing.status()).isEqualTo(409);
        assertThat(nothing.json().get("doubts").toString()).contains("younger than this window");
        assertThat(role().toString()).contains("files:read");
    }

    @Test
    void afterAnEditAdviceIsNotUndone() {
        Months.pass(billing, clock);
        assertThat(applied(server.admin(), tag()).status()).isEqualTo(200);
        server.admin().send("PATCH", ROLE, "{\"description\": \"Keeps the books well\"}");
        assertThat(undone().json().get("code").asString()).isEqualTo("role_edited_since");
        assertThat(role().toString()).doesNotContain("files:read");
        String page = administrator().get(ROLE).body();
        assertThat(page)
                .contains("the role was edited after that", "/audit?target=role%3Ainvoice_clerk")
                .doesNotContain("Undo advice");
        clock.advance(Duration.ofDays(15));
        assertThat(administrator().get(ROLE).body()).doesNotContain("Advice was applied");
    }

    @Test
    void aRoleOfTheSameNameIsAnotherRole() {
        Months.pass(billing, clock);
        assertThat(applied(server.admin(), tag()).status()).isEqualTo(200);
        server.admin().post("/tokens/" + billing.clerk.clientId() + "/revoke", "{}");
        assertThat(server.admin().delete(ROLE).status()).isEqualTo(204);
        server.admin()
                .post("/roles", "{\"name\": \"invoice_clerk\", \"privileges\": []}")
                .created();
        assertThat(undone().json().get("code").asString()).isEqualTo("no_advice_applied");
    }

    @Test
    void oneNeedsWhatEditingTheRoleNeeds() {
        Months.pass(billing, clock);
        String read = tag();
        var admin = server.admin();
        admin.createRole("viewer", "roles:read", "tokens:read");
        admin.createRole("manager", "roles:read", "tokens:read", "roles:manage");
        RunningServer.Api viewer = server.api(admin.createToken("Viewer", "viewer"));
        RunningServer.Api manager = server.api(admin.createToken("Manager", "manager"));
        assertThat(applied(viewer, read).status()).isEqualTo(403);
        Answer beyond = applied(manager, read);
        assertThat(beyond.status()).isEqualTo(403);
        assertThat(beyond.json().get("code").asString()).isEqualTo("role_exceeds_yours");
        assertThat(applied(server.admin(), read).status()).isEqualTo(200);
        assertThat(viewer.get(ROLE + "/advice").json().has("applied"))
                .as("what was done is for those who may undo it or read the log")
                .isFalse();
        assertThat(manager.get(ROLE + "/advice").json().has("applied")).isTrue();
        assertThat(viewer.post(ROLE + "/advice/undo", "").status()).isEqualTo(403);
        assertThat(manager.post(ROLE + "/advice/undo", "").status()).isEqualTo(403);
        assertThat(role().toString()).doesNotContain("files:read");
        Answer wrong = admin.post(ROLE + "/advice/apply", "{\"window\": 7}");
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(admin.post("/roles/nothing/advice/undo", "").status()).isEqualTo(404);
    }

    @Test
    void inTheConsoleAButtonAppliesAndAnotherUndoes() {
        Months.pass(billing, clock);
        List<String> before = terms();
        RunningServer.Browser browser = administrator();
        assertThat(browser.get("/overview").body()).contains("href=\"/advice\"");
        assertThat(browser.get("/advice").body())
                .contains(
                        "Could lose 1 privilege",
                        "Never used: billing/files:read.",
                        "/roles/invoice_clerk?advice=90#advice")
                .contains("Not certain", "used too rarely");
        String page = browser.get(ROLE).body();
        assertThat(page).contains("Apply advice", "What applying the advice closes", "/files/{path...}");
        Answer pressed = browser.post(
                ROLE + "/advice/apply", Map.of("csrf", browser.csrf(), "window", "90", "version", version(page)));
        assertThat(pressed.status()).as(pressed.body()).isEqualTo(303);
        String afterwards = browser.get(pressed.header("Location")).body();
        assertThat(afterwards)
                .contains("The advice is applied.", "the role no longer allows billing/files:read", "Undo advice")
                .contains("applied advice to the role invoice_clerk");
        assertThat(browser.post(ROLE + "/advice/undo", Map.of("csrf", browser.csrf()))
                        .status())
                .as("which state is undone")
                .isEqualTo(400);
        Answer undone = browser.post(
                ROLE + "/advice/undo", Map.of("csrf", browser.csrf(), "version", appliedVersion(afterwards)));
        assertThat(undone.status()).as(undone.body()).isEqualTo(303);
        assertThat(terms()).isEqualTo(before);
        assertThat(browser.get(undone.header("Location")).body())
                .contains("The role is as it was before the advice.", "undid the advice on the role invoice_clerk")
                .doesNotContain("Undo advice");
    }

    @Test
    void theConsoleShowsWhatIsAdvisedNow() {
        Months.pass(billing, clock);
        RunningServer.Browser browser = administrator();
        String version = version(browser.get(ROLE).body());
        assertThat(gate("GET", "/v1/files/x")).isEqualTo(200);
        Answer late = browser.post(
                ROLE + "/advice/apply", Map.of("csrf", browser.csrf(), "window", "90", "version", version));
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.body())
                .contains("Nothing was changed: the advice is a different one", "Nothing to remove")
                .doesNotContain("Apply advice");
        String current = server.admin().get(ROLE).header("ETag").replace("\"", "");
        Answer notApplied = browser.post(ROLE + "/advice/undo", Map.of("csrf", browser.csrf(), "version", current));
        assertThat(notApplied.status()).isEqualTo(409);
        assertThat(notApplied.body()).contains("There is no applied advice on the role invoice_clerk to undo.");
    }

    @Test
    void theButtonUndoesOnlyTheAdviceThatThePageShowed() {
        Months.pass(billing, clock);
        RunningServer.Browser browser = administrator();
        String page = browser.get(ROLE).body();
        Answer pressed = browser.post(
                ROLE + "/advice/apply", Map.of("csrf", browser.csrf(), "window", "90", "version", version(page)));
        String shown = appliedVersion(browser.get(pressed.header("Location")).body());
        server.admin().send("PATCH", ROLE, "{\"description\": \"Keeps the books well\"}");
        Answer late = browser.post(ROLE + "/advice/undo", Map.of("csrf", browser.csrf(), "version", shown));
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.body()).contains("Nothing was undone: the role was edited since this page was opened.");
    }

    private static String appliedVersion(String page) {
        Matcher version = Pattern.compile("/advice/undo\"[^>]*>[\\s\\S]*?name=\"version\" value=\"(\\d+)\"")
                .matcher(page);
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    private static String version(String page) {
        Matcher version = Pattern.compile(
                        "name=\"window\" value=\"90\"><input type=\"hidden\" name=\"version\" value=\"(\\d+)\"")
                .matcher(page);
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    private RunningServer.Browser administrator() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
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
    void aTokensPageSaysWhatTheTokenDoesNotUse() {
        server.admin().createToken("Second clerk", "invoice_clerk");
        Months.pass(billing, clock);
        String path = "/tokens/" + billing.clerk.clientId();
        JsonNode advice = server.admin().get(path + "/advice?window=30").json();
        assertThat(advice.get("unused").toString()).isEqualTo("""
                [{"api":"billing","privilege":"files:read","effect":"allow"}]""");
        assertThat(advice.get("role").asString()).isEqualTo("invoice_clerk");
        assertThat(advice.get("window").asInt()).isEqualTo(30);
        assertThat(advice.get("calls").asLong()).isEqualTo(3020);
        assertThat(advice.get("otherTokens").asLong()).isEqualTo(1);
        assertThat(advice.get("sharedWith").get(0).get("description").asString())
                .isEqualTo("Second clerk");
        assertThat(administrator().get(path).body())
                .contains(
                        "nothing can be removed for this token alone",
                        "1 other active token",
                        "Second clerk",
                        "/roles/invoice_clerk?advice=90#advice");

        server.admin().createRole("token_reader", "tokens:read");
        RunningServer.Api reader = server.api(server.admin().createToken("Reader", "token_reader"));
        assertThat(reader.get(path + "/advice").status()).isEqualTo(403);
        assertThat(server.admin().get("/tokens/nothing/advice").status()).isEqualTo(404);
        assertThat(server.person("people_who_read_tokens", "tokens:read")
                        .get(path)
                        .body())
                .doesNotContain("nothing can be removed for this token alone");
    }
}
