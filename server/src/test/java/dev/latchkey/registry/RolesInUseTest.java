package dev.latchkey.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Api;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import dev.latchkey.gate.Billing;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** A role is used through every role that it is granted to, wherever use is counted. */
@ParameterizedClass
@EnumSource(TestEngine.class)
class RolesInUseTest {
    @Parameter
    TestEngine engine;

    private RunningServer server;
    private Api admin;
    private Browser ada;

    @BeforeEach
    void start() {
        server = RunningServer.start(engine);
        admin = server.admin();
        ada = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A role that is granted to the second, which is granted to the third. */
    private void chain() {
        admin.createRole("lowest", "tokens:read");
        admin.post("/roles", "{\"name\": \"middle\", \"grantedRoles\": [\"lowest\"]}")
                .created();
        admin.post("/roles", "{\"name\": \"highest\", \"grantedRoles\": [\"middle\"]}")
                .created();
    }

    private String counts(String role) {
        JsonNode found = admin.get("/roles/" + role).json();
        return found.get("tokens").asLong() + " tokens, "
                + found.get("directTokens").asLong() + " of them directly; "
                + found.get("users").asLong() + " users, "
                + found.get("directUsers").asLong() + " of them directly";
    }

    @Test
    void useIsCountedThroughGrantsAndEachPersonOnce() {
        chain();
        admin.createToken("Far above", "highest");
        admin.createToken("Just above", "middle");
        admin.post("/users", """
                {"email": "tom@example.com", "name": "Tom", "roles": ["highest", "middle"]}""").created();
        admin.post("/users", """
                {"email": "ben@example.com", "name": "Ben", "roles": ["lowest"]}""").created();
        assertThat(counts("lowest")).isEqualTo("2 tokens, 0 of them directly; 2 users, 1 of them directly");
        assertThat(counts("middle")).isEqualTo("2 tokens, 1 of them directly; 1 users, 1 of them directly");
        assertThat(counts("highest")).isEqualTo("1 tokens, 1 of them directly; 1 users, 1 of them directly");
        assertThat(ada.get("/roles/lowest").body())
                .contains("Used by 2 active tokens (2 through other roles) and 2 users (1 through other roles).");
        JsonNode listed = admin.get("/roles?search=lowest").json().get("items").get(0);
        assertThat(listed.get("tokens").asLong()).isEqualTo(2);
    }

    @Test
    void aRoleThatTokensUseThroughAnotherStaysUntilItIsTakenOutOfThat() {
        chain();
        Credentials program = admin.createToken("Far above", "highest");
        Answer refused = admin.delete("/roles/lowest");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("code").asString()).isEqualTo("role_in_use");
        assertThat(refused.json().get("detail").asString())
                .isEqualTo("1 active token uses the role lowest through middle. Take it out of that role first.");
        assertThat(refused.json().get("tokens").asLong()).isEqualTo(1);
        assertThat(server.api(program).get("/tokens").status())
                .as("nothing was taken away")
                .isEqualTo(200);
        assertThat(ada.get("/roles/lowest/delete").body())
                .contains("1 active token uses it through")
                .contains("<a href=\"/roles/middle\">middle</a>")
                .doesNotContain("No user has it", "<button class=\"btn danger\">Delete role</button>");

        admin.delete("/roles/middle/granted-roles/lowest");
        assertThat(ada.get("/roles/lowest/delete").body()).contains("No user has it", "Delete role</button>");
        assertThat(admin.delete("/roles/lowest").status()).isEqualTo(204);
    }

    @Test
    void thePageSaysWhoLosesARoleThroughAnother() {
        chain();
        admin.post("/users", """
                {"email": "tom@example.com", "name": "Tom", "roles": ["highest"]}""").created();
        assertThat(ada.get("/roles/lowest/delete").body())
                .contains("1 user loses what it allows at once, through another role.")
                .contains("It is also removed from <a href=\"/roles/middle\">middle</a>.");
        assertThat(ada.post("/roles/lowest/delete", Map.of("csrf", ada.csrf())).header("Location"))
                .isEqualTo("/roles?done=role-deleted");
    }

    @Test
    void everyoneUsesWhatIsGrantedToPublic() {
        chain();
        admin.createRole("elsewhere");
        admin.createToken("Elsewhere", "elsewhere");
        admin.send("PUT", "/roles/public/granted-roles/lowest", "");
        // The token of the first start, and Ada herself, too.
        assertThat(counts("lowest")).isEqualTo("2 tokens, 0 of them directly; 1 users, 0 of them directly");
        assertThat(admin.delete("/roles/lowest").json().get("code").asString()).isEqualTo("role_in_use");
    }

    @Test
    void deletingAnApiIsShownWithTheTokensThatLoseAccessThroughGrants() {
        new Billing(server);
        admin.post("/roles", "{\"name\": \"office\", \"grantedRoles\": [\"invoice_clerk\"]}")
                .created();
        admin.createToken("Office", "office");
        String page = ada.get("/apis/billing/delete").body();
        // Everybody's token opens /me.
        assertThat(page).contains("<b>4 active tokens lose access.</b>").contains("<b>office</b>");
    }

    @Test
    void removingAnEndpointIsAskedWithWhatItCloses() {
        new Billing(server);
        String query = "?method=DELETE&path=%2Finvoices%2F%7Bid%7D";
        assertThat(ada.get("/apis/billing/endpoint" + query).body())
                .contains("href=\"/apis/billing/endpoint/remove?method=DELETE");
        assertThat(ada.get("/apis/billing/endpoint/remove" + query).body())
                .contains("<b>1 active token loses access.</b>", "Remove endpoint</button>");
        assertThat(ada.get("/apis/billing/endpoint/remove?method=DELETE&path=%2Fnothing")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aDenyIsToldAsADeny() {
        Billing billing = new Billing(server);
        admin.send("PUT", "/roles/public/privileges/billing/invoices:write", "{\"effect\": \"deny\"}");
        Answer denied = server.send(server.request("/gate/v1/forward-auth/billing")
                .header("Authorization", "Bearer " + billing.accessToken(billing.clerk))
                .header("X-Forwarded-Method", "DELETE")
                .header("X-Forwarded-Uri", "/v1/invoices/42")
                .build());
        assertThat(denied.status()).isEqualTo(403);
        assertThat(denied.json().get("detail").asString())
                .isEqualTo("DELETE /invoices/{id} needs the privilege invoices:write, which is denied to the role"
                        + " invoice_clerk.");

        admin.createRole("halted", "tokens:read");
        admin.send("PUT", "/roles/halted/privileges/latchkey/users:read", "{\"effect\": \"deny\"}");
        Api halted = server.api(admin.createToken("Halted", "halted"));
        assertThat(halted.get("/users").json().get("detail").asString())
                .isEqualTo("GET /users needs the privilege users:read, which is denied to your role.");
        assertThat(halted.get("/roles").json().get("detail").asString())
                .isEqualTo("GET /roles needs the privilege roles:read, which your role does not have.");
    }

    @Test
    void everyoneIsHandedOverWithTheTokensThatTheyAnswerFor() {
        admin.createRole("reader", "tokens:read");
        String tom = invited("tom@example.com");
        String ben = invited("ben@example.com");
        for (String description : new String[] {"First", "Second"}) {
            admin.post(
                            "/tokens",
                            "{\"description\": \"" + description + "\", \"role\": \"reader\", \"owner\": \"" + tom
                                    + "\"}")
                    .created();
        }
        String asked = ada.get("/users/" + tom + "/disable").body();
        assertThat(asked)
                .contains("Disable Tom?", "2 active tokens", "Hand them over to")
                .contains("/users/" + tom + "/disable");
        Answer unknown = ada.post("/users/" + tom + "/disable", Map.of("csrf", ada.csrf(), "to", "nobody@example.com"));
        assertThat(unknown.status()).isEqualTo(422);
        assertThat(unknown.body()).contains("No user has this email.", "value=\"nobody@example.com\"");
        assertThat(ada.post("/users/" + tom + "/disable", Map.of("csrf", ada.csrf(), "to", "tom@example.com"))
                        .status())
                .as("to themselves")
                .isEqualTo(422);
        assertThat(status(tom)).as("nothing happened").isEqualTo("invited");

        assertThat(ada.post("/users/" + tom + "/disable", Map.of("csrf", ada.csrf(), "to", "BEN@example.com"))
                        .header("Location"))
                .isEqualTo("/users/" + tom + "?done=user-disabled");
        assertThat(status(tom)).isEqualTo("disabled");
        assertThat(owners()).containsExactlyInAnyOrder("ben@example.com");
        assertThat(admin.get("/events?operation=api_token.update").json().get("items"))
                .hasSize(2);

        Answer back = admin.post("/tokens/hand-over", "{\"from\": \"" + ben + "\", \"to\": \"" + tom + "\"}");
        assertThat(back.status()).as("to somebody disabled").isEqualTo(422);
        admin.post("/users/" + tom + "/enable", "");
        Answer done = admin.post("/tokens/hand-over", "{\"from\": \"" + ben + "\", \"to\": \"" + tom + "\"}");
        assertThat(done.body()).isEqualToIgnoringNewLines("{\"tokens\":2,\"more\":false}");
        assertThat(owners()).containsExactlyInAnyOrder("tom@example.com");
    }

    @Test
    void noOneHandsOverTokensWhoseRoleTheyCouldNotAssign() {
        admin.createRole("clerk", "tokens:create", "tokens:read", "users:read");
        admin.createRole("mighty", "account:manage");
        String tom = invited("tom@example.com");
        String ben = invited("ben@example.com");
        admin.post("/tokens", "{\"description\": \"One\", \"role\": \"mighty\", \"owner\": \"" + tom + "\"}")
                .created();
        Answer refused = server.api(admin.createToken("Clerk", "clerk"))
                .post("/tokens/hand-over", "{\"from\": \"" + tom + "\", \"to\": \"" + ben + "\"}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("code").asString()).isEqualTo("role_exceeds_yours");
        assertThat(owners()).containsExactly("tom@example.com");
    }

    @Test
    void removingASecretIsAskedWithItsLastUse() {
        admin.createRole("reader", "tokens:read");
        Credentials program = admin.createToken("Nightly sync", "reader");
        server.accessToken(program);
        admin.post("/tokens/" + program.clientId() + "/secrets", "").created();
        String page = "/tokens/" + program.clientId();
        assertThat(ada.get(page).body()).contains("href=\"" + page + "/secrets/1/remove\"");
        assertThat(ada.get(page + "/secrets/1/remove").body())
                .contains("Remove secret 1?", "<b>Last used", "A program may still use it.");
        assertThat(ada.get(page + "/secrets/2/remove").body()).contains("<b>Never used.</b>");
        assertThat(ada.get(page + "/secrets/3/remove").status()).isEqualTo(404);
        assertThat(ada.post(page + "/secrets/1/remove", Map.of("csrf", ada.csrf()))
                        .header("Location"))
                .isEqualTo(page + "?done=secret-removed");
        assertThat(server.requestAccessToken(program, "").status()).isEqualTo(401);
    }

    private String invited(String email) {
        String name = Character.toUpperCase(email.charAt(0)) + email.substring(1, email.indexOf('@'));
        return admin.post("/users", "{\"email\": \"" + email + "\", \"name\": \"" + name + "\", \"roles\": []}")
                .created()
                .json()
                .get("id")
                .asString();
    }

    private String status(String userId) {
        return admin.get("/users/" + userId).json().get("status").asString();
    }

    private HashSet<String> owners() {
        HashSet<String> owners = new HashSet<>();
        admin.get("/tokens?status=active").json().get("items").forEach(token -> {
            if (token.has("owner")) {
                owners.add(token.get("owner").get("name").asString());
            }
        });
        return owners;
    }
}
