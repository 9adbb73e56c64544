package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.ReducedMotion;
import dev.latchkey.RunningServer;
import dev.latchkey.database.TestEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever people have typed, nothing is outside its card or its cell, no text is cut unless all of it can be reached
 * from the keyboard, and what can be done about a row is in view. Measured by {@code fits.js} in the page.
 */
class FitsTest {
    private static final int[] WIDTHS = {390, 1024, 1280, 1440, 1920};

    private static Chromium chromium;
    private static RunningServer server;
    private static HostileContent content;
    private static BrowserContext context;
    private static Page page;

    @BeforeAll
    static void fill() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        content = new HostileContent(server);
        context = chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setViewportSize(1440, 900)
                        .setReducedMotion(ReducedMotion.REDUCE));
        context.addInitScript(script());
        page = context.newPage();
        page.navigate(server.url() + "/sign-in");
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        page.locator("button.primary").click();
        page.waitForURL("**/overview");
    }

    @AfterAll
    static void stop() {
        if (context != null) {
            context.close();
        }
        if (server != null) {
            server.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @Test
    void everyPageFitsAtEveryWidthWhateverIsInIt() {
        List<String> complaints = new ArrayList<>();
        content.pages().forEach((name, path) -> {
            page.navigate(server.url() + path);
            measure(name, complaints);
        });
        assertThat(complaints).isEmpty();
    }

    @Test
    void anEventIsOneLineAndOnATelephoneACardAndFitsWhenItIsOpened() {
        List<String> complaints = new ArrayList<>();
        for (String path :
                List.of("/audit", content.pages().get("role"), content.pages().get("revoked token"))) {
            page.navigate(server.url() + path);
            for (int width : WIDTHS) {
                page.setViewportSize(width, 900);
                assertThat((List<?>) page.evaluate("[...document.querySelectorAll('.event > summary')].map(line =>"
                                + " Math.round(line.getBoundingClientRect().height))"))
                        .as("heights of the events of %s at %d", path, width)
                        .isNotEmpty()
                        .allSatisfy(height -> assertThat((Integer) height).isLessThanOrEqualTo(width < 500 ? 80 : 41));
            }
            page.evaluate("document.querySelectorAll('.log details').forEach(each => (each.open = true))");
            measure("opened events of " + path, complaints);
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void theReviewOfAnImportFits() {
        List<String> complaints = new ArrayList<>();
        page.navigate(server.url() + content.importPage());
        page.locator("#file")
                .setInputFiles(new FilePayload(
                        "api.yaml",
                        "application/yaml",
                        HostileContent.document().getBytes(StandardCharsets.UTF_8)));
        page.locator("button.primary").click();
        page.locator("text=Apply import").waitFor();
        measure("review of an import", complaints);
        assertThat(complaints).isEmpty();
    }

    /** A measure that finds nothing wrong anywhere would be worth nothing. */
    @Test
    void theMeasureSeesWhatIsClippedOutsideOrCovered() {
        page.navigate(server.url() + "/settings");
        page.setViewportSize(1440, 900);
        assertThat(broken("<section class='card'><p style='white-space:nowrap'>" + HostileContent.LONG.repeat(3)
                        + "</p></section>"))
                .anyMatch(complaint -> complaint.contains("outside its card"));
        assertThat(broken("<p style='overflow:hidden;inline-size:9rem;white-space:nowrap;text-overflow:ellipsis'>"
                        + HostileContent.LONG + "</p>"))
                .anyMatch(complaint -> complaint.contains("is cut"));
        assertThat(broken("<table style='table-layout:fixed;inline-size:20rem'><tr><td style='white-space:nowrap'>"
                        + HostileContent.LONG + "</td><td>x</td></tr></table>"))
                .anyMatch(complaint -> complaint.contains("outside its cell"));
        assertThat(broken("<table><tbody><tr><td><a style='margin-inline-start:99rem' href='/'>Go</a></td></tr></tbody>"
                        + "</table>"))
                .anyMatch(complaint -> complaint.contains("outside the viewport"));
        assertThat(broken("<table><tbody><tr><td><a href='/'>Go</a></td></tr></tbody></table>"
                        + "<div style='position:fixed;inset:0;z-index:99'></div>"))
                .anyMatch(complaint -> complaint.contains("cannot be reached"));
        assertThat(broken("<table><tbody><tr><td style='display:block;inline-size:4rem;overflow-wrap:anywhere'>by"
                        + " ada@example.com</td></tr></tbody></table>"))
                .anyMatch(complaint -> complaint.contains("is broken within \"ada@example.com\""));
        assertThat(broken("<label><input class='check' type='checkbox'><span>Yes</span></label>"))
                .anyMatch(complaint -> complaint.contains("touches its box"));
        assertThat(broken("<p>All is well</p>")).isEmpty();
    }

    /**
     * What the measure says about the page with this in it. The policy of the page forbids styles in attributes, not by script.
     */
    private static List<String> broken(String html) {
        page.evaluate("""
                html => {
                  const parsed = new DOMParser().parseFromString(html, "text/html");
                  const main = document.querySelector("main");
                  main.replaceChildren(...parsed.body.childNodes);
                  for (const each of main.querySelectorAll("[style]")) each.style.cssText = each.getAttribute("style");
                }""", html);
        return measured();
    }

    private static void measure(String name, List<String> complaints) {
        for (int width : WIDTHS) {
            page.setViewportSize(width, 900);
            measured().stream().limit(5).forEach(complaint -> complaints.add(name + " at " + width + ": " + complaint));
        }
    }

    private static List<String> measured() {
        return ((List<?>) page.evaluate("() => window.misfits()"))
                .stream().map(String::valueOf).toList();
    }

    private static String script() {
        try (InputStream stream = FitsTest.class.getResourceAsStream("fits.js")) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
