package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.database.TestEngine;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Addresses and forms outlive the session in which they were opened. */
class NothingTypedIsLostTest {
    private static RunningServer server;

    private Browser browser;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        server.admin().createRole("reader", "tokens:read");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void open() {
        browser = server.browser();
    }

    private static String hidden(Answer page, String name) {
        Matcher value = Pattern.compile("name=\"" + Pattern.quote(name) + "\" value=\"([^\"]*)\"")
                .matcher(page.body());
        assertThat(value.find()).as(name + " in " + page.body()).isTrue();
        return value.group(1).replace("&amp;", "&");
    }

    /** Where a person ends up who opens the address before signing in, as a browser would bring them there. */
    private String afterSigningIn(String address) {
        Answer ledAway = browser.get(address);
        assertThat(ledAway.status()).isEqualTo(303);
        Answer signIn = browser.get(ledAway.header("Location"));
        return browser.post(
                        "/sign-in",
                        Map.of(
                                "email",
                                RunningServer.ADMIN_EMAIL,
                                "password",
                                RunningServer.ADMIN_PASSWORD,
                                "next",
                                hidden(signIn, "next")))
                .header("Location");
    }

    @Test
    void anAddressKeepsItsQueryThroughSigningIn() {
        for (String address : new String[] {
            "/explain?api=billing&method=GET&path=%2Finvoices%2F42%3Fa%3Db%26c%3Dd&token=abc.def",
            "/tokens?status=revoked&search=a%2Bb+c",
            "/audit?actor=ada%40example.com",
            "/roles/reader"
        }) {
            assertThat(afterSigningIn(address)).isEqualTo(address);
            browser = server.browser();
        }
    }

    @Test
    void theLinkToAnExplanationThatTheGateGivesIsKeptHoweverLongTheCallWas() {
        String longest = "/explain?api=billing&method=GET&path="
                + URLEncoder.encode("/\u00e4%\u20ac?".repeat(60), StandardCharsets.UTF_8) + "&token=abc.def";
        assertThat(afterSigningIn(longest)).isEqualTo(longest);
    }

    @Test
    void signingInLeadsNowhereElse() {
        for (String elsewhere : new String[] {
            "https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", ""
        }) {
            Answer signedIn = server.browser()
                    .post(
                            "/sign-in",
                            Map.of(
                                    "email",
                                    RunningServer.ADMIN_EMAIL,
                                    "password",
                                    RunningServer.ADMIN_PASSWORD,
                                    "next",
                                    elsewhere));
            assertThat(signedIn.header("Location")).as(elsewhere).isEqualTo("/overview");
        }
    }

    /** Over plain http to another machine browsers tell an Origin and nothing else, and with no-referrer not even that. */
    @Test
    void aFormCanBeSentOverPlainHttp() {
        assertThat(browser.get("/sign-in").header("Referrer-Policy")).isEqualTo("same-origin");
        Map<String, String> form = Map.of("email", RunningServer.ADMIN_EMAIL, "password", RunningServer.ADMIN_PASSWORD);
        assertThat(browser.post("/sign-in", form, "Origin", server.url()).status())
                .isEqualTo(303);
        assertThat(browser.post("/sign-in", form, "Origin", "null").status()).isEqualTo(403);
    }

    @Test
    void anotherThemeKeepsTheFilter() {
        browser.signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        Answer list = browser.get("/tokens?done=revoked&status=revoked&search=x%26y");
        assertThat(hidden(list, "back")).isEqualTo("/tokens?status=revoked&search=x%26y");
    }

    private Browser signedIn() {
        return browser.signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    /** Ends the browser's session from another one. */
    private static void endSessions() {
        Browser other = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        assertThat(other.post("/profile/sessions/end-others", Map.of("csrf", other.csrf()))
                        .status())
                .isEqualTo(303);
    }

    @Test
    void signingOutOfASessionThatHasEndedShowsTheSignInPage() {
        String csrf = signedIn().csrf();
        endSessions();
        Answer signedOut = browser.post("/sign-out", Map.of("csrf", csrf));
        assertThat(signedOut.status()).isEqualTo(303);
        assertThat(signedOut.header("Location")).isEqualTo("/sign-in?done=signed-out");
        assertThat(browser.get(signedOut.header("Location")).body())
                .contains("You are signed out.")
                .doesNotContain("Your session has ended");
    }

    /** All hidden fields of a page, as its form would send them. */
    private static Map<String, String> hiddenFields(Answer page) {
        Map<String, String> fields = new LinkedHashMap<>();
        Matcher field = Pattern.compile("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")
                .matcher(page.body());
        while (field.find()) {
            fields.put(field.group(1), field.group(2).replace("&#34;", "\"").replace("&amp;", "&"));
        }
        return fields;
    }

    /** Signs in with the form in the reply, and everything that it carries. */
    private Answer signIn(Answer page) {
        Map<String, String> form = hiddenFields(page);
        form.put("email", RunningServer.ADMIN_EMAIL);
        form.put("password", RunningServer.ADMIN_PASSWORD);
        return browser.post("/sign-in", form);
    }

    private Map<String, String> newToken(String description) {
        return new LinkedHashMap<>(Map.of(
                "csrf",
                browser.csrf(),
                "nonce",
                hidden(browser.get("/tokens/new"), "nonce"),
                "description",
                description,
                "role",
                "reader",
                "expires",
                "30",
                "allowedAddresses",
                "192.0.2.0/24\r\n2001:db8::/32"));
    }

    private static int tokens(String description) {
        return server.admin()
                .get("/tokens?search=" + URLEncoder.encode(description, StandardCharsets.UTF_8))
                .json()
                .get("items")
                .size();
    }

    @Test
    void aFormThatIsSentAfterTheSessionEndedIsThereAgainAfterSigningIn() {
        signedIn();
        Map<String, String> typed = newToken("Nightly \"sync\" & more");
        endSessions();
        Answer ended = browser.post("/tokens", typed);
        assertThat(ended.status()).isEqualTo(401);
        assertThat(ended.body()).contains("Your session has ended", "what you typed is kept");
        assertThat(browser.post(
                                "/sign-in",
                                Map.of(
                                        "email",
                                        RunningServer.ADMIN_EMAIL,
                                        "password",
                                        "mistyped",
                                        "kept.action",
                                        "/tokens"))
                        .body())
                .as("a mistyped password loses nothing, either")
                .contains("name=\"kept.action\" value=\"/tokens\"");

        Answer back = signIn(ended);
        assertThat(back.status()).isEqualTo(200);
        assertThat(back.body()).contains("action=\"/tokens\"", "Nothing was sent yet");
        Answer shown = browser.post("/tokens", hiddenFields(back));
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.body())
                .contains("Nightly &#34;sync&#34; &amp; more", "192.0.2.0/24", "2001:db8::/32", "value=\"30\" checked")
                .contains("nothing was sent yet");
        assertThat(tokens("Nightly")).as("before it is sent once more").isZero();
        typed.put("csrf", hidden(shown, "csrf"));
        typed.put("nonce", hidden(shown, "nonce"));
        assertThat(browser.post("/tokens", typed).body()).contains("Save the secret key now");
    }

    @Test
    void aFormOutlivesSigningOutAndInAgainInAnotherTab() {
        signedIn();
        Map<String, String> typed = newToken("Other tab");
        browser.post("/sign-out", Map.of("csrf", browser.csrf()));
        Answer signedOut = browser.post("/tokens", typed, "Sec-Fetch-Site", "same-origin");
        assertThat(signedOut.status()).isEqualTo(401);
        assertThat(hiddenFields(signedOut)).containsEntry("kept.field.description", "Other tab");

        signedIn();
        Answer again = browser.post("/tokens", typed, "Sec-Fetch-Site", "same-origin");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).contains("value=\"Other tab\"", "nothing was sent yet");
        assertThat(tokens("Other tab")).isZero();
    }

    @Test
    void whatAnotherSiteSendsIsNeitherKeptNorShown() {
        signedIn();
        Map<String, String> forged = newToken("Forged");
        forged.put("csrf", "forged");
        for (String[] origin : new String[][] {
            {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {}
        }) {
            Answer refused = browser.post("/tokens", forged, origin);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).doesNotContain("Forged");
            Answer stranger = server.browser().post("/tokens", forged, origin);
            assertThat(stranger.status()).isEqualTo(401);
            assertThat(stranger.body()).doesNotContain("Forged");
        }
        // An address that carries a form must not make signing in end in it.
        assertThat(browser.get("/sign-in?kept.action=/tokens&kept.field.description=Forged")
                        .body())
                .doesNotContain("Forged");
    }

    @Test
    void passwordsAndSecretsDoNotTravel() {
        signedIn();
        Map<String, String> form =
                Map.of("csrf", browser.csrf(), "currentPassword", "my old password", "password", "my new password");
        endSessions();
        Answer ended = browser.post("/profile/password", form);
        assertThat(ended.status()).isEqualTo(401);
        assertThat(ended.body()).doesNotContain("my old password", "my new password");
    }

    @Test
    void whatHasNoFormOfItsOwnIsAskedForOnceMore() {
        String path = "/users/"
                + server.admin()
                        .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                        .created()
                        .json()
                        .get("id")
                        .asString()
                + "/link";
        signedIn();
        Map<String, String> form = Map.of("csrf", browser.csrf());
        endSessions();
        Answer ended = browser.post(path, form);
        Answer asked = signIn(ended);
        assertThat(asked.body()).contains("Do you still want this?", path).doesNotContain("data-resume");
        assertThat(browser.post(path, hiddenFields(asked)).body()).contains("One-time link for Tom");
    }

    @Test
    void whatIsTooMuchToCarryIsLeftToTheBrowser() {
        signedIn();
        Map<String, String> form = Map.of("csrf", browser.csrf(), "description", "x".repeat(70_000));
        endSessions();
        Answer ended = browser.post("/roles/reader", form);
        assertThat(ended.status()).isEqualTo(401);
        assertThat(ended.body())
                .contains("too large to keep here", "in a new tab")
                .doesNotContain("xxxx");
    }

    @Test
    void aSecretThatWasCopiedBeforeTheSessionEndedCanStillBeSaved() {
        signedIn();
        Answer secretStep = browser.post("/tokens", newToken("Copied in time"));
        String clientId = clientId(secretStep);
        Map<String, String> save = Map.of("csrf", browser.csrf(), "saved", "on");
        endSessions();
        Answer ended = browser.post("/tokens/" + clientId + "/save", save);
        assertThat(ended.status()).isEqualTo(401);
        assertThat(ended.body()).contains("the secret that you copied does not work", "within 15 minutes");
        Answer back = signIn(ended);
        Answer shown = browser.post("/tokens/" + clientId + "/save", hiddenFields(back));
        assertThat(shown.body()).contains("Save the token?", clientId);
        assertThat(tokens("Copied in time")).isZero();
        browser.post("/tokens/" + clientId + "/save", Map.of("csrf", browser.csrf(), "saved", "on"));
        assertThat(tokens("Copied in time")).isEqualTo(1);
    }

    @Test
    void aSecretThatWasCopiedInVainIsSaidToBeWorthNothing() {
        signedIn();
        String clientId = clientId(browser.post("/tokens", newToken("Copied in vain")));
        browser.post("/tokens/" + clientId + "/discard", Map.of("csrf", browser.csrf()));
        for (Answer late : new Answer[] {
            browser.post("/tokens/" + clientId + "/save", Map.of("csrf", browser.csrf(), "saved", "on")),
            browser.get("/tokens/" + clientId + "/save")
        }) {
            assertThat(late.status()).isEqualTo(404);
            assertThat(late.body()).contains("The secret that you copied does not work", "generate a new token");
        }
    }

    private static String clientId(Answer secretStep) {
        Matcher clientId = Pattern.compile("id=\"cid\"[^>]* value=\"([^\"]+)\"").matcher(secretStep.body());
        assertThat(clientId.find()).as(secretStep.body()).isTrue();
        return clientId.group(1);
    }
}
