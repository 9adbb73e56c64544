package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The list of tokens by the calls of the last week, as people see and press it. */
class LastWeekInBrowserTest {
    private static final int PHONE_HEIGHT = 844;

    private static Chromium chromium;
    private static RunningServer server;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("reader", "tokens:read");
        for (int i = 10; i < 40; i++) {
            server.admin().createToken("Program " + i, "reader");
        }
        called("allowed", "cast(substr(description, 9) as integer) * 10", "role_name = 'reader'");
        called("missing_privilege", "20", "description = 'Program 12'");
        called("limited", "1", "description = 'Program 13'");
        server.change("update last_week_pass set at = 0");
        server.keepHouse();
    }

    /** So many calls today, by each of these tokens. */
    private static void called(String outcome, String calls, String tokens) {
        server.change(
                "insert into usage_day (at, client_id, api_name, endpoint, outcome, calls, first_at, last_at) select "
                        + Instant.now().truncatedTo(ChronoUnit.DAYS).toEpochMilli()
                        + ", client_id, 'billing', 'GET /x', '" + outcome
                        + "', " + calls + ", 1, 1 from api_token where " + tokens);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    private static Page tokens(BrowserContext context) {
        Page page = context.newPage();
        page.navigate(server.url() + "/sign-in?next=%2Ftokens%3Frole%3Dreader");
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        button(page, "Sign in").click();
        assertThat(page.locator("table.tokens")).isVisible();
        return page;
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    private static Locator heading(Page page) {
        return page.getByRole(AriaRole.COLUMNHEADER, new Page.GetByRoleOptions().setName("Last 7 days"));
    }

    @Test
    void theHeadingSortsByTheCallsTheMostFirst() {
        try (BrowserContext context = chromium.browser().newContext()) {
            Page page = tokens(context);
            Locator first = page.locator("tbody .desc").first();
            button(page, "Last 7 days").click();
            assertThat(heading(page)).hasAttribute("aria-sort", "descending");
            assertThat(first).hasText("Program 39");
            button(page, "Last 7 days").click();
            assertThat(heading(page)).hasAttribute("aria-sort", "ascending");
            assertThat(first).hasText("Program 10");
        }
    }

    @Test
    void theChipsNarrowTheList() {
        try (BrowserContext context = chromium.browser().newContext()) {
            Page page = tokens(context);
            Locator rows = page.locator("tbody .desc");
            button(page, "Refused often").click();
            assertThat(rows).hasText(new String[] {"Program 12"});
            assertThat(button(page, "Refused often")).hasAttribute("aria-pressed", "true");
            button(page, "Refused often").click();
            button(page, "Limited").click();
            assertThat(rows).hasText(new String[] {"Program 13"});
            button(page, "Powerful and little used").click();
            assertThat(page.getByText("Nothing found")).isVisible();
        }
    }

    @Test
    void onATelephoneTheChipsLeaveTheRowsOnTheFirstScreen() {
        try (BrowserContext context =
                chromium.browser().newContext(new NewContextOptions().setViewportSize(390, PHONE_HEIGHT))) {
            Page page = tokens(context);
            var third = page.locator("tbody tr").nth(2).boundingBox();
            assertThat(third.y + third.height).isLessThan(PHONE_HEIGHT);
        }
    }
}
