package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The dialog that finds anything, by keyboard in a real browser. */
class PaletteTest {
    private static Chromium chromium;
    private static RunningServer server;
    private static Credentials sync;

    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("warehouse_reader", "tokens:read");
        sync = server.admin().createToken("Nightly warehouse sync", "warehouse_reader");
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

    @BeforeEach
    void signIn() {
        context = chromium.browser().newContext();
        page = signedIn(context);
    }

    @AfterEach
    void leave() {
        context.close();
    }

    private static Page signedIn(BrowserContext of) {
        Page opened = of.newPage();
        opened.navigate(server.url() + "/sign-in");
        opened.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        opened.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        opened.locator("button.primary").click();
        opened.waitForURL("**/overview");
        return opened;
    }

    private Locator field() {
        return page.getByRole(AriaRole.COMBOBOX, new Page.GetByRoleOptions().setName("Find anything"));
    }

    private Locator choice(String name) {
        return page.locator("#palette").getByRole(AriaRole.OPTION, new Locator.GetByRoleOptions().setName(name));
    }

    @Test
    void aTokenIsOpenedWithoutLeavingTheKeyboard() {
        page.keyboard().press("Control+k");
        assertThat(field()).isFocused();
        assertThat(choice("Audit log")).isVisible();
        page.keyboard().type("warehouse");
        assertThat(choice("Nightly warehouse sync")).hasAttribute("aria-selected", "true");
        assertThat(choice("warehouse_reader")).hasAttribute("aria-selected", "false");
        assertThat(page.locator("#" + field().getAttribute("aria-activedescendant")))
                .containsText("Nightly warehouse sync");
        page.keyboard().press("ArrowDown");
        assertThat(choice("warehouse_reader")).hasAttribute("aria-selected", "true");
        page.keyboard().press("ArrowDown");
        assertThat(choice("Nightly warehouse sync")).hasAttribute("aria-selected", "true");
        page.keyboard().press("Enter");
        page.waitForURL("**/tokens/" + sync.clientId());
        assertThat(field()).isHidden();
    }

    @Test
    void enterWaitsForTheChoicesOfWhatWasTyped() {
        page.keyboard().press("Meta+k");
        assertThat(choice("Overview")).hasAttribute("aria-selected", "true");
        page.keyboard().type("health");
        page.keyboard().press("Enter");
        page.waitForURL("**/health");
    }

    @Test
    void escLeadsBackToWhereThePersonWas() {
        page.navigate(server.url() + "/tokens");
        Locator search = page.locator("#q");
        search.focus();
        page.keyboard().press("Control+k");
        assertThat(field()).isFocused();
        page.keyboard().type("nothing like this");
        assertThat(page.getByText("Nothing that you may see has this in its name."))
                .isVisible();
        page.keyboard().press("Enter");
        page.keyboard().press("Escape");
        assertThat(field()).isHidden();
        assertThat(search).isFocused();
        assertThat(page.url()).endsWith("/tokens");
    }

    @Test
    void theButtonOpensItAndAClickChooses() {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Find anything"))
                .click();
        field().fill("sync");
        choice("Nightly warehouse sync").click();
        page.waitForURL("**/tokens/" + sync.clientId());
    }

    @Test
    void aDialogThatIsOpenStaysTheOnlyOne() {
        page.navigate(server.url() + "/tokens/new");
        page.locator("#description").fill("Typed");
        page.keyboard().press("Control+k");
        assertThat(field()).hasCount(0);
        assertThat(page.locator("#description")).hasValue("Typed");
    }

    @Test
    void withoutAScriptTheButtonLeadsToThePageThatFindsTheSame() {
        try (BrowserContext plain =
                chromium.browser().newContext(new Browser.NewContextOptions().setJavaScriptEnabled(false))) {
            Page opened = signedIn(plain);
            opened.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Find anything"))
                    .click();
            opened.waitForURL("**/find**");
            opened.locator("main input[name=search]").fill("nightly");
            opened.locator("main input[name=search]").press("Enter");
            opened.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Nightly warehouse sync"))
                    .click();
            opened.waitForURL("**/tokens/" + sync.clientId());
        }
    }
}
