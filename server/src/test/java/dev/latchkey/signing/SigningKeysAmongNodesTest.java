package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Signing keys on two nodes over one PostgreSQL database. */
class SigningKeysAmongNodesTest {
    private final TestClock clock = new TestClock();
    private final RunningServer first = RunningServer.start(TestEngine.POSTGRESQL, clock);
    private final RunningServer second = first.secondNode();

    @AfterEach
    void stop() {
        second.close();
        first.close();
    }

    private static JsonNode keys(RunningServer at) {
        return at.admin().get("/signing-keys").json().get("items");
    }

    private static int status(RunningServer at, String accessToken) {
        return at.send(at.request("/api/v1/me")
                        .header("Authorization", "Bearer " + accessToken)
                        .build())
                .status();
    }

    @Test
    void onlyOneMakesTheNextKeyAndBothSignWithIt() throws Exception {
        assertThat(keys(second)).isEqualTo(keys(first));
        clock.advance(Duration.ofDays(29));
        Thread other = Thread.ofVirtual().start(first::keepHouse);
        second.keepHouse();
        other.join();
        Waiting.until(
                "the next key on both",
                () -> keys(first).size() > 1 && keys(second).size() > 1);
        assertThat(keys(first)).hasSize(2).isEqualTo(keys(second));
        clock.advance(Duration.ofDays(1));
        assertThat(keys(first).get(0).get("state").asString()).isEqualTo("signing");
        assertThat(status(second, first.accessToken(first.bootstrap()))).isEqualTo(200);
        assertThat(status(first, second.accessToken(first.bootstrap()))).isEqualTo(200);
    }

    @Test
    void whoWithdrawsAKeyThatAnotherNodeHasWithdrawnIsAnsweredWhenItHasEndedHere() {
        String accessToken = first.accessToken(first.bootstrap());
        assertThat(status(second, accessToken)).isEqualTo(200);
        String withdraw = "/signing-keys/" + keys(first).get(0).get("keyId").asString() + "/withdraw";
        // A person: the access token of a program could be signed with this very key.
        RunningServer.Browser person = second.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
        Map<String, String> form = Map.of("csrf", person.csrf());
        assertThat(first.admin().post(withdraw, "").status()).isEqualTo(200);
        assertThat(person.post(withdraw, form).status()).isEqualTo(303);
        assertThat(status(second, accessToken)).isEqualTo(401);
    }

    @Test
    void aKeyThatIsWithdrawnOnOneEndsOnTheOther() throws Exception {
        String accessToken = first.accessToken(first.bootstrap());
        assertThat(status(second, accessToken)).isEqualTo(200);
        String keyId = keys(first).get(0).get("keyId").asString();
        first.admin().post("/signing-keys/" + keyId + "/withdraw", "");
        Waiting.until("the refusal", () -> status(second, accessToken) == 401);
        assertThat(second.get("/oauth/v2/jwks").body())
                .isEqualTo(first.get("/oauth/v2/jwks").body());
        assertThat(status(first, second.accessToken(first.bootstrap()))).isEqualTo(200);
    }
}
