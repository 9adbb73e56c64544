package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the console says about lost changes, and what it lets whom do. How they come about is in {@code HistoryTest}; here they
 * are put into the database.
 */
@ParameterizedClass
@EnumSource(TestEngine.class)
class LostChangesPageTest {
    private static final String PATH = "/audit/lost";
    private static final String NOTICE = "The database has lost changes.";

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Browser ada;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        ada = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Lost changes with the sequences 101, 102, ...; their ids are {@code lost-101} and so on. */
    private void lose(int number, String state) {
        lose(101, number, state);
    }

    private void lose(int first, int number, String state) {
        StringBuilder rows = new StringBuilder();
        for (int sequence = first; sequence < first + number; sequence++) {
            rows.append(rows.isEmpty() ? "" : ",")
                    .append("('lost-%1$d', %1$d, 1605866531000, 'person', 'u1', 'ben@example.com', 'accountadmin',"
                                    .formatted(sequence)
                            + " 'role.create', 'role', 'role_%1$d', 'role_%1$d',".formatted(sequence)
                            + " '[{\"field\":\"description\",\"after\":\"Reads at night\"}]', '', 1605866531000, '"
                            + state + "')");
        }
        server.change(
                "insert into lost_change (hash, sequence, at, actor_kind, actor_id, actor_name, actor_role, operation,"
                        + " target_kind, target_id, target_name, changes, previous_hash, noticed_at, state) values "
                        + rows);
    }

    /** A change of the history whose last common event is 4,311, of 20 November 2020, 10:02:11 UTC. */
    private void historyChanges(String id, String noticedBy, String lost) {
        server.change(
                "insert into history_change (change_id, noticed_at, noticed_by, last_sequence, last_at, lost) values ('"
                        + id + "', 1605866531000, '" + noticedBy + "', 4311, 1605866531456, " + lost + ")");
    }

    private Answer send(Browser browser, String path, String... fields) {
        Map<String, String> form = new HashMap<>(Map.of("csrf", browser.csrf()));
        for (int i = 0; i < fields.length; i += 2) {
            form.put(fields[i], fields[i + 1]);
        }
        return browser.post(path, form);
    }

    private Browser personWith(String... privileges) {
        Api admin = server.admin();
        admin.createRole("part", privileges);
        String link = admin.post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[\"part\"]}")
                .created()
                .json()
                .get("invitationUrl")
                .asString()
                .substring(server.url().length());
        Browser tom = server.browser();
        assertThat(tom.post(link, Map.of("name", "Tom", "password", "a few plain words"))
                        .status())
                .isEqualTo(303);
        return tom;
    }

    private static String pageToken(Answer page) {
        Matcher link = Pattern.compile("pageToken=([A-Za-z0-9_-]+)").matcher(page.body());
        assertThat(link.find()).as("a link to the next page").isTrue();
        return link.group(1);
    }

    @Test
    void aLostChangeIsToldInTheWordsOfTheAuditLog() {
        lose(1, "open");
        assertThat(ada.get(PATH).body())
                .contains("created the role role_101")
                .contains("description: ")
                .contains("Reads at night")
                .contains("ben@example.com")
                .contains("was event 101")
                .contains("Made again by hand")
                .contains("id=\"row-0\"");
        assertThat(ada.get("/audit").body())
                .contains("href=\"/audit/lost?state=open\"")
                .contains("1 open");
    }

    @Test
    void whatIsSettledSaysHowAndHasNoButtons() {
        Map<String, String> words = Map.of(
                "ended_again", "Ended again by Latchkey",
                "not_needed", "Not needed",
                "made_again", "Made again by hand",
                "done", "Done");
        int sequence = 101;
        for (String state : words.keySet()) {
            lose(sequence, 1, state);
            assertThat(ada.get(PATH + "?state=" + state).body())
                    .contains(words.get(state))
                    .contains("role_" + sequence)
                    .doesNotContain("name=\"became\"");
            sequence++;
        }
        assertThat(ada.get(PATH + "?state=open").body())
                .contains("Nothing is open")
                .doesNotContain("role_10");
    }

    @Test
    void settlingKeepsThePlaceInTheList() {
        lose(60, "open");
        Answer first = ada.get(PATH + "?state=open");
        assertThat(first.body()).contains("role_160").doesNotContain("role_135<");
        String token = pageToken(first);
        Answer second = ada.get(PATH + "?state=open&pageToken=" + token);
        assertThat(second.body()).contains("role_135").doesNotContain("role_136<");
        Answer settled = send(
                ada,
                PATH + "/settle",
                "id",
                "lost-133",
                "row",
                "2",
                "became",
                "made_again",
                "state",
                "open",
                "pageToken",
                token);
        assertThat(settled.status()).as(settled.body()).isEqualTo(303);
        assertThat(settled.header("Location"))
                .isEqualTo(PATH + "?state=open&pageToken=" + token + "&done=lost-settled#row-2");
        Answer after = ada.get(settled.header("Location").replace("#row-2", ""));
        assertThat(after.body())
                .contains("The change is marked.")
                .contains("role_135")
                .contains("role_110")
                .doesNotContain("role_133<");
        assertThat(ada.get(PATH + "?state=made_again").body())
                .contains("role_133")
                .contains("by " + RunningServer.ADMIN_EMAIL);
    }

    @Test
    void whoComesSecondSeesTheListAndThatItIsSettled() {
        lose(2, "open");
        assertThat(send(ada, PATH + "/settle", "id", "lost-101", "became", "done")
                        .status())
                .isEqualTo(303);
        Answer second = send(ada, PATH + "/settle", "id", "lost-101", "became", "made_again", "state", "open");
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.body()).contains("already settled").contains("role_102");
    }

    @Test
    void aPageThatIsSettledWholeLeadsOn() {
        lose(1, "open");
        String beyond = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("[\"5\",\"x\"]".getBytes(StandardCharsets.UTF_8));
        assertThat(ada.get(PATH + "?state=open&pageToken=" + beyond).body())
                .contains("All the changes of this page are settled.")
                .contains("Show first page");
    }

    @Test
    void whoOnlyReadsTheLogSeesNoButtonsAndIsRefusedByHand() {
        lose(1, "open");
        historyChanges("restored", "restore", "null");
        Browser tom = personWith("audit:read");
        Answer page = tom.get(PATH);
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body())
                .contains("role_101")
                .doesNotContain("name=\"became\"")
                .doesNotContain(">Confirm<")
                .doesNotContain("End tokens used since then");
        assertThat(send(tom, PATH + "/settle", "id", "lost-101", "became", "done")
                        .status())
                .isEqualTo(403);
        assertThat(send(tom, PATH + "/confirm", "id", "restored").status()).isEqualTo(403);
        assertThat(tom.get(PATH + "/revoke").status()).isEqualTo(403);
        assertThat(send(tom, PATH + "/revoke", "since", "2021-01-01T00:00", "sure", "yes")
                        .status())
                .isEqualTo(403);
        assertThat(ada.get(PATH).body()).contains("name=\"became\"").contains(">Confirm<");
    }

    @Test
    void halfOfThePrivilegesEndNoTokens() {
        Map<String, String> missing = Map.of("tokens:revoke", "account:manage", "account:manage", "tokens:revoke");
        missing.forEach((held, lacked) -> {
            String role = held.replace(':', '_');
            server.admin().createRole(role, held);
            Api api = server.api(server.admin().createToken("Ends many", role));
            assertThat(api.get("/tokens/revoke-since?since=2021-01-01T00:00:00Z")
                            .status())
                    .isEqualTo(403);
            Answer refused = api.post("/tokens/revoke-since", "{\"since\":\"2021-01-01T00:00:00Z\"}");
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.json().get("privilege").asString()).isEqualTo(lacked);
        });
        assertThat(server.requestAccessToken(server.bootstrap(), "").status()).isEqualTo(200);
    }

    @Test
    void theNoticeIsOnEveryPageUntilEverythingIsSettled() {
        assertThat(ada.get("/tokens").body()).doesNotContain(NOTICE);
        lose(2, "open");
        historyChanges("noticed", "node", "2");
        assertThat(ada.get("/tokens").body()).contains(NOTICE).contains("2 are open.");
        assertThat(ada.get("/profile").body()).contains(NOTICE).contains("href=\"/audit/lost?state=open\"");
        for (String id : new String[] {"lost-101", "lost-102"}) {
            assertThat(send(ada, PATH + "/settle", "id", id, "became", "done").status())
                    .isEqualTo(303);
        }
        assertThat(ada.get("/tokens").body())
                .doesNotContain(NOTICE)
                .contains("The history of the database has changed.");
        assertThat(send(ada, PATH + "/confirm", "id", "noticed", "state", "done")
                        .header("Location"))
                .isEqualTo(PATH + "?state=done&done=history-confirmed");
        assertThat(ada.get("/tokens").body())
                .doesNotContain("history of the database has changed")
                .doesNotContain(NOTICE);
        assertThat(ada.get(PATH).body()).contains("Confirmed by " + RunningServer.ADMIN_EMAIL);
    }

    @Test
    void whomItDoesNotConcernSeesNoNotice() {
        lose(1, "open");
        assertThat(personWith("tokens:read").get("/tokens").body())
                .contains("API auth tokens")
                .doesNotContain(NOTICE);
    }

    @Test
    void whoManagesTheAccountAndMayNotReadTheLogIsToldWhomToAsk() {
        lose(1, "open");
        assertThat(personWith("account:manage").get("/settings").body())
                .contains(NOTICE)
                .contains("People who may read the audit log")
                .doesNotContain("href=\"/audit/lost");
    }

    @Test
    void eachChangeOfTheHistoryIsToldInPlainWords() {
        historyChanges("one", "node", "20");
        historyChanges("two", "node", "1");
        historyChanges("three", "restore", "null");
        assertThat(ada.get(PATH).body())
                .contains("On 20 Nov 2020, 10:02:11 UTC a node noticed that the history of the database has changed."
                        + " The last event in both is 4,311 (20 Nov 2020, 10:02:11 UTC). 20 events were lost.")
                .contains("1 event was lost.")
                .contains(
                        "A backup was restored on 20 Nov 2020, 10:02:11 UTC. The backup ends at event 4,311 of 20 Nov 2020,"
                                + " 10:02:11 UTC. Later changes are missing, and it is not known what they were.")
                .containsOnlyOnce("End tokens used since then")
                .contains("href=\"/audit/lost/revoke?since=2020-11-20T10%3A02%3A11\"");
    }

    @Test
    void tokensUsedSinceATimeAreCountedFirstAndEndWhenThatIsMeant() {
        Credentials old = server.admin().createToken("Old", "public");
        Credentials used = server.admin().createToken("Used", "public");
        server.change("update api_token set created_at = 1000 where client_id in ('" + old.clientId() + "', '"
                + used.clientId() + "')");
        String accessToken = server.accessToken(used);
        String since = "2021-01-01T00:00:00";
        assertThat(ada.get(PATH + "/revoke?since=" + since).body())
                // The administrator's own token of the test is the other one.
                .contains("2 active tokens were used or created since 1 Jan 2021, 00:00:00 UTC.")
                .contains("End 2 tokens");
        Answer unsure = send(ada, PATH + "/revoke", "since", since, "reason", "Restored");
        assertThat(unsure.status()).isEqualTo(422);
        assertThat(unsure.body()).contains("Tick this box first.").contains("value=\"Restored\"");
        assertThat(server.requestAccessToken(used, "").status()).isEqualTo(200);
        Answer ended = send(ada, PATH + "/revoke", "since", since, "reason", "Restored", "sure", "yes");
        assertThat(ended.status()).as(ended.body()).isEqualTo(303);
        assertThat(ended.header("Location")).isEqualTo(PATH + "?done=ended-since");
        assertThat(server.requestAccessToken(used, "").status()).isEqualTo(401);
        assertThat(server.requestAccessToken(server.bootstrap(), "").status()).isEqualTo(401);
        assertThat(server.send(server.request("/api/v1/me")
                                .header("Authorization", "Bearer " + accessToken)
                                .build())
                        .status())
                .isEqualTo(401);
        assertThat(server.requestAccessToken(old, "").status()).isEqualTo(200);
        assertThat(ada.get("/tokens/" + used.clientId()).body()).contains("Restored");
        assertThat(ada.get(PATH + "/revoke?since=" + since).body())
                .as("the one that has just been used")
                .contains("1 active token was used");
    }

    @Test
    void aProgramCountsAndEndsThemAndIsAmongThem() {
        Credentials other = server.admin().createToken("Other", "public");
        Api admin = server.admin();
        Answer count = admin.get("/tokens/revoke-since?since=2021-01-01T00:00:00Z");
        assertThat(count.json().get("number").asInt()).isEqualTo(2);
        assertThat(count.json().get("more").asBoolean()).isFalse();
        Answer ended =
                admin.post("/tokens/revoke-since", "{\"since\":\"2021-01-01T00:00:00Z\",\"reason\":\"Restored\"}");
        assertThat(ended.status()).as(ended.body()).isEqualTo(200);
        assertThat(ended.json().get("revoked").asInt()).isEqualTo(2);
        assertThat(ended.json().get("more").asBoolean()).isFalse();
        assertThat(server.requestAccessToken(other, "").status()).isEqualTo(401);
        assertThat(admin.get("/me").status()).as("its own access token").isEqualTo(401);
        assertThat(server.requestAccessToken(server.bootstrap(), "").status()).isEqualTo(401);
    }

    @Test
    void wrongInputIsAnsweredPreciselyAndChangesNothing() {
        lose(1, "open");
        Api admin = server.admin();
        for (String body : new String[] {
            "{}",
            "{\"since\":null}",
            "{\"since\":\"yesterday\"}",
            "{\"since\":\"2999-01-01T00:00:00Z\"}",
            "{\"since\":\"2021-01-01T00:00:00Z\",\"until\":\"2021-01-01T00:00:00Z\"}",
            "{\"since\":\"2021-01-01T00:00:00Z\",\"reason\":\"" + "x".repeat(201) + "\"}"
        }) {
            assertThat(admin.post("/tokens/revoke-since", body).status())
                    .as(body)
                    .isEqualTo(422);
        }
        for (String query : new String[] {"", "?since=yesterday", "?since=2999-01-01T00:00:00Z"}) {
            assertThat(admin.get("/tokens/revoke-since" + query).status())
                    .as(query)
                    .isEqualTo(422);
        }
        assertThat(admin.get("/tokens/revoke-since?since=-1000000000-01-01T00:00:00Z")
                        .status())
                .isEqualTo(200);
        for (String query : new String[] {
            "?state=nonsense",
            "?pageSize=101",
            "?pageToken=x",
            // Well formed, and of no list of this kind.
            "?pageToken=" + Base64.getUrlEncoder().encodeToString("[\"x\",\"y\"]".getBytes(StandardCharsets.UTF_8))
        }) {
            assertThat(ada.get(PATH + query).status()).as(query).isEqualTo(422);
            assertThat(admin.get("/events/lost" + query).status()).as(query).isEqualTo(422);
        }
        for (String since :
                new String[] {"yesterday", "2999-01-01T00:00", "+999999999-01-01T00:00", "2021-02-30T00:00"}) {
            Answer page = send(ada, PATH + "/revoke", "since", since, "sure", "yes");
            assertThat(page.status()).as(since).isEqualTo(422);
            assertThat(page.body()).contains("id=\"since-error\"");
            assertThat(ada.get(PATH + "/revoke?since=" + since.replace("+", "%2B"))
                            .status())
                    .as(since)
                    .isEqualTo(422);
        }
        assertThat(send(ada, PATH + "/settle", "id", "lost-101", "became", "ended_again")
                        .status())
                .isEqualTo(422);
        assertThat(send(ada, PATH + "/settle", "id", "nothing", "became", "done")
                        .status())
                .isEqualTo(404);
        assertThat(ada.post(PATH + "/settle", Map.of("id", "lost-101", "became", "done"))
                        .status())
                .as("without the value of its own form")
                .isEqualTo(403);
        assertThat(send(ada, PATH + "/confirm", "id", "nothing", "state", "x\r\nSet-Cookie: a=b")
                        .header("Location"))
                .as("encoded, not a header of its own")
                .isEqualTo(PATH + "?state=x%0D%0ASet-Cookie%3A+a%3Db&done=history-confirmed");
        assertThat(ada.get(PATH + "?state=open").body()).contains("role_101");
        assertThat(server.requestAccessToken(server.bootstrap(), "").status()).isEqualTo(200);
    }

    /** From the notice to the last button, with the keyboard and without script. */
    @Test
    void everythingWorksWithoutScript() {
        lose(30, "open");
        historyChanges("restored", "restore", "null");
        try (Chromium chromium = Chromium.start();
                BrowserContext context = chromium.browser()
                        .newContext(
                                new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false))) {
            Page page = context.newPage();
            page.navigate(server.url() + "/sign-in");
            page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
            page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
            page.locator("button.primary").click();
            link(page, "See what was lost").press("Enter");
            link(page, "Next").press("Enter");
            button(page, "Done: ben@example.com created the role role_104").press("Enter");
            assertThat(page.locator("main").innerText())
                    .contains("The change is marked.")
                    .contains("role_105")
                    .doesNotContain("role_104");
            assertThat(page.url()).contains("pageToken=").endsWith("#row-1");
            link(page, "End tokens used since then…").press("Enter");
            assertThat(page.locator("#since").inputValue()).isEqualTo("2020-11-20T10:02:11");
            page.locator("#since").fill("2021-01-01T08:30:15");
            button(page, "Count these tokens").press("Enter");
            page.getByLabel("I know that these programs stop").check();
            button(page, "End 1 token").press("Enter");
            assertThat(page.locator("main").innerText()).contains("The tokens are revoked");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Confirm"))
                    .press("Enter");
            assertThat(page.locator("main").innerText()).contains("Confirmed earlier: 1");
        }
        assertThat(server.requestAccessToken(server.bootstrap(), "").status()).isEqualTo(401);
    }

    private static Locator link(Page page, String name) {
        return page.getByRole(
                AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }
}
