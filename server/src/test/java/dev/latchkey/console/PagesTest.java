package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.ReducedMotion;
import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.OldCopy;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Every page: accessible, in light and dark and down to 320 pixels, and without a breach of its own policy. */
class PagesTest {
    private static final int WIDE = 1_440;

    /** What a phone has, and the width that WCAG 1.4.10 names. */
    private static final List<Integer> NARROW = List.of(390, 320);

    private static Chromium chromium;
    private static RunningServer server;
    private static Map<String, String> pages;
    private static BrowserContext context;
    private static Page page;
    private static final List<String> COMPLAINTS = new ArrayList<>();

    @BeforeAll
    static void start() {
        chromium = Chromium.start();
        server = RunningServer.start(TestEngine.SQLITE);
        var admin = server.admin();
        admin.createRole("reader", "tokens:read", "roles:read");
        admin.post(
                "/roles",
                "{\"name\":\"night_shift\",\"description\":\"Reads at night\",\"grantedRoles\":[\"reader\"]}");
        Credentials used = admin.createToken("Nightly warehouse sync, with a long description to wrap", "night_shift");
        Credentials revoked = admin.createToken("Contractor access", "reader");
        server.accessToken(used);
        admin.post("/tokens/" + revoked.clientId() + "/revoke", "{\"reason\":\"Contract ended\"}");
        String user = admin.post(
                        "/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom Okafor\",\"roles\":[\"reader\"]}")
                .json()
                .get("id")
                .asString();
        Billing billing = new Billing(server);
        admin.send(
                "PATCH", "/apis/billing", "{\"privileges\":[{\"name\":\"reports:read\",\"description\":\"Reports\"}]}");
        for (String day :
                new String[] {"usage_day values (" + now(ChronoUnit.DAYS), "usage_hour values (" + now(ChronoUnit.HOURS)
                }) {
            for (String call : new String[] {"GET /invoices', 'allowed", "GET /invoices/{id}', 'missing_privilege"}) {
                server.change("insert into " + day + ", '" + billing.reader.clientId() + "', 'billing', '" + call
                        + "', 1204, 1, 1)");
            }
        }
        pages = new LinkedHashMap<>();
        pages.put("overview", "/overview");
        pages.put("find", "/find?search=re");
        pages.put("nothing that is found", "/find?search=nothing-like-this");
        pages.put("tokens", "/tokens");
        pages.put("generate", "/tokens/new?role=accountadmin");
        for (String method :
                List.of("private_key_jwt", "self_signed_tls_client_auth", "tls_client_auth", "federated")) {
            pages.put("generate with " + method, "/tokens/new?allowedAddresses=::1&method=" + method);
        }
        pages.put("token", "/tokens/" + used.clientId());
        pages.put("edit token", "/tokens/" + used.clientId() + "/edit");
        admin.post("/tokens/" + used.clientId() + "/secrets", "").created();
        pages.put("remove secret", "/tokens/" + used.clientId() + "/secrets/1/remove");
        pages.put(
                "token without a secret",
                "/tokens/"
                        + admin.post("/tokens", """
                                {"description": "Deploy from GitHub", "role": "reader", "actsFor": "billing",
                                 "allowedAddresses": ["192.0.2.0/24", "2001:db8::/32"], "senderConstraint": "dpop",
                                 "authentication": {"method": "federated",
                                   "issuer": "https://token.actions.githubusercontent.com",
                                   "claims": {"repository": "acme/shop", "ref": "refs/heads/main"}}}""")
                                .created()
                                .json()
                                .get("clientId")
                                .asString());
        pages.put("edit token without a secret", pages.get("token without a secret") + "/edit");
        pages.put("revoke together", "/tokens/revoke?id=" + used.clientId());
        pages.put("hand over together", "/tokens/hand-over?id=" + used.clientId());
        pages.put("powerful tokens that are little used", "/tokens?only=powerful_little_used&sort=-lastWeek");
        pages.put("tokens of nobody", "/tokens?owner=none");
        pages.put("revoked token", "/tokens/" + revoked.clientId());
        pages.put("revoke", "/tokens/" + used.clientId() + "/revoke");
        pages.put("roles", "/roles");
        pages.put("advice", "/advice");
        pages.put("roles without tokens and users", "/roles?only=unused");
        pages.put("new role", "/roles/new");
        pages.put("role", "/roles/night_shift");
        pages.put("fixed role", "/roles/accountadmin");
        pages.put("delete role", "/roles/reader/delete");
        pages.put("APIs", "/apis");
        pages.put("new API", "/apis/new");
        pages.put("API", "/apis/billing");
        pages.put("API of which one endpoint was chosen", "/apis/billing?usage=30d&called=GET+%2Finvoices#usage");
        pages.put("role with calls", "/roles/invoice_reader?usage=13m");
        pages.put("token with calls", "/tokens/" + billing.reader.clientId());
        pages.put("remove privileges", "/apis/billing/privileges/remove?name=reports:read");
        pages.put("API settings", "/apis/billing/settings");
        pages.put("delete API", "/apis/billing/delete");
        pages.put("endpoint", "/apis/billing/endpoint?method=GET&path=%2Finvoices%2F%7Bid%7D");
        pages.put("remove endpoint", "/apis/billing/endpoint/remove?method=GET&path=%2Finvoices%2F%7Bid%7D");
        pages.put("new endpoint", "/apis/billing/endpoint");
        pages.put("import", "/apis/billing/import");
        pages.put("role on an API", "/roles/invoice_clerk");
        pages.put("explain", "/explain");
        pages.put(
                "explained denial",
                "/explain?api=billing&path=DELETE+/v1/invoices/42&token=" + billing.reader.clientId());
        pages.put("explained allowance", "/explain?api=billing&path=/v1/invoices&role=invoice_clerk");
        pages.put("users", "/users");
        pages.put("invite", "/users/new");
        pages.put("user", "/users/" + user);
        pages.put("remove user", "/users/" + user + "/remove");
        pages.put("disable user", "/users/" + user + "/disable");
        String leaked = signingKey(admin, "signing");
        admin.post("/signing-keys/" + leaked + "/withdraw", "{\"reason\":\"Found in a log\"}");
        admin = server.admin();
        admin.post("/signing-keys/rotate", "{\"algorithm\":\"EdDSA\"}");
        pages.put("signing keys", "/signing-keys");
        pages.put("rotate", "/signing-keys/rotate");
        pages.put("signing policy", "/signing-keys/policy");
        pages.put("withdraw signing key", "/signing-keys/" + signingKey(admin, "signing") + "/withdraw");
        pages.put("withdraw next key", "/signing-keys/" + signingKey(admin, "next") + "/withdraw");
        pages.put("health", "/health");
        pages.put("audit", "/audit");
        pages.put("profile", "/profile");
        pages.put("settings", "/settings");
        pages.put("quick start", "/quick-start");
        pages.put("reference", "/api");
        pages.put("nothing found", "/tokens?search=nothing-like-this");
        pages.put("not found", "/tokens/nothing");
        loseChanges();
        pages.put("lost changes", "/audit/lost");
        pages.put("open lost changes", "/audit/lost?state=open");
        pages.put("no lost changes", "/audit/lost?state=made_again");
        pages.put("tokens to end", "/audit/lost/revoke?since=2021-01-01T08:30:15");
        pages.put("tokens to end since nobody knows when", "/audit/lost/revoke");
        signIn();
    }

    private static long now(ChronoUnit unit) {
        return Instant.now().truncatedTo(unit).toEpochMilli();
    }

    /** From here on every page carries the notice. */
    private static void loseChanges() {
        Path file = server.folder().resolve("data/latchkey.db");
        Path copy = OldCopy.ofSqlite(file);
        var admin = server.admin();
        admin.createRole("lost_and_never_found_again", "audit:read");
        admin.send("PATCH", "/roles/night_shift", "{\"description\":\"Reads and counts at night and early\"}");
        Credentials lost =
                admin.createToken("A token that nobody knows of any more, with a long description", "reader");
        admin.post("/tokens/" + lost.clientId() + "/revoke", "{\"reason\":\"Found in a log\"}");
        server.restartAfter(() -> OldCopy.putBack(file, copy));
        server.change("insert into history_change (change_id, noticed_at, noticed_by, last_sequence, last_at) values"
                + " ('a', 1605866531000, 'restore', 4311, 1605866531000)");
        server.change(
                "insert into history_change (change_id, noticed_at, noticed_by, last_sequence, lost, confirmed_at,"
                        + " confirmed_by) values ('b', 1605866531000, 'node', 0, 20, 1605866531000, 'ada@example.com')");
        assertThat(server.admin()
                        .get("/events/lost?state=open")
                        .json()
                        .get("open")
                        .asLong())
                .isGreaterThanOrEqualTo(3);
    }

    private static String signingKey(RunningServer.Api admin, String state) {
        for (JsonNode key : admin.get("/signing-keys").json().get("items")) {
            if (key.get("state").asString().equals(state)) {
                return key.get("keyId").asString();
            }
        }
        throw new AssertionError("no key that is " + state);
    }

    private static void signIn() {
        context = newContext();
        page = watched(context);
        page.navigate(server.url() + "/sign-in");
        page.getByLabel("Email").fill(RunningServer.ADMIN_EMAIL);
        page.getByLabel("Password").fill(RunningServer.ADMIN_PASSWORD);
        page.locator("button.primary").click();
        page.waitForURL("**/overview");
    }

    private static BrowserContext newContext() {
        return chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setViewportSize(WIDE, 900)
                        // Colours are measured at rest, not halfway through a transition.
                        .setReducedMotion(ReducedMotion.REDUCE));
    }

    /** A page whose breaches of its policy are complaints. */
    private static Page watched(BrowserContext of) {
        Page opened = of.newPage();
        opened.onConsoleMessage(message -> {
            if (message.type().equals("error") && !message.text().contains("404")) {
                COMPLAINTS.add(opened.url() + " " + message.text());
            }
        });
        return opened;
    }

    @BeforeEach
    void forget() {
        COMPLAINTS.clear();
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

    private static Stream<Arguments> pages() {
        return pages.entrySet().stream().map(each -> Arguments.of(each.getKey(), each.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void isAccessibleAndFitsAndKeepsItsPolicy(String name, String path) {
        page.navigate(server.url() + path);
        assertGood(page, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sign-in", "/api"})
    void isGoodBeforeSigningInAsWell(String path) {
        try (BrowserContext stranger = newContext()) {
            Page opened = watched(stranger);
            opened.navigate(server.url() + path);
            assertGood(opened, path + " before signing in");
        }
    }

    @Test
    void soIsTheReviewOfAnImport() {
        page.navigate(server.url() + "/apis/billing/import");
        page.locator("#file")
                .setInputFiles(new FilePayload("api.yaml", "application/yaml", """
                openapi: 3.1.0
                info: {title: Billing, version: '2'}
                paths:
                  /invoices: {get: {tags: [invoices], summary: List}, patch: {security: []}}
                  /payments/{id}.json: {get: {security: [{o: [a, b]}]}}
                """.getBytes(StandardCharsets.UTF_8)));
        page.locator("button.primary").click();
        page.locator("text=Apply import").waitFor();
        assertGood(page, "review of an import");
    }

    @Test
    void soAreEventsThatAreOpened() {
        page.navigate(server.url() + "/audit");
        page.evaluate("document.querySelectorAll('.log details').forEach(each => (each.open = true))");
        assertGood(page, "opened events");
    }

    @Test
    void soIsTheDialogThatFindsAnything() {
        page.navigate(server.url() + "/audit");
        page.keyboard().press("Control+k");
        page.keyboard().type("night");
        page.locator("#palette [role=option]:has-text('night_shift')").waitFor();
        assertGood(page, "palette");
    }

    @Test
    void soIsANewSecret() {
        page.navigate(server.url() + "/tokens/new");
        page.locator("#description").fill("Looked at");
        page.locator("select#r").selectOption("reader");
        page.locator("dialog button.primary").click();
        page.locator("#sec").waitFor();
        assertGood(page, "secret");
    }

    /** All rules in the light and wide; what another scheme or width can change, there. */
    private static void assertGood(Page page, String name) {
        look(page, WIDE, ColorScheme.LIGHT);
        complain(name, new AxeBuilder(page));
        complainOfWidth(page, name, WIDE);
        look(page, WIDE, ColorScheme.DARK);
        complain(name + ", dark", new AxeBuilder(page).withRules(List.of("color-contrast", "link-in-text-block")));
        for (int width : NARROW) {
            look(page, width, ColorScheme.LIGHT);
            complainOfWidth(page, name, width);
        }
        look(page, WIDE, ColorScheme.LIGHT);
        assertThat(COMPLAINTS).as(name).isEmpty();
    }

    private static void look(Page page, int width, ColorScheme scheme) {
        page.setViewportSize(width, 900);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
    }

    private static void complain(String name, AxeBuilder axe) {
        // In the page itself: none of ours has frames, for which axe would open a page of its own.
        axe.setLegacyMode(true)
                .analyze()
                .getViolations()
                .forEach(violation -> COMPLAINTS.add(name + ": "
                        + violation.getId() + " "
                        + violation.getNodes().stream()
                                .map(node -> node.getHtml())
                                .limit(3)
                                .collect(Collectors.joining(" | "))));
    }

    private static void complainOfWidth(Page page, String name, int width) {
        Object overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (((Number) overflow).intValue() > 0) {
            COMPLAINTS.add(name + ": is " + overflow + " px too wide for " + width);
        }
    }
}
