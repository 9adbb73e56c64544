package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The first page: figures, what needs a look, the first steps, and what each person sees of it. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class OverviewTest {
    @Parameter
    TestEngine engine;

    private final TestClock clock = new TestClock(Instant.now());
    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine, clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Browser administrator() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    private static String overview(Browser browser) {
        var page = browser.get("/overview");
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        return page.body();
    }

    private int gate(String accessToken, String method, String target) {
        return server.send(server.request("/gate/v1/nginx/billing")
                        .header("X-Original-Method", method)
                        .header("X-Original-URI", target)
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    private static Pattern look(String label, String count, String href) {
        return Pattern.compile("<a href=\"" + Pattern.quote(href) + "\">" + label + "</a><span class=\"badge \\w+\">"
                + count + "</span>");
    }

    @Test
    void theCallsOfAllTokensAreShown() {
        Billing billing = new Billing(server);
        String reader = billing.accessToken(billing.reader);
        String clerk = billing.accessToken(billing.clerk);
        Browser browser = administrator();
        assertThat(gate(reader, "GET", "/v1/invoices/1")).isEqualTo(200);
        assertThat(gate(clerk, "DELETE", "/v1/invoices/1")).isEqualTo(200);
        gate(reader, "DELETE", "/v1/invoices/1");
        gate(reader, "GET", "/v1/nothing");
        gate(clerk, "GET", "/v1/invoices/admin");
        Waiting.until(
                "the refused calls of both tokens", () -> overview(browser).contains(" allowed, 3 refused."));
        assertThat(overview(browser)).contains("<svg class=\"bars", "Calls in the last 24 hours");
        clock.advance(Duration.ofDays(2));
        assertThat(overview(administrator())).contains("No call in the last 24 hours");
    }

    @Test
    void eachReasonToLookLeadsToTheListThatShowsIt() {
        var admin = server.admin();
        admin.createRole("reader", "tokens:read");
        admin.createToken("Forgotten", "reader");
        String leaver = admin.post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                .created()
                .json()
                .get("id")
                .asString();
        admin.post("/tokens", "{\"description\":\"Left alone\",\"role\":\"reader\",\"owner\":\"" + leaver + "\"}")
                .created();
        admin.delete("/users/" + leaver);
        server.change("update api_token set created_at = created_at - "
                + Duration.ofDays(46).toMillis() + " where description in ('Forgotten', 'Left alone')");
        admin.post(
                        "/tokens",
                        "{\"description\":\"Soon over\",\"role\":\"reader\",\"expiresAt\":\""
                                + clock.instant().plus(Duration.ofDays(3)) + "\"}")
                .created();
        Credentials revoked = admin.createToken("Gone", "reader");
        admin.post("/tokens/" + revoked.clientId() + "/revoke", "{}");
        assertThat(server.requestAccessToken(revoked, "").status()).isEqualTo(401);

        Browser browser = administrator();
        String page = overview(browser);
        assertThat(page).contains("No backup is known").containsPattern(look("Last backup", "[\\w ]+", "/health"));
        Map.of(
                        "/tokens?state=active&amp;only=idle", "Idle:2:Forgotten",
                        "/tokens?state=active&amp;owner=departed", "Owner has left:1:Left alone",
                        "/tokens?state=expiring", "Expiring:1:Soon over",
                        "/tokens?state=active&amp;only=powerful", "Powerful:1:Bootstrap",
                        "/tokens?state=revoked&amp;only=still_used", "Revoked and still used:1:Gone")
                .forEach((href, expected) -> {
                    String[] parts = expected.split(":", -1);
                    String address = href.replace("&amp;", "&");
                    assertThat(page.replace("&amp;", "&")).containsPattern(look(parts[0], parts[1], address));
                    var list = browser.get(address);
                    assertThat(list.status()).isEqualTo(200);
                    assertThat(list.body())
                            .as(address)
                            .containsPattern("(?i)" + parts[2])
                            .containsPattern("\\b" + parts[1] + " found");
                });
        clock.advance(Duration.ofDays(8));
        assertThat(overview(administrator())).doesNotContain("Revoked and still used", "Expiring");
    }

    @Test
    void howLongATokenMayBeUnusedIsASetting() {
        var admin = server.admin();
        admin.createRole("reader", "tokens:read");
        admin.createToken("Forgotten", "reader");
        server.change("update api_token set created_at = created_at - "
                + Duration.ofDays(46).toMillis() + " where description = 'Forgotten'");
        String idle = "/tokens?only=idle&only=never_used";
        Browser browser = administrator();
        assertThat(browser.get(idle).body()).contains("Forgotten", "Idle for 45 days");
        assertThat(overview(browser)).contains("Not used for 45 days.");
        server.reload("idle-token-days", "47");
        assertThat(browser.get(idle).body()).doesNotContain("Forgotten").contains("Idle for 47 days");
        assertThat(overview(browser)).doesNotContain("Not used for");
        assertThat(admin.get(idle).json().get("items")).isEmpty();
        server.reload("idle-token-days", "1");
        assertThat(browser.get(idle).body()).contains("Forgotten", "Idle for 1 day<");
    }

    @Test
    void theFirstStepsTickThemselvesOff() {
        Browser browser = administrator();
        // The token of the set-up has been generated and used.
        server.admin();
        assertThat(overview(browser)).contains("2 of 5 done", "/roles/new", "/apis/new");
        assertThat(overview(server.person("watcher", "tokens:read", "roles:read", "apis:read")))
                .contains("3 of 5 done", "href=\"/apis\"")
                .doesNotContain("/roles/new", "/apis/new", "/tokens/new");
        Billing billing = new Billing(server);
        assertThat(overview(browser)).contains("4 of 5 done");
        gate(billing.accessToken(billing.reader), "GET", "/v1/invoices/1");
        Waiting.until("the last step", () -> !overview(browser).contains("Five steps"));
    }

    @Test
    void anOldInstallationIsNotTaughtAnything() {
        clock.advance(Duration.ofDays(15));
        assertThat(overview(administrator())).contains("Needs a look").doesNotContain("Five steps");
    }

    @Test
    void peopleSeeWhatTheirRoleAllows() {
        String calls = "<h2 id=\"us\">Calls</h2>";
        String events = "<h2 id=\"ev\">Events</h2>";
        assertThat(overview(administrator())).contains(calls, events, "Last backup", "Tokens by state");
        assertThat(overview(server.person("token_reader", "tokens:read")))
                .contains(calls, "Tokens by state", "Powerful")
                .doesNotContain(events, "Last backup", "Five steps", "Your role shows you nothing");
        assertThat(overview(server.person("auditor", "audit:read")))
                .contains(events, "Nothing that Latchkey can see")
                .doesNotContain(calls, "Tokens by state", "Last backup", "Powerful");
        assertThat(overview(server.person("keeper", "account:manage")))
                .contains("Last backup")
                .doesNotContain(calls, events, "Tokens by state", "Powerful");
        Browser clerk = server.person("people_clerk", "users:read");
        assertThat(overview(clerk))
                .contains("Your role shows you nothing here")
                .doesNotContain(calls, events, "Tokens by state", "Needs a look");
        assertThat(server.browser().get("/overview").header("Location")).startsWith("/sign-in");
    }

    @Test
    void peopleBeginOnAPageThatTheyMaySee() {
        Browser clerk = server.person("people_clerk", "users:read");
        assertThat(clerk.get("/tokens").status()).isEqualTo(403);
        assertThat(clerk.get("/").header("Location")).isEqualTo("/overview");
        assertThat(administrator().get("/").header("Location")).isEqualTo("/overview");

        Browser returning = server.browser();
        assertThat(returning.get("/").header("Location")).isEqualTo("/sign-in");
        var signedIn = returning.post(
                "/sign-in",
                Map.of("email", "people_clerk@example.com", "password", "eleven odd wombats sing", "next", ""));
        assertThat(signedIn.header("Location")).isEqualTo("/overview");
        assertThat(returning.get(signedIn.header("Location")).status()).isEqualTo(200);
        assertThat(server.browser().get("/tokens").header("Location"))
                .as("a page that was asked for is shown after signing in")
                .isEqualTo("/sign-in?next=%2Ftokens");
    }
}
