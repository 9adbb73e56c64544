package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.database.TestEngine;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** From the first start to the first token with a new role, without reading anything. */
class FirstMinutesTest {
    private static final Map<String, String> ADA = Map.of(
            "accountName",
            "Example",
            "name",
            "Ada",
            "email",
            RunningServer.ADMIN_EMAIL,
            "password",
            RunningServer.ADMIN_PASSWORD);

    private static String hidden(Answer page, String name) {
        Matcher value =
                Pattern.compile("name=\"" + name + "\" value=\"([^\"]*)\"").matcher(page.body());
        assertThat(value.find()).as(name + " in " + page.body()).isTrue();
        return value.group(1);
    }

    @Test
    void everyLinkSaysWhatToDoNext() {
        try (RunningServer server = RunningServer.startEmpty(TestEngine.SQLITE)) {
            Browser browser = server.browser();
            String setUp = server.setupUrl().replaceFirst("^https?://[^/]+", "");

            Answer early = browser.get(browser.get("/").header("Location"));
            assertThat(early.body())
                    .contains("Latchkey is not set up yet", "Open the setup link that Latchkey printed")
                    .doesNotContain("Conflict", "href=\"/sign-in\"");
            assertThat(browser.get("/setup/none").body()).contains("This link no longer works", "Restart Latchkey");

            assertThat(browser.post(setUp, ADA).status()).isEqualTo(303);
            for (Answer late :
                    new Answer[] {server.browser().get(setUp), server.browser().post(setUp, ADA)}) {
                assertThat(late.body())
                        .contains("Latchkey is already set up", "href=\"/sign-in\"")
                        .doesNotContain("Restart", "Not Found");
            }
            assertThat(browser.get("/invitation/none").body())
                    .contains("This link no longer works", "If you have chosen your password, sign in with it")
                    .doesNotContain("Not Found");
        }
    }

    @Test
    void theFirstTokensRoleIsCreatedInsideTheDialogAndNothingTypedIsLost() {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            server.admin().post("/apis", """
                            {"name": "billing-eu", "audience": "https://billing.example", "endpoints": [
                              {"method": "GET", "path": "/invoices", "privilege": "invoices:read"},
                              {"method": "POST", "path": "/invoices", "privilege": "invoices:write"}]}""").created();
            Browser browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
            Answer dialog = browser.get("/tokens/new");
            assertThat(dialog.body()).contains("There is no role for programs yet", "Create role");
            Map<String, String> typed = new HashMap<>(Map.of(
                    "csrf",
                    hidden(dialog, "csrf"),
                    "nonce",
                    hidden(dialog, "nonce"),
                    "description",
                    "Typed before",
                    "role",
                    "",
                    "expires",
                    "365",
                    "allowedAddresses",
                    "192.0.2.7"));
            Answer step = browser.post("/tokens/new/role", typed);
            assertThat(step.body())
                    .contains("Read only: billing-eu", "Everything: billing-eu", "Read only: Latchkey")
                    .doesNotContain("Everything: Latchkey")
                    .contains("name=\"kept.field.description\" value=\"Typed before\"");
            Map<String, String> role = new HashMap<>(Map.of(
                    "csrf",
                    hidden(dialog, "csrf"),
                    "kept.action",
                    "/tokens/new",
                    "kept.field.description",
                    "Typed before",
                    "kept.field.expires",
                    "365",
                    "kept.field.allowedAddresses",
                    "192.0.2.7"));
            assertThat(browser.post("/tokens/new/role/create", role).body())
                    .contains("Choose what the role may do", "Typed before");
            role.put("template", "read:billing-eu");
            role.put("roleName", "Not A Name");
            assertThat(browser.post("/tokens/new/role/create", role).body())
                    .contains("a-z, 0-9 and _", "value=\"Not A Name\"", "Typed before");
            role.put("roleName", "");
            Answer back = browser.post("/tokens/new/role/create", role);
            assertThat(back.status()).as(back.body()).isEqualTo(200);
            assertThat(back.body())
                    .contains("The role billing_eu_reader is created")
                    .contains("value=\"Typed before\"", "value=\"billing_eu_reader\" selected", "value=\"365\" checked")
                    .contains(">192.0.2.7</textarea>");
            assertThat(server.admin().get("/roles/billing_eu_reader").body())
                    .contains("invoices:read")
                    .doesNotContain("invoices:write");
            assertThat(browser.post("/tokens/new/role/create", role).body())
                    .as("once more")
                    .contains("There is already a role billing_eu_reader", "Choose another name");
            assertThat(browser.post("/tokens/new", role).body())
                    .as("Back")
                    .contains("value=\"Typed before\"", "Generate new token");
        }
    }

    @Test
    void whoMayNotCreateRolesIsNotOfferedTo() {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            server.admin().createRole("maker", "tokens:create", "tokens:read");
            String link = server.admin()
                    .post("/users", "{\"email\":\"tom@example.com\",\"name\":\"Tom\",\"roles\":[\"maker\"]}")
                    .created()
                    .json()
                    .get("invitationUrl")
                    .asString()
                    .replaceFirst("^https?://[^/]+", "");
            Browser tom = server.browser();
            tom.post(link, Map.of("name", "Tom", "password", "eleven odd wombats sing"));
            assertThat(tom.get("/tokens/new").body())
                    .contains("Generate new token")
                    .doesNotContain("Create role");
            Answer refused = tom.post(
                    "/tokens/new/role/create",
                    Map.of("csrf", tom.csrf(), "template", "read:latchkey", "roleName", "mine"));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.body()).contains("Your role does not allow this", "roles:manage");
        }
    }
}
