package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the pages show to people who may do little, and to those whose page has become old. */
class LesserPeopleTest {
    private static RunningServer server;
    private static Api admin;
    private static Browser ada;

    @BeforeAll
    static void start() {
        server = RunningServer.start(TestEngine.SQLITE);
        admin = server.admin();
        ada = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        admin.createRole("secret_project", "tokens:read");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String invite(String email, String role) {
        return admin.post(
                        "/users",
                        "{\"email\": \"" + email + "\", \"name\": \"Somebody\", \"roles\": [\"" + role + "\"]}")
                .created()
                .json()
                .get("invitationUrl")
                .asString()
                .replaceFirst("^https?://[^/]+", "");
    }

    @Test
    void namesOfRolesAreForThoseWhoMayReadRoles() {
        Browser clerk = server.person("people_clerk", "users:read", "users:manage", "tokens:read", "tokens:create");
        String adasPage = "/users/"
                + admin.get("/users").json().get("items").get(0).get("id").asString();
        for (String page : List.of("/users/new", "/tokens/new", "/tokens", adasPage)) {
            Answer answer = clerk.get(page);
            assertThat(answer.status()).as(page).isEqualTo(200);
            assertThat(answer.body()).as(page).doesNotContain("secret_project");
        }
        assertThat(clerk.get("/users/new").body()).as("their own").contains("people_clerk");
        assertThat(ada.get("/users/new").body()).contains("secret_project");
    }

    @Test
    void anOldPageOfAUserGivesNoRoleBack() {
        invite("stale@example.com", "secret_project");
        String id = admin.get("/users?search=stale")
                .json()
                .get("items")
                .get(0)
                .get("id")
                .asString();
        Matcher version = Pattern.compile("name=\"version\" value=\"([0-9]+)\"")
                .matcher(ada.get("/users/" + id).body());
        assertThat(version.find()).isTrue();
        assertThat(admin.delete("/users/" + id + "/roles/secret_project").status())
                .isEqualTo(200);
        Answer old = ada.post(
                "/users/" + id,
                Map.of("csrf", ada.csrf(), "name", "Renamed", "roles", "secret_project", "version", version.group(1)));
        assertThat(old.status()).isEqualTo(412);
        assertThat(admin.get("/users/" + id).body()).doesNotContain("secret_project", "Renamed");
    }

    @Test
    void aTokenThatActsForAnApiNeedsTheSamePrivilegeAtBothDoors() {
        admin.post("/apis", "{\"name\": \"guarded\", \"audience\": \"https://guarded.example\"}")
                .created();
        Browser maker = server.person("token_maker", "tokens:create", "tokens:read");
        Matcher nonce = Pattern.compile("name=\"nonce\" value=\"([^\"]+)\"")
                .matcher(maker.get("/tokens/new").body());
        assertThat(nonce.find()).isTrue();
        Answer refused = maker.post(
                "/tokens",
                Map.of(
                        "csrf", maker.csrf(),
                        "nonce", nonce.group(1),
                        "description", "Spy",
                        "role", "token_maker",
                        "expires", "30",
                        "method", "client_secret",
                        "actsFor", "guarded"));
        assertThat(refused.status()).as(refused.body()).isEqualTo(403);
        assertThat(refused.body()).contains("apis:manage");
    }

    @Test
    void aRevokedTokenThatIsStillUsedIsSeenOnItsPageAndByTheApi() {
        Credentials forgotten = admin.createToken("Forgotten job", "secret_project");
        Api withAccessToken = server.api(forgotten);
        admin.post("/tokens/" + forgotten.clientId() + "/revoke", "{}");
        assertThat(ada.get("/tokens/" + forgotten.clientId()).body()).doesNotContain("Still used");
        for (int i = 0; i < 3; i++) {
            assertThat(server.requestAccessToken(forgotten, "").status()).isEqualTo(401);
        }
        assertThat(withAccessToken.get("/tokens").status()).isEqualTo(401);
        assertThat(ada.get("/tokens/" + forgotten.clientId()).body()).contains("Still used", "127.0.0.1");
        Answer uses = admin.get("/tokens/" + forgotten.clientId() + "/uses-after-revocation");
        assertThat(uses.json().get("items").get(0).get("count").asInt()).isEqualTo(4);
        assertThat(uses.json().get("items").get(0).get("address").asString()).isEqualTo("127.0.0.1");
    }
}
