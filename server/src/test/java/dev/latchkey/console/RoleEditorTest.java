package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The editor of a role with more privileges than anyone reads, and with longer names. */
class RoleEditorTest {
    /** A hundred and twenty characters in one word. */
    private static final String LONG = "l".repeat(113) + ":" + "y".repeat(6);

    private static Chromium chromium;
    private static RunningServer server;
    private static BrowserContext context;

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        Api admin = server.admin();
        new Billing(server);
        String endpoints = IntStream.range(0, 300)
                .mapToObj(i -> "{\"method\": \"" + (i % 2 == 0 ? "GET" : "POST") + "\", \"path\": \"/things" + i + "/"
                        + "p".repeat(100) + "\", \"privilege\": \"things" + i + ":" + (i % 2 == 0 ? "read" : "write")
                        + "\"}")
                .collect(Collectors.joining(","));
        admin.post(
                        "/apis",
                        "{\"name\": \"large\", \"audience\": \"https://large.example\", \"endpoints\": [" + endpoints
                                + ", {\"method\": \"GET\", \"path\": \"/long\", \"privilege\": \"" + LONG + "\"}]}")
                .created();
        admin.post("/roles", """
                {"name": "edited", "privileges": [
                  {"api": "large", "privilege": "things0:read", "effect": "allow"},
                  {"api": "large", "privilege": "things1:write", "effect": "deny"}]}""").created();
        admin.createRole("r".repeat(64));
        context = chromium.browser().newContext(new Browser.NewContextOptions().setViewportSize(1280, 900));
        Page page = context.newPage();
        page.navigate(server.url() + "/sign-in");
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        page.locator("button.primary").click();
        page.waitForURL("**/overview");
        page.close();
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

    private static Page open() {
        Page page = context.newPage();
        page.navigate(server.url() + "/roles/edited");
        return page;
    }

    private static Locator group(Page page, String api) {
        return page.locator("details.group[data-group='" + api + "']");
    }

    @Test
    void anApiIsAFoldedGroupThatSaysWhatIsAllowed() {
        Page page = open();
        assertThat(group(page, "large").locator(".state")).hasText("1 of 301 allowed, 1 denied");
        assertThat(group(page, "large").locator(".tri").first()).not().isVisible();
        group(page, "large").locator("summary").first().press("Enter");
        assertThat(group(page, "large").locator(".tri").first()).isVisible();
        page.close();
    }

    @Test
    void privilegesOutOfSightAreNotLaidOut() {
        Page page = open();
        group(page, "large").locator("summary").first().press("Enter");
        assertThat(group(page, "large").locator(".tri").first()).isVisible();
        Object shown = page.evaluate("""
                new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
                  [...document.querySelectorAll('[data-group=large] .tri')]
                    .filter(tri => tri.checkVisibility({contentVisibilityAuto: true})).length))))""");
        assertThat(((Number) shown).intValue()).as("of 301").isBetween(3, 200);
        page.close();
    }

    @Test
    void aSearchHidesWhatDoesNotFitAndOpensWhatDoesUntilItIsOver() {
        Page page = open();
        Locator search = page.getByLabel("Find a privilege or an endpoint");
        search.fill("invoices copies");
        assertThat(group(page, "large")).not().isVisible();
        assertThat(group(page, "billing").locator(".privileges tbody tr:visible"))
                .hasCount(2);
        search.fill("nothing like this");
        assertThat(page.getByText("No privilege and no endpoint matches the search."))
                .isVisible();
        search.fill("things298");
        search.press("Enter");
        assertThat((String) page.evaluate("document.activeElement.name"))
                .as("Enter leads to what was found")
                .isEqualTo("privilege:large/things298:read");
        search.fill("");
        assertThat(group(page, "billing")).isVisible();
        assertThat(group(page, "large").locator(".tri").first()).not().isVisible();
        page.close();
    }

    @Test
    void aChangeIsMarkedCountedAndToldBeforeItIsSaved() {
        Page page = open();
        Locator large = group(page, "large");
        large.locator("summary").first().press("Enter");
        // With the keyboard alone, as in every group of radio buttons.
        page.locator("[name='privilege:large/things0:read']:checked").focus();
        page.keyboard().press("ArrowRight");
        assertThat(large.locator("tr.changed")).hasCount(1);
        assertThat(large.locator("tr.changed .was")).hasText("was allowed");
        assertThat(large.locator("[data-changed]")).hasText("1 changed");
        assertThat(page.locator("#difference .told")).hasText("no longer allows large/things0:read");
        assertThat(page.locator("#difference")).containsText("closes 1");
        assertThat(page.locator("#saving")).containsText("1 change.");
        page.keyboard().press("ArrowLeft");
        assertThat(large.locator("tr.changed")).hasCount(0);
        assertThat(page.locator("#saving")).containsText("Nothing is changed yet.");
        page.close();
    }

    @Test
    void withoutScriptTheSameIsToldOnAPageOfItsOwn() {
        try (BrowserContext plain = chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setJavaScriptEnabled(false)
                        .setStorageState(context.storageState()))) {
            Page page = plain.newPage();
            page.navigate(server.url() + "/roles/edited");
            Locator billing = group(page, "billing");
            billing.locator("summary").first().press("Enter");
            billing.locator("label.allow").first().click();
            page.getByText("Show effects of change").click();
            assertThat(page.locator("#difference .told")).hasText("allows billing/files:read");
            assertThat(group(page, "billing").locator("tr.changed")).hasCount(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {320, 390, 1024, 1440, 1920})
    void nothingLiesOutsideItsCard(int width) {
        Page page = open();
        page.setViewportSize(width, 900);
        for (String api : List.of("large", "billing", "latchkey")) {
            group(page, api).locator("summary").first().press("Enter");
        }
        group(page, "large").locator("details.opens summary").first().press("Enter");
        @SuppressWarnings("unchecked")
        List<String> outside = (List<String>) page.evaluate("""
                [...document.querySelectorAll('main .card')].flatMap(card => {
                  const box = card.getBoundingClientRect();
                  return [...card.querySelectorAll('code, .tri label, .badge, small, a, button, h2')]
                    .filter(inner => inner.checkVisibility() && !inner.matches('.vh, .vh *'))
                    .slice(0, 400)
                    .filter(inner => {
                      const own = inner.getBoundingClientRect();
                      return own.width > 0 && (own.right > box.right + 1 || own.left < box.left - 1);
                    })
                    .map(inner => inner.outerHTML.slice(0, 120));
                })""");
        assertThat(outside).isEmpty();
        assertThat(((Number) page.evaluate(
                                "document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                        .intValue())
                .isZero();
        page.close();
    }
}
