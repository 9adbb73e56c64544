package dev.latchkey.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job, end to end, in a real browser with a real client in the role of the program. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class StoryTest {
    private static Chromium chromium;

    @Parameter
    TestEngine engine;

    private RunningServer server;
    private final List<String> complaints = new ArrayList<>();

    @BeforeAll
    static void startChromium() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopChromium() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void startServer() {
        server = RunningServer.startEmpty(engine);
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    private Page page(BrowserContext context) {
        Page page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        return page;
    }

    @Test
    void aTokenIsGeneratedUsedSeenUsedAndRevoked() throws Exception {
        try (BrowserContext context = chromium.browser().newContext()) {
            Page page = page(context);
            setUp(page);
            createRole(page, "warehouse", "tokens:read");

            // Generate: the empty state leads there.
            page.navigate(server.url() + "/tokens");
            assertThat(page.getByText("No tokens yet")).isVisible();
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Generate new token"))
                    .first()
                    .click();
            Credentials credentials = generate(page, "Nightly warehouse sync", "warehouse");

            // The program exchanges the token for an access token, and calls a guarded API with it.
            String accessToken = server.accessToken(credentials);
            assertThat(call(accessToken)).isEqualTo(200);

            // The console shows the last access within a second, without a reload.
            page.navigate(server.url() + "/tokens");
            assertThat(page.locator("tr:has-text('Nightly warehouse sync') .c-last"))
                    .containsText(Pattern.compile("just now|seconds? ago"));
            assertThat(page.locator("tr:has-text('Nightly warehouse sync') .c-last"))
                    .containsText("from 127.0.0.1");

            // Revoke asks once, naming the token and its last use.
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Revoke access: Nightly warehouse sync"))
                    .click();
            assertThat(page.getByRole(AriaRole.ALERTDIALOG)).containsText("Revoke “Nightly warehouse sync”?");
            assertThat(page.getByRole(AriaRole.ALERTDIALOG)).containsText("Last used");
            page.getByLabel("Reason").fill("The sync moved");
            assertThat(call(accessToken)).as("it works until the very moment").isEqualTo(200);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Revoke access"))
                    .click();
            assertThat(page.getByText("The token is revoked")).isVisible();

            // The access token from before the revocation is refused at the very next call, and no new one is given.
            assertThat(call(accessToken)).isEqualTo(401);
            assertThat(server.requestAccessToken(credentials, "").status()).isEqualTo(401);

            // The row says Revoked, when and by whom; the token's page says why.
            assertThat(page.locator("tr:has-text('Nightly warehouse sync') .c-status"))
                    .containsText(Pattern.compile("Revoked.*by ada@example.com", Pattern.DOTALL));
            page.getByRole(
                            AriaRole.LINK,
                            new Page.GetByRoleOptions()
                                    .setName("Nightly warehouse sync")
                                    .setExact(true))
                    .click();
            assertThat(page.locator("main")).containsText("The sync moved");
            assertThat(page.locator("#events")).containsText("api_token.revoke");
            page.navigate(server.url() + "/audit");
            assertThat(page.locator("main")).containsText("api_token.revoke");
        }
        assertThat(complaints).isEmpty();
    }

    @Test
    void reloadingNeverShowsTheSecretAgain() {
        try (BrowserContext context = chromium.browser().newContext()) {
            Page page = page(context);
            setUp(page);
            page.navigate(server.url() + "/tokens/new");
            page.getByLabel("Description").fill("Reloaded");
            page.locator("select#r").selectOption("public");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create token"))
                    .click();
            String secret = page.locator("#sec").inputValue();
            assertThat(secret).startsWith("lks_").hasSize(53);
            page.reload();
            assertThat(page.locator("main")).containsText("not shown again");
            assertThat(page.content()).doesNotContain(secret);
            page.navigate(server.url() + "/tokens");
            assertThat(page.getByText("No tokens yet")).isVisible();
        }
    }

    @Test
    void theSecretCanBeTakenAsAFileAndADraftCanBeDiscarded() throws Exception {
        try (BrowserContext context = chromium.browser().newContext()) {
            Page page = page(context);
            setUp(page);
            page.navigate(server.url() + "/tokens/new");
            page.getByLabel("Description").fill("Discarded");
            page.locator("select#r").selectOption("public");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create token"))
                    .click();
            Credentials credentials = new Credentials(
                    page.locator("#cid").inputValue(), page.locator("#sec").inputValue());
            Download download = page.waitForDownload(
                    () -> page.getByText("Download as .env").click());
            assertThat(Files.readString(download.path()))
                    .isEqualTo("CLIENT_ID=" + credentials.clientId() + "\nCLIENT_SECRET=" + credentials.clientSecret()
                            + "\n");
            // Escape must not lose the secret.
            page.keyboard().press("Escape");
            page.keyboard().press("Escape");
            assertThat(page.locator("#sec")).isVisible();
            // Not ticked: it is not saved. A draft is not valid.
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save token"))
                    .click();
            assertThat(page.locator("#sec")).isVisible();
            assertThat(server.requestAccessToken(credentials, "").status()).isEqualTo(401);
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Discard token"))
                    .click();
            assertThat(page.getByText("The draft is discarded")).isVisible();
            assertThat(server.requestAccessToken(credentials, "").status()).isEqualTo(401);
        }
    }

    @Test
    void everythingWorksWithoutScript() {
        try (BrowserContext context = chromium.browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(false))) {
            Page page = context.newPage();
            setUp(page);
            createRole(page, "plain", "tokens:read");
            page.navigate(server.url() + "/tokens/new");
            Credentials credentials = generate(page, "Without script", "plain");
            String accessToken = server.accessToken(credentials);
            page.navigate(server.url() + "/tokens?search=without");
            assertThat(page.locator("tr:has-text('Without script')")).isVisible();
            page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Revoke access: Without script"))
                    .press("Enter");
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Revoke access"))
                    .press("Enter");
            assertThat(page.getByText("The token is revoked")).isVisible();
            assertThat(call(accessToken)).isEqualTo(401);
        }
    }

    /** Registers an API, imports its document, lets a role open it, and asks why a call is refused; without script too. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anApiIsImportedARoleOpensItAndARefusalIsExplained(boolean script) {
        try (BrowserContext context = chromium.browser()
                .newContext(new com.microsoft.playwright.Browser.NewContextOptions().setJavaScriptEnabled(script))) {
            Page page = script ? page(context) : context.newPage();
            setUp(page);
            page.navigate(server.url() + "/apis/new");
            page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("billing");
            page.getByLabel("Audience").fill("not a uri");
            button(page, "Register API").click();
            assertThat(page.getByText("Enter an absolute URI")).isVisible();
            page.getByLabel("Audience").fill("https://billing.example");
            button(page, "Register API").click();
            assertThat(page.getByText("every call is denied").first()).isVisible();

            page.navigate(server.url() + "/apis/billing/import");
            page.getByLabel("File", new Page.GetByLabelOptions().setExact(true))
                    .setInputFiles(new FilePayload(
                            "broken.yaml", "application/yaml", "openapi: 3.1.0".getBytes(StandardCharsets.UTF_8)));
            button(page, "Review changes").click();
            assertThat(page.getByText("it has no paths")).isVisible();
            page.getByLabel("File", new Page.GetByLabelOptions().setExact(true))
                    .setInputFiles(
                            new FilePayload("api.yaml", "application/yaml", """
                            openapi: 3.1.0
                            info: {title: Billing, version: '1'}
                            paths:
                              /invoices: {get: {tags: [invoices]}, post: {tags: [invoices]}}
                              /status: {get: {tags: [status]}}
                              /secret: {get: {tags: [secret]}}
                              /odd: {get: {security: [{o: [two words]}]}, put: {security: [{o: [two words]}]}}
                              /moves: {put: {security: [{o: [stock, fleet]}]}}
                            """.getBytes(StandardCharsets.UTF_8)));
            button(page, "Review changes").click();
            assertThat(page.getByText("2 left out, 5 added, 0 changed, 0 removed"))
                    .isVisible();
            page.getByLabel("What GET /status needs").fill("\"public, no token\"");
            page.getByLabel("What GET /secret needs").fill("");
            assertThat(page.locator("tr:has-text('PUT /odd')"))
                    .containsText("\"two words\" is not a name for a privilege");
            page.getByLabel("What GET /odd needs").fill("odd:read");
            button(page, "Update for edited choices").click();
            assertThat(page.locator("#difference")).containsText("public");
            assertThat(page.locator("tr:has-text('PUT /odd')"))
                    .containsText("\"two words\" is not a name for a privilege");
            button(page, "Apply import").click();
            assertThat(page.getByText("The endpoints are imported")).isVisible();
            assertThat(page.locator("#rows")).containsText("5 endpoints");
            assertThat(page.locator("#rows tr:has-text('/moves')")).containsText("fleet and stock");
            assertThat(page.locator("#rows tr:has-text('/status')")).containsText("Public");

            page.navigate(server.url() + "/apis/billing/endpoint?method=PUT&path=/moves");
            assertThat(page.getByLabel("Privileges").last()).hasValue("fleet stock");
            page.getByLabel("Privileges").last().fill("stock  fleet yard");
            button(page, "Save endpoint").click();
            assertThat(page.locator("#rows tr:has-text('/moves')")).containsText("fleet and stock and yard");

            page.navigate(server.url() + "/roles/new");
            page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill("reader");
            button(page, "Create role").click();
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Allow all reads of billing"))
                    .click();
            assertThat(page.locator("#difference")).containsText("opens 2");
            button(page, "Save role").click();
            assertThat(page.getByText("The role is saved")).isVisible();
            if (script) {
                page.locator("fieldset:has(legend:text-is('invoices:write')) label.allow")
                        .click();
                assertThat(page.locator("#difference")).containsText("/invoices");
            }

            page.navigate(server.url() + "/explain");
            page.getByLabel("API", new Page.GetByLabelOptions().setExact(true)).selectOption("billing");
            page.getByLabel("Call").fill("POST /invoices");
            page.getByLabel("Or a role").selectOption("reader");
            button(page, "Explain call").click();
            assertThat(page.locator("#verdict")).containsText("Denied");
            assertThat(page.locator("main")).containsText("POST /invoices needs invoices:write");
            assertThat(page.locator(".remedies")).containsText("Allow invoices:write in reader");
        }
    }

    private static Locator button(Page page, String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    @Test
    void anInvitedPersonSeesOnlyWhatTheirRoleAllows() {
        try (BrowserContext administrator = chromium.browser().newContext();
                BrowserContext invited = chromium.browser().newContext()) {
            Page page = page(administrator);
            setUp(page);
            createRole(page, "viewer", "tokens:read");
            page.navigate(server.url() + "/users/new");
            page.getByLabel("Email").fill("tom@example.com");
            page.getByLabel("Name").fill("Tom Okafor");
            page.getByLabel("viewer").check();
            page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Invite user"))
                    .click();
            String link = page.locator("#url").inputValue();

            Page tom = page(invited);
            tom.navigate(link);
            tom.getByLabel("Password").fill("a few plain words");
            tom.getByRole(AriaRole.BUTTON).filter().first().click();
            assertThat(tom).hasURL(server.url() + "/overview");
            assertThat(tom.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Audit log")))
                    .hasCount(0);
            assertThat(tom.getByText("Generate new token")).hasCount(0);
            tom.navigate(server.url() + "/roles");
            assertThat(tom.locator("main")).containsText("roles:read");

            // The link is used up.
            tom.navigate(link);
            assertThat(tom.locator("main")).containsText("This link no longer works");
            assertThat(tom.locator("main")).containsText("If you have chosen your password, sign in with it");
        }
    }

    private void setUp(Page page) {
        page.navigate(server.setupUrl());
        page.getByLabel("Account name").fill("Example");
        page.getByLabel("Your name").fill("Ada Byron");
        page.getByLabel("Your email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create account"))
                .click();
        assertThat(page).hasURL(Pattern.compile(".*/tokens\\?done=welcome"));
    }

    private void createRole(Page page, String name, String privilege) {
        page.navigate(server.url() + "/roles/new");
        page.getByLabel("Name", new Page.GetByLabelOptions().setExact(true)).fill(name);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create role"))
                .click();
        page.locator("fieldset:has(legend:text-is('" + privilege + "')) label.allow")
                .click();
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save role"))
                .click();
        assertThat(page.getByText("The role is saved")).isVisible();
    }

    /** From the first step of the dialog to the saved token; reads the secret where a person would copy it. */
    private Credentials generate(Page page, String description, String role) {
        page.getByLabel("Description").fill(description);
        page.locator("select#r").selectOption(role);
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Create token"))
                .press("Enter");
        Credentials credentials = new Credentials(
                page.locator("#cid").inputValue(), page.locator("#sec").inputValue());
        page.getByLabel("I have saved the secret key").press("Space");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Save token"))
                .press("Enter");
        assertThat(page.getByText("The token is saved")).isVisible();
        assertThat(page.content()).doesNotContain(credentials.clientSecret());
        return credentials;
    }

    private int call(String accessToken) {
        return server.send(server.request("/api/v1/tokens")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }
}
