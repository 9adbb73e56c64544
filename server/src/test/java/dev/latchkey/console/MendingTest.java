package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What mends tokens without an owner, roles without anyone, and privileges without an endpoint. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class MendingTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Api admin;
    private Browser browser;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
        admin.createRole("reader", "tokens:read");
        browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String user(String email) {
        return admin.post("/users", "{\"email\":\"%s\",\"name\":\"Tom\",\"roles\":[]}".formatted(email))
                .created()
                .json()
                .get("id")
                .asString();
    }

    private Answer handOver(String body) {
        return admin.post("/tokens/hand-over", body);
    }

    private String owner(Credentials token) {
        JsonNode shown = admin.get("/tokens/" + token.clientId()).json();
        return shown.has("owner") ? shown.get("owner").get("name").asString() : "";
    }

    @Test
    void namedTokensGetAnotherOwner() {
        Credentials first = admin.createToken("First", "reader");
        Credentials second = admin.createToken("Second", "reader");
        Credentials gone = admin.createToken("Gone", "reader");
        admin.post("/tokens/" + gone.clientId() + "/revoke", "{}");
        String tom = user("tom@example.com");
        String named = "{\"clientIds\": [\"" + first.clientId() + "\", \"" + gone.clientId() + "\", \""
                + second.clientId() + "\"], \"to\": \"" + tom + "\"}";
        assertThat(handOver(named).json().toString()).isEqualTo("{\"tokens\":2,\"more\":false}");
        assertThat(owner(first)).isEqualTo("tom@example.com");
        assertThat(owner(second)).isEqualTo("tom@example.com");
        assertThat(owner(gone)).isNotEqualTo("tom@example.com");
        assertThat(handOver(named).json().get("tokens").asInt())
                .as("they are Tom's already")
                .isZero();
        assertThat(handOver("{\"to\": \"" + tom + "\"}").status()).isEqualTo(422);
        assertThat(handOver("{\"clientIds\": [], \"to\": \"" + tom + "\"}").status())
                .isEqualTo(422);
        assertThat(handOver("{\"clientIds\": [\"" + first.clientId() + "\"], \"from\": \"" + tom + "\", \"to\": \""
                                + tom + "\"}")
                        .status())
                .isEqualTo(422);
        assertThat(handOver("{\"clientIds\": [\"" + first.clientId() + "\"], \"to\": \"no-one\"}")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void noOneHandsOverATokenWhoseRoleTheyCannotAssign() {
        Credentials first = admin.createToken("First", "reader");
        Credentials powerful = admin.createToken("Powerful", "accountadmin");
        admin.createRole("creator", "tokens:create", "tokens:read", "users:read");
        String tom = user("tom@example.com");
        Api creator = server.api(admin.createToken("Creator", "creator"));
        Answer refused = creator.post(
                "/tokens/hand-over",
                "{\"clientIds\": [\"" + first.clientId() + "\", \"" + powerful.clientId() + "\"], \"to\": \"" + tom
                        + "\"}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(owner(first)).as("all or none").isNotEqualTo("tom@example.com");
        assertThat(server.api(first)
                        .post("/tokens/hand-over", "{\"clientIds\": [\"" + first.clientId() + "\"], \"to\": \"x\"}")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void tickedTokensOfThoseWhoLeftGetAnotherOwnerInTheConsole() {
        String leaver = user("tom@example.com");
        JsonNode made = admin.post(
                        "/tokens", "{\"description\":\"Left alone\",\"role\":\"reader\",\"owner\":\"" + leaver + "\"}")
                .created()
                .json();
        Credentials left = new Credentials(made.get("clientId").asString(), "");
        admin.delete("/users/" + leaver);
        assertThat(browser.get("/tokens?owner=departed").body())
                .contains("Left alone", "formaction=\"/tokens/hand-over\"");
        String dialog = browser.get("/tokens/hand-over?owner=departed&id=" + left.clientId())
                .body();
        assertThat(dialog).contains("Hand 1 token over?", "who has left", RunningServer.ADMIN_EMAIL);
        Map<String, String> fields =
                Map.of("csrf", browser.csrf(), "owner", "departed", "id", left.clientId(), "to", "no-one@example.com");
        Answer wrong = browser.post("/tokens/hand-over", fields);
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.body()).contains("There is no user with this id", "no-one@example.com", "Left alone");
        Answer done = browser.post(
                "/tokens/hand-over",
                Map.of(
                        "csrf",
                        browser.csrf(),
                        "owner",
                        "departed",
                        "id",
                        left.clientId(),
                        "to",
                        RunningServer.ADMIN_EMAIL));
        assertThat(done.header("Location")).isEqualTo("/tokens?owner=departed&done=handed-over");
        assertThat(owner(left)).isEqualTo(RunningServer.ADMIN_EMAIL);
        assertThat(browser.get("/tokens?owner=departed").body()).contains("Nothing found");
    }

    @Test
    void rolesWithoutTokensAndUsersAreListedAndCanBeDeleted() {
        admin.createToken("First", "reader");
        admin.createRole("spare", "tokens:read");
        String list = browser.get("/roles?only=unused").body();
        assertThat(list)
                .contains("href=\"/roles/spare\"", "href=\"/roles/spare/delete\"")
                .doesNotContain("href=\"/roles/reader\"", "href=\"/roles/public\"", "href=\"/roles/accountadmin\"");
        assertThat(browser.get("/roles").body())
                .contains("href=\"/roles?only=unused\"", "href=\"/roles/reader\"")
                .doesNotContain("/roles/spare/delete");
        browser.post("/roles/spare/delete", Map.of("csrf", browser.csrf()));
        assertThat(browser.get("/roles?only=unused").body()).contains("Each role has a token or a user.");
    }

    @Test
    void privilegesThatNoEndpointNeedsAreNamedAndCanBeRemoved() {
        admin.post("/apis", """
                {"name": "billing", "audience": "https://billing.example",
                 "privileges": [{"name": "invoices:read"}, {"name": "reports:read", "description": "Old"}, {"name": "reports:write"}],
                 "endpoints": [{"method": "GET", "path": "/invoices", "privilege": "invoices:read"}]}""").created();
        admin.post("/roles", """
                {"name": "reporter", "privileges": [{"api": "billing", "privilege": "reports:read", "effect": "allow"}]}""").created();
        String page = browser.get("/apis/billing").body();
        assertThat(page)
                .contains(
                        "Privileges that no endpoint needs", "value=\"reports:read\"", "value=\"reports:write\"", "Old")
                .doesNotContain("value=\"invoices:read\"");
        String asked = browser.get("/apis/billing/privileges/remove?name=reports:read&name=invoices:read")
                .body();
        assertThat(asked)
                .contains("Remove 1 privilege?", "1 role: reporter")
                .doesNotContain("name=\"name\" value=\"invoices:read\"", "name=\"version\" value=\"2\"");
        Answer needed = browser.post(
                "/apis/billing/privileges/remove",
                Map.of("csrf", browser.csrf(), "version", "1", "name", "invoices:read"));
        assertThat(needed.status()).isEqualTo(409);
        assertThat(browser.post(
                                "/apis/billing/privileges/remove",
                                Map.of("csrf", browser.csrf(), "version", "1", "name", "reports:read"))
                        .header("Location"))
                .isEqualTo("/apis/billing?done=privileges-removed");
        JsonNode privileges = admin.get("/apis/billing").json().get("privileges");
        assertThat(privileges.toString())
                .contains("reports:write", "invoices:read")
                .doesNotContain("reports:read");
        assertThat(admin.get("/roles/reporter").json().get("privileges")).isEmpty();
        assertThat(server.person("onlooker", "apis:read").get("/apis/billing").body())
                .contains("Privileges that no endpoint needs")
                .doesNotContain("Remove selected privileges");
    }
}
