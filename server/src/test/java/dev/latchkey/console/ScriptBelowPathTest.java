package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What only script does, below a path of the host. */
class ScriptBelowPathTest {
    @Test
    void theScriptFollowsAddressesBelowThePathAndNoticesThatTheSessionHasEnded() {
        List<String> complaints = new ArrayList<>();
        try (Chromium chromium = Chromium.start();
                RunningServer server =
                        RunningServer.start(TestEngine.SQLITE, Map.of("issuer", "http://localhost/latchkey"));
                BrowserContext context = chromium.browser().newContext()) {
            server.admin().createToken("Nightly sync", "public");
            String root = server.url() + "/latchkey";
            Page page = context.newPage();
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) {
                    complaints.add(message.text());
                }
            });
            page.onPageError(complaints::add);
            page.navigate(root);
            page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
            page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Sign in"))
                    .click();
            assertThat(page).hasURL(root + "/overview");

            page.navigate(root + "/tokens/new");
            page.locator("#r").selectOption("accountadmin");
            assertThat(page.locator("#role-preview")).containsText("This role is powerful");
            page.keyboard().press("Escape");
            assertThat(page.locator(".toast")).containsText("Press Esc again");
            page.keyboard().press("Escape");
            assertThat(page).hasURL(root + "/tokens");

            page.locator("#q").fill("nothing like it");
            assertThat(page.locator("#rows")).containsText("Nothing found");
            assertThat(page).hasURL(Pattern.compile("^" + root + "/tokens\\?.*search=nothing.*"));
            assertThat(complaints).isEmpty();

            context.clearCookies();
            page.locator("#q").fill("sync");
            assertThat(page).hasURL(Pattern.compile("^" + root + "/sign-in\\?next=%2Ftokens%3F.*"));
        }
    }
}
