package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Finding tokens in the console and doing something about what was found, without script. */
class TokenListTest {
    private static final TestClock CLOCK = new TestClock(Instant.now());

    private static RunningServer server;
    private static Browser browser;

    @BeforeAll
    static void fill() {
        server = RunningServer.start(TestEngine.SQLITE, CLOCK);
        var admin = server.admin();
        admin.createRole("reader", "tokens:read");
        for (int i = 0; i < 30; i++) {
            admin.createToken("Program " + i, "reader");
        }
        timed("Soon over", "expiresAt", Duration.ofDays(3));
        timed("Long over", "expiresAt", Duration.ofHours(1));
        timed("Not begun", "notBefore", Duration.ofDays(9));
        admin.createToken("=1+1", "reader");
        admin.createToken(" @SUM(A1), \\\"quoted\\\"", "reader");
        CLOCK.advance(Duration.ofHours(2));
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    private static void timed(String description, String limit, Duration in) {
        server.admin()
                .post(
                        "/tokens",
                        "{\"description\":\"%s\",\"role\":\"reader\",\"%s\":\"%s\"}"
                                .formatted(description, limit, CLOCK.instant().plus(in)))
                .created();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> listed(Answer page) {
        return Pattern.compile("class=\"desc cut\"[^>]*>([^<]*)<")
                .matcher(page.body())
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static List<String> byApi(String query) {
        return server.admin().get("/tokens?" + query).json().get("items").values().stream()
                .map(item -> item.get("description").asString())
                .toList();
    }

    private static String state(String description) {
        JsonNode items = server.admin()
                .get("/tokens?search=" + description.replace(" ", "+"))
                .json()
                .get("items");
        return items.get(0).get("state").asString();
    }

    @Test
    void theConsoleAndTheApiKnowTheSameStates() {
        Map<String, String> one = Map.of("expiring", "Soon over", "expired", "Long over", "not_yet_valid", "Not begun");
        one.forEach((state, description) -> {
            assertThat(listed(browser.get("/tokens?state=" + state))).containsExactly(description);
            assertThat(byApi("state=" + state)).containsExactly(description);
            assertThat(state(description)).isEqualTo(state);
        });
        assertThat(state("Program 1")).isEqualTo("active");
        assertThat(byApi("state=active&pageSize=100")).contains("Soon over").doesNotContain("Long over", "Not begun");
        assertThat(byApi("state=active&sort=expires&pageSize=1")).containsExactly("Soon over");
        String page = browser.get("/tokens").body();
        assertThat(page).containsPattern("Expired <span>1</span>").containsPattern("Not yet valid <span>1</span>");
        assertThat(server.admin().get("/tokens?state=over").status()).isEqualTo(422);
        assertThat(server.admin().get("/tokens?only=odd").status()).isEqualTo(422);
    }

    @Test
    void whatIsChosenTogetherIsInTheAddressOnce() {
        String typed = "asked=1&state=active&search=Program+1&role=&only=idle";
        assertThat(browser.get("/tokens?" + typed + "&state=revoked").header("Location"))
                .isEqualTo("/tokens?search=Program+1&state=revoked&only=idle");
        assertThat(browser.get("/tokens?" + typed + "&toggle=never_used").header("Location"))
                .isEqualTo("/tokens?search=Program+1&state=active&only=idle&only=never_used");
        assertThat(browser.get("/tokens?" + typed + "&toggle=idle").header("Location"))
                .isEqualTo("/tokens?search=Program+1&state=active");
        assertThat(browser.get("/tokens?" + typed + "&state=").header("Location"))
                .isEqualTo("/tokens?search=Program+1&only=idle");
        assertThat(browser.get("/tokens?" + typed + "&columns=owner&columns=odd&pageToken=x")
                        .header("Location"))
                .as("another list begins on its first page")
                .isEqualTo("/tokens?search=Program+1&state=active&only=idle&columns=owner");
        assertThat(listed(browser.get("/tokens?search=Program+1&only=never_used&state=active&role=reader")))
                .contains("Program 1", "Program 11")
                .doesNotContain("Program 2");
    }

    @Test
    void theListSaysHowManyItHasAndLeadsForthAndBack() {
        Answer first = browser.get("/tokens?search=program");
        assertThat(first.body()).contains("30 found").contains("25 on this page");
        assertThat(listed(first)).hasSize(25);
        Answer second = browser.get(link(first, "next"));
        assertThat(listed(second)).hasSize(5);
        assertThat(listed(browser.get(link(second, "prev")))).isEqualTo(listed(first));
    }

    private static String link(Answer page, String rel) {
        var found = Pattern.compile("rel=\"" + rel + "\" href=\"([^\"]+)\"").matcher(page.body());
        assertThat(found.find()).isTrue();
        return found.group(1).replace("&amp;", "&");
    }

    @Test
    void afterARevocationTheListIsAsItWas() {
        Credentials one = server.admin().createToken("To be revoked", "reader");
        String filter = "?search=to+be&state=active&only=never_used";
        Answer list = browser.get("/tokens" + filter);
        String revoke = "/tokens/" + one.clientId() + "/revoke" + filter;
        assertThat(list.body()).contains(revoke.replace("&", "&amp;"));
        Answer asked = browser.get(revoke);
        assertThat(listed(asked)).containsExactly("To be revoked");
        assertThat(asked.body()).contains("name=\"search\" value=\"to be\"");
        assertThat(browser.post(
                                "/tokens/" + one.clientId() + "/revoke",
                                Map.of(
                                        "csrf", browser.csrf(),
                                        "search", "to be",
                                        "state", "active",
                                        "only", "never_used"))
                        .header("Location"))
                .isEqualTo("/tokens" + filter + "&done=revoked");
    }

    @Test
    void aRevokedTokenSaysWhoRevokedIt() {
        Credentials byProgram = server.admin().createToken("Ended elsewhere", "reader");
        JsonNode program = server.admin()
                .post("/tokens/" + byProgram.clientId() + "/revoke", "")
                .json()
                .get("revokedBy");
        assertThat(browser.get("/tokens/" + byProgram.clientId()).body())
                .containsPattern("(?s)<dt>Revoked</dt>.{1,400} by\\s+the program <a href=\"/tokens/"
                        + program.get("id").asString() + "\">"
                        + program.get("name").asString() + "</a>");
        Credentials byPerson = server.admin().createToken("Ended here", "reader");
        browser.post("/tokens/" + byPerson.clientId() + "/revoke", Map.of("csrf", browser.csrf()));
        JsonNode person =
                server.admin().get("/tokens/" + byPerson.clientId()).json().get("revokedBy");
        assertThat(person.get("kind").asString()).isEqualTo("person");
        assertThat(server.admin().get("/users/" + person.get("id").asString()).body())
                .contains(RunningServer.ADMIN_EMAIL);
        assertThat(browser.get("/tokens/" + byPerson.clientId()).body())
                .containsPattern("(?s)<dt>Revoked</dt>.{1,400} by\\s+" + RunningServer.ADMIN_EMAIL);
    }

    @Test
    void allThatWasFoundIsRevokedOnceItsNumberIsConfirmed() {
        for (int i = 0; i < 3; i++) {
            server.admin().createToken("Batch " + i, "reader");
        }
        assertThat(browser.get("/tokens/revoke?all=yes&search=batch").body())
                .contains("Revoke all 3 tokens found?")
                .contains("name=\"all\" value=\"3\"");
        Map<String, String> form = Map.of("csrf", browser.csrf(), "search", "batch", "all", "3");
        server.admin().createToken("Batch 4", "reader");
        Answer another = browser.post("/tokens/revoke", form);
        assertThat(another.status()).isEqualTo(422);
        assertThat(another.body())
                .contains("The list has changed since you saw it")
                .contains("name=\"all\" value=\"4\"");
        assertThat(byApi("search=batch&state=revoked")).isEmpty();
        assertThat(browser.post("/tokens/revoke", Map.of("csrf", browser.csrf(), "search", "batch", "all", "4"))
                        .header("Location"))
                .isEqualTo("/tokens?search=batch&done=revoked-together");
        assertThat(byApi("search=batch&state=revoked")).hasSize(4);
    }

    @Test
    void theTableComesAsCsvWithoutFormulas() {
        Answer csv = browser.get("/tokens/csv?search=program&state=active");
        assertThat(csv.header("Content-Type")).startsWith("text/csv");
        assertThat(csv.body().split("\r\n")).hasSize(1 + 30);
        assertThat(browser.get("/tokens/csv?search=1%2B1").body()).contains(",\"'=1+1\",");
        assertThat(browser.get("/tokens/csv?search=quoted").body()).contains("\"'@SUM(A1), \"\"quoted\"\"\"");
        Credentials ended = server.admin().createToken("Came to its end", "reader");
        JsonNode revoked = server.admin()
                .post("/tokens/" + ended.clientId() + "/revoke", "{\"reason\":\"Moved\"}")
                .json();
        String who = "\"%s\",\"program\",\"%s\""
                .formatted(
                        revoked.get("revokedBy").get("name").asString(),
                        revoked.get("revokedBy").get("id").asString());
        assertThat(browser.get("/tokens/csv?search=came+to").body())
                .contains("created_by,created_by_kind,created_by_id,", "revoked_by,revoked_by_kind,revoked_by_id,")
                .containsOnlyOnce("," + who + ",\"Moved\",\"0\",\"0\",\"0\",\"0\"\r\n")
                .contains("," + who + ",\"\",\"Secret\",");
        String tom = server.admin()
                .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                .created()
                .json()
                .get("invitationUrl")
                .asString();
        Browser without = server.browser();
        String path = tom.substring(tom.indexOf('/', 10));
        without.post(path, Map.of("name", "Tom", "password", "a few plain words"));
        assertThat(without.get("/tokens/csv").status()).isEqualTo(403);
    }

    @Test
    void aWrongFilterSaysWhatIsWrongAndKeepsWhatWasTyped() {
        Stream.of(
                        "/audit?operation=role.create&target=reader&from=2026-01-01",
                        "/audit?operation=role.create&target=role:reader&from=tomorrow")
                .map(browser::get)
                .forEach(page -> {
                    assertThat(page.status()).isEqualTo(422);
                    assertThat(page.body())
                            .contains("value=\"role.create\"", "The filters are wrong")
                            .doesNotContain("Unprocessable");
                });
        assertThat(browser.get("/audit?target=reader").body())
                .contains("Write the target as kind:id, such as role:reader.", "value=\"reader\"");
        Answer tokens = browser.get("/tokens?search=abc&state=odd");
        assertThat(tokens.status()).isEqualTo(422);
        assertThat(tokens.body())
                .contains("value=\"abc\"", "Send active, expiring, expired, not_yet_valid or revoked.")
                .doesNotContain("Unprocessable")
                .doesNotContainPattern("[0-9]+ found");
    }
}
