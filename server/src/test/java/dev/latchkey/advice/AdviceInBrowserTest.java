package dev.latchkey.advice;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.latchkey.RunningServer;
import dev.latchkey.TestClock;
import dev.latchkey.console.Chromium;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A person who sees the console for the first time finds a role that could lose something, applies the advice, and undoes it. */
class AdviceInBrowserTest {

    @ParameterizedTest
    @CsvSource({"1440, LIGHT, true", "390, DARK, true", "1440, LIGHT, false"})
    void adviceIsFoundAppliedAndUndone(int width, ColorScheme scheme, boolean script) {
        TestClock clock = Months.clock();
        try (Chromium chromium = Chromium.start();
                RunningServer server = RunningServer.start(TestEngine.SQLITE, clock);
                BrowserContext context = chromium.browser()
                        .newContext(new NewContextOptions()
                                .setViewportSize(width, 900)
                                .setColorScheme(scheme)
                                .setReducedMotion(ReducedMotion.REDUCE)
                                .setJavaScriptEnabled(script))) {
            Billing billing = new Billing(server);
            Months.pass(billing, clock);
            Page page = context.newPage();
            signIn(page, server);

            link(page, "Advice on roles");
            assertThat(page.locator("tbody tr").first()).containsText("Could lose 1 privilege");
            assertWellMade(page, script);
            link(page, "invoice_clerk");
            assertThat(page.locator("#advice")).containsText("billing/files:read");
            assertThat(page.locator("#advice")).containsText("It would have refused 0 of 3,020 counted calls");
            assertWellMade(page, script);
            button(page, "Apply advice");
            assertThat(page.locator("main")).containsText("The advice is applied.");
            assertThat(page.locator("#applied")).containsText("the role no longer allows billing/files:read");
            assertThat(page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Apply advice")))
                    .hasCount(0);
            assertWellMade(page, script);
            button(page, "Undo advice");
            assertThat(page.locator("main")).containsText("The role is as it was before the advice.");
            assertThat(page.locator("#applied")).hasCount(0);

            page.navigate(server.url() + "/tokens/" + billing.clerk.clientId() + "?advice=30");
            assertThat(page.locator("#advice"))
                    .containsText("1 privilege of its role invoice_clerk not used in 30 days");
            assertWellMade(page, script);
            link(page, "See advice on the role");
            assertThat(page.locator("#advice")).containsText("The role has it only since");
        }
    }

    @ParameterizedTest
    @CsvSource({"1440, LIGHT, true", "390, DARK, true", "390, LIGHT, false"})
    void aRoleIsTriedPassesAndIsApplied(int width, ColorScheme scheme, boolean script) {
        TestClock clock = Months.clock();
        try (Chromium chromium = Chromium.start();
                RunningServer server = RunningServer.start(TestEngine.SQLITE, clock);
                BrowserContext context = chromium.browser()
                        .newContext(new NewContextOptions()
                                .setViewportSize(width, 900)
                                .setColorScheme(scheme)
                                .setReducedMotion(ReducedMotion.REDUCE)
                                .setJavaScriptEnabled(script))) {
            Billing billing = new Billing(server);
            Months.pass(billing, clock);
            Page page = context.newPage();
            signIn(page, server);
            page.navigate(server.url() + "/roles/invoice_clerk?advice=90");
            button(page, "Try it");
            assertThat(page.locator("main")).containsText("The trial has begun.");
            assertThat(page.locator("#trial")).containsText("The role is tried without billing/files:read.");
            assertThat(page.locator("#trial")).containsText("It takes 14 more days");
            assertWellMade(page, script);

            clock.advance(Duration.ofDays(14));
            server.keepHouse();
            signIn(page, server);
            link(page, "Tried role invoice_clerk");
            assertThat(page.locator("#trial")).containsText("Passed");
            assertWellMade(page, script);
            button(page, "Apply what was tried");
            assertThat(page.locator("#applied")).containsText("tried for 14 days");
            assertThat(page.locator("#trial")).hasCount(0);
            button(page, "Undo advice");
            assertThat(page.locator("main")).containsText("The role is as it was before the advice.");

            server.admin().post("/roles/invoice_clerk/advice/trial", """
                    {"remove": [{"api": "billing", "privilege": "files:read", "effect": "allow"}]}""").created();
            server.send(server.request("/gate/v1/nginx/billing")
                    .header("X-Original-Method", "GET")
                    .header("X-Original-URI", "/v1/files/x")
                    .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                    .build());
            server.keepHouse();
            page.navigate(server.url() + "/roles/invoice_clerk");
            assertThat(page.locator("#trial")).containsText("would have refused calls. They were allowed.");
            assertWellMade(page, script);
            page.locator("#trial table a").click();
            assertThat(page.locator("h1")).containsText("Büro");
        }
    }

    private static void signIn(Page page, RunningServer server) {
        page.context().clearCookies();
        page.navigate(server.url() + "/sign-in");
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        page.locator("button.primary").click();
    }

    private static void link(Page page, String name) {
        page.locator("main")
                .getByRole(
                        AriaRole.LINK,
                        new Locator.GetByRoleOptions().setName(name).setExact(true))
                .click();
    }

    private static void button(Page page, String name) {
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name))
                .click();
    }

    /** Readable for everyone, and no wider than the screen. */
    private static void assertWellMade(Page page, boolean script) {
        if (script) {
            assertThat(new AxeBuilder(page).analyze().getViolations())
                    .as(page.url())
                    .isEmpty();
            assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                    .as(page.url())
                    .isTrue();
        }
    }
}
