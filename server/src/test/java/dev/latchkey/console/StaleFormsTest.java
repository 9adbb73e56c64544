package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.database.TestEngine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A form changes what its reader has seen: shown again for whatever reason, it overwrites no one else's change. */
class StaleFormsTest {
    private static final String MEANWHILE = "Changed by somebody else %d";
    private static int changes;

    private static RunningServer server;
    private static Browser browser;

    /**
     * A form that changes something.
     *
     * @param page where it stands
     * @param resource what it changes, in the management API
     * @param field what another person changes of that, as JSON without the braces, with %d for what is new each time
     * @param typed what is typed into it, the last field being a text
     */
    private record Edited(String page, String action, String resource, String field, Map<String, String> typed) {
        String mark() {
            return "value=\""
                    + typed.values().stream().reduce((first, last) -> last).orElseThrow() + "\"";
        }

        @Override
        public String toString() {
            return action;
        }
    }

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        server.admin().createRole("reader", "tokens:read");
        server.admin().post("/apis", """
                        {"name": "billing", "audience": "https://billing.example", "endpoints": [
                          {"method": "GET", "path": "/invoices", "privilege": "invoices:read"}]}""").created();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, String> typed(String... fields) {
        Map<String, String> typed = new LinkedHashMap<>();
        for (int i = 0; i < fields.length; i += 2) {
            typed.put(fields[i], fields[i + 1]);
        }
        return typed;
    }

    private static String described(String text) {
        return "\"description\":\"" + text + "\"";
    }

    private static Edited role() {
        return new Edited(
                "/roles/reader",
                "/roles/reader",
                "/roles/reader",
                described(MEANWHILE),
                typed("privilege:latchkey/tokens:read", "allow", "description", "What I typed"));
    }

    private static Edited account() {
        return new Edited(
                "/settings",
                "/settings",
                "/account",
                "\"name\":\"" + MEANWHILE + "\"",
                typed("longestTokenDays", "", "name", "What I typed"));
    }

    private static Edited api() {
        return new Edited(
                "/apis/billing/settings",
                "/apis/billing/settings",
                "/apis/billing",
                described(MEANWHILE),
                typed(
                        "audience",
                        "https://billing.example",
                        "hosts",
                        "",
                        "basePath",
                        "",
                        "pathCharacters",
                        "",
                        "mcp",
                        "",
                        "scopes",
                        "",
                        "description",
                        "What I typed"));
    }

    private static Edited token() {
        String token = "/tokens/" + server.admin().createToken("Sync", "reader").clientId();
        return new Edited(
                token + "/edit",
                token + "/edit",
                token,
                described(MEANWHILE),
                typed(
                        "owner",
                        "",
                        "expiresAt",
                        "",
                        "allowedAddresses",
                        "",
                        "notBefore",
                        "",
                        "senderConstraint",
                        "none",
                        "description",
                        "What I typed"));
    }

    static Stream<Edited> formsWithLimits() {
        return Stream.of(role(), account(), api(), token());
    }

    static Stream<Edited> forms() {
        String user = server.admin()
                .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[]}")
                .created()
                .json()
                .get("id")
                .asString();
        String endpoint = "/apis/billing/endpoint";
        return Stream.of(
                role(),
                account(),
                new Edited(
                        "/users/" + user,
                        "/users/" + user,
                        "/users/" + user,
                        "\"name\":\"" + MEANWHILE + "\"",
                        typed("roles", "reader", "name", "What I typed")),
                api(),
                new Edited(
                        endpoint + "?method=GET&path=%2Finvoices",
                        endpoint,
                        "/apis/billing",
                        described(MEANWHILE),
                        typed(
                                "oldMethod",
                                "GET",
                                "oldPath",
                                "/invoices",
                                "method",
                                "GET",
                                "path",
                                "/invoices",
                                "access",
                                "privilege",
                                "privileges",
                                "invoices:read",
                                "summary",
                                "What I typed")),
                token(),
                new Edited(
                        "/signing-keys/policy",
                        "/signing-keys/policy",
                        "/signing-keys/policy",
                        "\"rotationDays\":%d",
                        typed("algorithm", "ES256", "rotationDays", "77")));
    }

    private static String version(Answer page) {
        Matcher version = Pattern.compile("name=\"version\" value=\"([^\"]*)\"").matcher(page.body());
        assertThat(version.find()).as(page.body()).isTrue();
        return version.group(1);
    }

    private static void changeMeanwhile(Edited edited) {
        Answer changed = server.admin()
                .send("PATCH", edited.resource(), "{" + edited.field().formatted(++changes) + "}");
        assertThat(changed.status()).as(changed.body()).isEqualTo(200);
    }

    private static Map<String, String> form(Map<String, String> typed, String version, String csrf) {
        Map<String, String> form = new LinkedHashMap<>(typed);
        form.put("version", version);
        form.put("csrf", csrf);
        return form;
    }

    @ParameterizedTest
    @MethodSource("forms")
    void aFormThatIsShownAgainKeepsItsVersionAndWhatWasTyped(Edited edited) {
        String seen = version(browser.get(edited.page()));
        changeMeanwhile(edited);
        // They have signed in again, in another tab.
        Answer shown = browser.post(
                edited.action(), form(edited.typed(), seen, "of another session"), "Sec-Fetch-Site", "same-origin");
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.body()).contains("nothing was sent yet", edited.mark());
        assertThat(version(shown)).isEqualTo(seen);

        Answer late = browser.post(edited.action(), form(edited.typed(), version(shown), browser.csrf()));
        assertThat(late.status()).isEqualTo(412);
        assertThat(late.body()).contains("has changed since you read it. Nothing was saved.", edited.mark());
        assertThat(version(late)).as("known by now").isNotEqualTo(seen);
        assertThat(browser.post(edited.action(), form(edited.typed(), version(late), browser.csrf()))
                        .status())
                .isEqualTo(303);
    }

    @ParameterizedTest
    @MethodSource("formsWithLimits")
    void aFormWithoutLimitsWhichAnEarlierVersionShowedKeepsThem(Edited edited) {
        server.admin().send("PATCH", edited.resource(), "{\"limits\":{\"perDay\":7654321}}");
        Map<String, String> typed = new LinkedHashMap<>(edited.typed());
        assertThat(saved(edited, typed)).contains("7654321");
        LimitLines.ALL.forEach(line -> typed.put(line.name(), ""));
        assertThat(saved(edited, typed)).doesNotContain("7654321");
    }

    /** What it is after the form was sent. */
    private static String saved(Edited edited, Map<String, String> typed) {
        Answer sent = browser.post(edited.action(), form(typed, version(browser.get(edited.page())), browser.csrf()));
        assertThat(sent.status()).as(sent.body()).isEqualTo(303);
        return server.admin().get(edited.resource()).body();
    }

    @Test
    void aFormThatWentThroughSigningInKeepsItsVersion() {
        Edited role = role();
        Browser away = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        String seen = version(away.get(role.page()));
        changeMeanwhile(role);
        Map<String, String> form = form(role.typed(), seen, away.csrf());
        away.post("/sign-out", Map.of("csrf", away.csrf()));
        Answer ended = away.post(role.action(), form, "Sec-Fetch-Site", "same-origin");
        assertThat(ended.status()).isEqualTo(401);
        Map<String, String> signIn = hiddenFields(ended);
        signIn.put("email", RunningServer.ADMIN_EMAIL);
        signIn.put("password", RunningServer.ADMIN_PASSWORD);
        Answer shown = away.post(role.action(), hiddenFields(away.post("/sign-in", signIn)));
        assertThat(shown.body()).contains("nothing was sent yet", role.mark());
        assertThat(version(shown)).isEqualTo(seen);
    }

    private static Map<String, String> hiddenFields(Answer page) {
        Map<String, String> fields = new LinkedHashMap<>();
        Pattern.compile("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">")
                .matcher(page.body())
                .results()
                .forEach(field -> fields.put(field.group(1), field.group(2)));
        return fields;
    }

    @Test
    void aFormThatIsWrongInOtherWaysKeepsItsVersion() {
        Edited account = account();
        String seen = version(browser.get(account.page()));
        changeMeanwhile(account);
        Map<String, String> wrong = form(account.typed(), seen, browser.csrf());
        wrong.put("longestTokenDays", "-3");
        Answer refused = browser.post(account.action(), wrong);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(version(refused)).isEqualTo(seen);
    }

    @Test
    void whatIsOnlyLookedAtBeforehandKeepsItsVersion() {
        Edited role = role();
        String seen = version(browser.get(role.page()));
        changeMeanwhile(role);
        Answer preview = browser.post(role.action() + "/preview", form(role.typed(), seen, browser.csrf()));
        assertThat(preview.body()).contains(role.mark());
        assertThat(version(preview)).isEqualTo(seen);

        Map<String, String> review = form(Map.of(), "1", browser.csrf());
        assertThat(version(browser.post("/apis/billing/import/review", review))).isEqualTo("1");
    }

    @Test
    void rolesThatWereTickedStayTickedWhenTheUserCannotBeSaved() {
        String user = "/users/"
                + server.admin()
                        .post("/users", "{\"email\":\"una@example.com\",\"name\":\"Una\",\"roles\":[]}")
                        .created()
                        .json()
                        .get("id")
                        .asString();
        Answer refused = browser.post(
                user, form(typed("name", "", "roles", "reader"), version(browser.get(user)), browser.csrf()));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("value=\"reader\" checked");
    }
}
