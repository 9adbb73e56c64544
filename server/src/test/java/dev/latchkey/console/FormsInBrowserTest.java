package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.AriaRole;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms under people's hands: the keyboard, Esc, Back, reloading, two tabs, a session that ends; with script and without. */
class FormsInBrowserTest {
    private static Chromium chromium;
    private static RunningServer server;
    private static String user;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("reader", "tokens:read");
        server.admin().post("/apis", """
                        {"name": "billing", "audience": "https://billing.example", "endpoints": [
                          {"method": "GET", "path": "/invoices", "privilege": "invoices:read"}]}""").created();
        user = server.admin()
                .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                .created()
                .json()
                .get("id")
                .asString();
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

    private static BrowserContext context(boolean script) {
        return chromium.browser().newContext(new NewContextOptions().setJavaScriptEnabled(script));
    }

    private static Page signedIn(BrowserContext context) {
        Page page = context.newPage();
        page.navigate(server.url() + "/sign-in");
        signIn(page);
        assertThat(page).hasURL(server.url() + "/overview");
        return page;
    }

    private static void signIn(Page page) {
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        button(page, "Sign in").press("Enter");
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** Returns when the answer, which sets the cookie, has come. */
    private static void switchTheme(Page page, Locator button) {
        page.waitForResponse("**/theme", () -> button.press("Enter"));
    }

    private static void endSessions() {
        RunningServer.Browser other = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        other.post("/profile/sessions/end-others", Map.of("csrf", other.csrf()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theWholeWayGoesByKeyboardFromNoRoleToASavedToken(boolean script) {
        try (BrowserContext context = context(script)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/tokens/new");
            assertThat(page.locator("#description")).isFocused();
            page.keyboard().type("By keyboard " + script);
            button(page, "Create role").press("Enter");
            assertThat(page.getByText("Create a role for the token")).isVisible();
            page.getByLabel("Everything: billing").press("Space");
            page.getByLabel("Role name").fill("keyboard_" + script);
            // Enter in a field presses the button that the form is for.
            page.getByLabel("Role name").press("Enter");
            assertThat(page.getByText("is created and chosen for the token")).isVisible();
            assertThat(page.locator("select#r")).hasValue("keyboard_" + script);
            assertThat(page.locator("#description")).hasValue("By keyboard " + script);
            page.locator("#description").press("Enter");
            assertThat(page.getByText("Save the secret key now")).isVisible();
            page.getByLabel("I have saved the secret key").press("Space");
            button(page, "Save token").press("Enter");
            assertThat(page.getByText("The token is saved")).isVisible();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSessionThatEndsInTheMiddleLosesNothing(boolean script) {
        try (BrowserContext context = context(script)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/tokens/new");
            page.locator("#description").fill("Half done " + script);
            endSessions();
            page.locator("select#r").selectOption("reader");
            if (script) {
                assertThat(page.locator(".toast")).containsText("nothing that you typed is lost");
            }
            page.locator("dialog footer").getByText("Create token").press("Enter");
            assertThat(page.locator("main")).containsText("Your session has ended");
            signIn(page);
            if (!script) {
                button(page, "Go back to form").press("Enter");
            }
            assertThat(page.locator("dialog")).containsText("nothing was sent yet");
            assertThat(page.locator("#description")).hasValue("Half done " + script);
            assertThat(page.locator("select#r")).hasValue("reader");
            page.locator("dialog footer").getByText("Create token").press("Enter");
            assertThat(page.getByText("Save the secret key now")).isVisible();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsWrongOutOfSightIsInFocusOnTopAndLeadsThere(boolean script) {
        try (BrowserContext context = context(script)) {
            Page page = signedIn(context);
            page.setViewportSize(390, 600);
            page.navigate(server.url() + "/tokens/new?allowedAddresses=here");
            page.locator("select#r").selectOption("reader");
            page.locator("dialog footer").getByText("Create token").press("Enter");
            Locator summary = page.locator("[role=alert]");
            assertThat(summary).containsText("One field needs another look: Usable from.");
            assertThat(summary).isFocused();
            assertThat(summary).isInViewport();
            summary.getByRole(AriaRole.LINK).press("Enter");
            assertThat(page.locator("#allowedAddresses")).isInViewport();
            if (script) {
                assertThat(page.locator("#allowedAddresses")).isFocused();
            }
            assertThat(page.locator("#allowedAddresses")).hasValue("here");
        }
    }

    @Test
    void theThemeChangesUnderAFormThatIsHalfFilled() {
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/users/new");
            page.locator("#email").fill("half@");
            Locator theme = page.locator(".top [name=theme]");
            for (String next : new String[] {"light", "dark"}) {
                switchTheme(page, theme);
                assertThat(page.locator("html")).hasAttribute("data-theme", next);
                assertThat(theme).isFocused();
            }
            assertThat(theme).hasAccessibleName("Colour theme: dark. Switch to system");
            assertThat(page.locator("#email")).hasValue("half@");
            switchTheme(page, theme);
            assertThat(page.locator("html")).not().hasAttribute("data-theme", Pattern.compile(".*"));
            switchTheme(page, theme);
            page.navigate(server.url() + "/profile");
            assertThat(page.locator("html")).hasAttribute("data-theme", "light");
            page.locator("#name").fill("Half a name");
            switchTheme(page, button(page, "Dark"));
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
            assertThat(button(page, "Dark")).hasAttribute("aria-pressed", "true");
            assertThat(button(page, "Light")).hasAttribute("aria-pressed", "false");
            assertThat(theme).hasAccessibleName("Colour theme: dark. Switch to system");
            assertThat(page.locator("#name")).hasValue("Half a name");
            endSessions();
            button(page, "Light").press("Enter");
            assertThat(page.locator(".toast")).containsText("The theme could not be saved");
            assertThat(page.locator("#name")).hasValue("Half a name");
        }
    }

    @Test
    void aThemeIsSentWhenTheOneBeforeItIsAnsweredSoThatTheLastOneIsKept() {
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/users/new");
            List<Route> held = new ArrayList<>();
            page.route("**/theme", held::add);
            Locator theme = page.locator(".top [name=theme]");
            theme.press("Enter");
            page.waitForCondition(() -> held.size() == 1);
            theme.press("Enter");
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
            assertThat(held).hasSize(1);
            held.getFirst().resume();
            page.waitForCondition(() -> held.size() == 2);
            held.getLast().resume();
            page.waitForCondition(() -> context.cookies().stream().anyMatch(cookie -> cookie.value.equals("dark")));
            page.navigate(server.url() + "/profile");
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
        }
    }

    @Test
    void withoutScriptTheThemeIsChosenWhereNothingIsHalfFilled() {
        try (BrowserContext context = context(false)) {
            Page page = signedIn(context);
            assertThat(page.locator(".top [name=theme]")).isHidden();
            page.navigate(server.url() + "/profile");
            button(page, "Dark").press("Enter");
            assertThat(page).hasURL(server.url() + "/profile");
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
            assertThat(button(page, "Dark")).hasAttribute("aria-pressed", "true");
        }
    }

    @Test
    void escAsksBeforeItTakesWhatWasTyped() {
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/tokens/new");
            page.keyboard().press("Escape");
            page.waitForURL("**/tokens");
            page.navigate(server.url() + "/tokens/new");
            page.keyboard().type("Typed");
            page.keyboard().press("Escape");
            assertThat(page.locator(".toast")).containsText("Press Esc again");
            assertThat(page.locator("#description")).hasValue("Typed");
            page.keyboard().press("Escape");
            page.waitForURL("**/tokens");
        }
    }

    @Test
    void reloadingBackAndTwoTabsHold() {
        try (BrowserContext context = context(true)) {
            Page one = signedIn(context);
            Page two = context.newPage();
            for (Page page : new Page[] {one, two}) {
                page.navigate(server.url() + "/tokens/new");
                page.locator("select#r").selectOption("reader");
            }
            one.reload();
            one.locator("select#r").selectOption("reader");
            for (Page page : new Page[] {one, two}) {
                page.locator("dialog footer").getByText("Create token").click();
                assertThat(page.getByText("Save the secret key now")).isVisible();
                assertThat(page.locator("dialog header"))
                        .containsText(Pattern.compile("reader, [0-9]+ [A-Z][a-z]+ 20"));
            }
            one.goBack();
            assertThat(one.getByText("Generate new token").first()).isVisible();
            two.getByLabel("I have saved the secret key").check();
            button(two, "Save token").click();
            assertThat(two.getByText("The token is saved")).isVisible();
        }
    }

    @Test
    void formsAreAsWideAsWhatGoesInAndFoldWithThePage() {
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            for (int width : new int[] {390, 1024, 1440, 1920}) {
                page.setViewportSize(width, 900);
                for (String path : new String[] {
                    "/tokens/new", "/users/new", "/apis/new", "/apis/billing/import", "/tokens/new/role"
                }) {
                    page.navigate(server.url() + path);
                    for (Locator field : page.locator("dialog .field:visible, .card.narrow .field:visible")
                            .all()) {
                        assertThat(field.boundingBox().width)
                                .as(path + " at " + width)
                                .isLessThanOrEqualTo(640);
                    }
                    assertThat(page.evaluate(
                                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                            .as(path + " at " + width)
                            .isEqualTo(0);
                }
            }
        }
    }

    @Test
    void whoChoosesAnApiKeySeesOnlyLifetimesThatItMayHave() {
        server.admin().send("PATCH", "/account", "{\"longestKeyDays\": 30}");
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/tokens/new");
            Locator rule = page.locator(".for-keys");
            Locator never = page.locator("[name=expires][value=never]");
            assertThat(page.locator("[name=expires][value='90']")).isChecked();
            assertThat(rule).isHidden();
            page.locator(".advanced > summary").click();
            page.locator("[name=method][value=api_key]").check();
            assertThat(page.locator("[name=expires][value='30']")).isChecked();
            assertThat(rule).hasText("An API key must expire within 30 days.");
            assertThat(rule).isVisible();
            assertThat(never).isHidden();
            assertThat(page.locator("#senderConstraint")).isHidden();
            accessible(page);
            page.locator("[name=method][value=client_secret]").check();
            assertThat(rule).isHidden();
            assertThat(page.locator("#senderConstraint")).isVisible();
        } finally {
            server.admin().send("PATCH", "/account", "{\"longestKeyDays\": 365}");
        }
    }

    @Test
    void thePagesOnTheWayAreAccessible() {
        try (BrowserContext context = context(true)) {
            Page page = signedIn(context);
            page.navigate(server.url() + "/tokens/new/role");
            accessible(page);
            page.navigate(server.url() + "/tokens/new?allowedAddresses=here");
            page.locator("select#r").selectOption("reader");
            page.locator("dialog footer").getByText("Create token").click();
            assertThat(page.locator("[role=alert]")).isVisible();
            accessible(page);
            page.navigate(server.url() + "/users/" + user);
            endSessions();
            button(page, "Create link").click();
            accessible(page);
            signIn(page);
            assertThat(page.getByText("Do you still want this?")).isVisible();
            accessible(page);
            page.navigate(server.url() + "/profile/sessions/end-others");
            assertThat(page.locator("h1")).hasText("This address is not a page");
            accessible(page);
        }
    }

    private static void accessible(Page page) {
        assertThat(new AxeBuilder(page).analyze().getViolations())
                .as(page.url())
                .isEmpty();
    }
}
