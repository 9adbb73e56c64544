package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.database.TestEngine;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Turning the pages of people and of events, there and back, and how many there are. */
class ListPagesTest {
    private static final int PEOPLE = 60;

    private static RunningServer server;
    private static Browser browser;

    @BeforeAll
    static void fill() {
        server = RunningServer.start(TestEngine.SQLITE);
        for (int i = 0; i < PEOPLE; i++) {
            server.admin()
                    .post(
                            "/users",
                            "{\"email\":\"person%02d@example.com\",\"name\":\"Person %02d\",\"roles\":[]}"
                                    .formatted(i, i))
                    .created();
        }
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> people(Answer page) {
        return Pattern.compile("person[0-9]+@example\\.com</span>")
                .matcher(page.body())
                .results()
                .map(match -> match.group())
                .toList();
    }

    private static List<String> events(Answer page) {
        return Pattern.compile("JSON<span class=\"vh\"> of event ([0-9]+)<")
                .matcher(page.body())
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** The page to which the link leads. */
    private static Answer turned(Answer page, String link) {
        Matcher href = Pattern.compile("rel=\"" + link + "\" href=\"([^\"]+)\"").matcher(page.body());
        assertThat(href.find()).as(link + " in " + page.body()).isTrue();
        return browser.get(href.group(1).replace("&amp;", "&"));
    }

    @Test
    void theListOfPeopleTurnsBothWaysAndSaysHowManyThereAre() {
        Answer first = browser.get("/users");
        assertThat(first.body())
                .contains((PEOPLE + 1) + " users · 25 on this page")
                .doesNotContain("rel=\"prev\"");
        Answer second = turned(first, "next");
        Answer third = turned(second, "next");
        assertThat(third.body()).contains("11 on this page").doesNotContain("rel=\"next\"");
        assertThat(people(turned(third, "prev"))).hasSize(25).isEqualTo(people(second));
        assertThat(people(turned(turned(third, "prev"), "prev"))).hasSize(24).isEqualTo(people(first));
    }

    @Test
    void peopleThatAreSearchedForTurnBothWaysAsWell() {
        Answer first = browser.get("/users?search=Person");
        assertThat(first.body()).contains(PEOPLE + " found · 25 on this page");
        Answer second = turned(first, "next");
        assertThat(people(second)).hasSize(25);
        assertThat(people(turned(second, "prev"))).isEqualTo(people(first));
        assertThat(browser.get("/users?search=person07").body())
                .contains("1 found")
                .doesNotContain("rel=\"next\"", "on this page");
    }

    @Test
    void theAuditLogTurnsBothWaysAndSaysHowManyThereAre() {
        Answer first = browser.get("/audit?operation=user.invite");
        assertThat(first.body()).contains(PEOPLE + " found · 25 on this page").doesNotContain("rel=\"prev\"");
        Answer second = turned(first, "next");
        Answer third = turned(second, "next");
        assertThat(events(third)).hasSize(10);
        assertThat(events(turned(third, "prev"))).hasSize(25).isEqualTo(events(second));
        assertThat(events(turned(turned(third, "prev"), "prev"))).isEqualTo(events(first));
        assertThat(browser.get("/audit").body()).containsPattern("[0-9]+ events · 25 on this page");
    }

    @Test
    void whatIsNoPageTokenIsRefusedInWords() {
        for (String path : List.of("/users?pageToken=b.odd", "/audit?pageToken=b.odd")) {
            Answer refused = browser.get(path);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.body()).contains("This is not a page token of this list");
        }
    }
}
