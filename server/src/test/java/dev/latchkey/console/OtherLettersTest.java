package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** People whose email has letters other than English ones, in a browser that would rather not have them. */
class OtherLettersTest {
    private static Chromium chromium;
    private static RunningServer server;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static void signIn(Page page, String email, String password) {
        page.navigate(server.url() + "/sign-in");
        page.getByLabel("Email").pressSequentially(email);
        page.getByLabel("Password").fill(password);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                .click();
        assertThat(page).hasURL(server.url() + "/overview");
    }

    @ParameterizedTest
    @CsvSource({
        "müller@example.com, MÜLLER@example.com",
        "user@bücher.example, user@xn--bcher-kva.example",
        "用户@例え.テスト, 用户@例え.テスト"
    })
    void whoIsInvitedSignsIn(String email, String otherSpelling) {
        try (BrowserContext administrator = chromium.browser().newContext();
                BrowserContext invited = chromium.browser().newContext();
                BrowserContext elsewhere = chromium.browser().newContext()) {
            Page page = administrator.newPage();
            signIn(page, RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
            page.navigate(server.url() + "/users/new");
            page.getByLabel("Email").pressSequentially(email);
            page.getByLabel("Name").fill("Somebody");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Invite user"))
                    .click();
            String link = page.locator("#url").inputValue();

            Page theirs = invited.newPage();
            theirs.navigate(link);
            assertThat(theirs.locator("main")).containsText(email);
            theirs.getByLabel("Password").fill("a few plain words");
            theirs.getByRole(AriaRole.BUTTON).first().click();
            assertThat(theirs).hasURL(server.url() + "/overview");

            signIn(elsewhere.newPage(), email, "a few plain words");
            elsewhere.clearCookies();
            signIn(elsewhere.newPage(), otherSpelling, "a few plain words");
        }
    }
}
