package dev.latchkey.console;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import dev.latchkey.Needs;
import dev.latchkey.TestRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The machine's own Chromium, one for all tests of this process. Where there is none the browser tests are skipped, unless
 * {@code LATCHKEY_TEST_BROWSER} is {@code required}, as it is in CI.
 */
public final class Chromium implements AutoCloseable {
    private static Playwright playwright;
    private static Browser browser;

    private Chromium() {}

    public static synchronized Chromium start() {
        Optional<Path> executable = Stream.of(
                        "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
        Needs.that(executable.isPresent(), "Chromium");
        if (playwright == null) {
            String folder = TestRun.lastingFolder("chromium").toString();
            System.setProperty("playwright.driver.tmpdir", folder);
            playwright = Playwright.create(new Playwright.CreateOptions()
                    .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1", "TMPDIR", folder)));
            TestRun.atTheEnd(playwright::close);
            // Other tests, or another build, may have the processors.
            PlaywrightAssertions.setDefaultAssertionTimeout(30_000);
        }
        if (browser == null || !browser.isConnected()) {
            browser = playwright
                    .chromium()
                    .launch(new BrowserType.LaunchOptions()
                            .setExecutablePath(executable.orElseThrow())
                            .setArgs(List.of(
                                    "--no-sandbox",
                                    "--disable-gpu",
                                    "--disable-quic",
                                    "--no-first-run",
                                    "--disable-background-networking",
                                    "--disable-component-update",
                                    "--disable-sync")));
        }
        return new Chromium();
    }

    public Browser browser() {
        return browser;
    }

    /** Closes what is still open in it; the browser itself keeps running. */
    @Override
    public void close() {
        List.copyOf(browser.contexts()).forEach(BrowserContext::close);
    }
}
