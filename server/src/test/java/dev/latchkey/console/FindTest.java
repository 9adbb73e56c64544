package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.database.TestEngine;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a search through everything finds, and for whom; without a script. */
class FindTest {
    private static RunningServer server;
    private static Credentials warehouse;

    @BeforeAll
    static void fill() {
        server = RunningServer.start(TestEngine.SQLITE);
        var admin = server.admin();
        admin.createRole("warehouse_reader", "tokens:read");
        warehouse = admin.createToken("Nightly warehouse sync", "warehouse_reader");
        for (int i = 0; i < 25; i++) {
            admin.createToken("Crane " + i, "warehouse_reader");
        }
        admin.post("/apis", "{\"name\": \"warehouse\", \"audience\": \"https://warehouse.example\"}")
                .created();
        admin.post("/users", "{\"email\":\"wendy@warehouse.example\",\"name\":\"Wendy\",\"roles\":[]}")
                .created();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Browser administrator() {
        return server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
    }

    @Test
    void everyKindIsFoundByAPartOfItsName() {
        for (String path : new String[] {"/find?search=WAREhouse", "/find/choices?search=WAREhouse"}) {
            assertThat(administrator().get(path).body())
                    .contains(
                            "href=\"/tokens/" + warehouse.clientId() + "\"",
                            "href=\"/roles/warehouse_reader\"",
                            "href=\"/apis/warehouse\"",
                            "wendy@warehouse.example");
        }
    }

    @Test
    void aTokenIsFoundByTheClientIdFromALogAndAPageByItsName() {
        assertThat(administrator().get("/find?search=" + warehouse.clientId()).body())
                .contains("Nightly warehouse sync");
        assertThat(administrator().get("/find/choices?search=sign+key").body()).contains("href=\"/signing-keys\"");
    }

    @Test
    void withoutASearchThePagesOfTheNavigationAreOffered() {
        assertThat(administrator().get("/find/choices").body())
                .contains("href=\"/overview\"", "href=\"/audit\"")
                .doesNotContain("href=\"/tokens/new\"", "Tokens</b>");
    }

    @Test
    void aLongListIsCutAndLedTo() {
        assertThat(administrator().get("/find?search=crane").body()).contains("href=\"/tokens?search=crane\"");
        assertThat(administrator().get("/find/choices?search=crane").body().split("role=\"option\"", -1))
                .hasSize(7);
    }

    @Test
    void aSingleLetterIsTooLittleForTokensAndPeople() {
        assertThat(administrator().get("/find?search=w").body())
                .contains("at least two characters", "href=\"/apis/warehouse\"")
                .doesNotContain("Nightly warehouse sync", "wendy@");
    }

    @Test
    void nothingIsFoundThatThePersonMayNotSee() {
        assertThat(server.person("nothing_much", "decisions:ask")
                        .get("/find?search=warehouse")
                        .body())
                .contains("Nothing found")
                .doesNotContain("Nightly", "warehouse_reader", "href=\"/apis/warehouse\"", "wendy@");
        Browser clerk = server.person("people_only", "users:read");
        assertThat(clerk.get("/find/choices?search=warehouse").body())
                .contains("wendy@")
                .doesNotContain("Nightly", "warehouse_reader", "href=\"/apis/warehouse\"");
        assertThat(clerk.get("/find/choices").body())
                .contains("href=\"/users\"")
                .doesNotContain("href=\"/tokens\"", "href=\"/audit\"", "href=\"/health\"");
    }

    @Test
    void markupInASearchIsText() {
        assertThat(administrator().get("/find?search=%3Cb%3E%22").body())
                .contains("value=\"&lt;b>&#34;\"")
                .doesNotContain("<b>\"");
        assertThat(server.browser().get("/find/choices?search=crane").header("Location"))
                .startsWith("/sign-in");
    }
}
