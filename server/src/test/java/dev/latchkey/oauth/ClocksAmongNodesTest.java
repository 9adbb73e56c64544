package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.TestClock;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two nodes whose clocks differ by nearly the minute that docs/operations.md allows. */
class ClocksAmongNodesTest {
    private static final Duration DIFFERENCE = Duration.ofSeconds(58);
    private static final Instant NOW = Instant.parse("2026-05-04T10:00:00Z");

    private final TestClock slow = new TestClock(NOW);
    private final TestClock fast = new TestClock(NOW.plus(DIFFERENCE));
    private final RunningServer behind = RunningServer.start(TestEngine.POSTGRESQL, slow);
    private final RunningServer ahead = behind.secondNode(fast);
    private final Credentials program = behind.admin().createToken("Program", "public");

    @AfterEach
    void stop() {
        ahead.close();
        behind.close();
    }

    private static Answer ask(RunningServer node, String path, Credentials caller, String accessToken) {
        return node.postForm(path, "token=" + accessToken, "Authorization", "Basic " + caller.basic());
    }

    private boolean isActive(RunningServer node, String accessToken) {
        Answer answer = ask(node, "/oauth/v2/introspect", behind.bootstrap(), accessToken);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().get("active").asBoolean();
    }

    private void passes(Duration time) {
        slow.advance(time);
        fast.advance(time);
    }

    @Test
    void aFreshAccessTokenOfEitherCountsOnTheOther() {
        assertThat(isActive(behind, ahead.accessToken(program))).isTrue();
        assertThat(isActive(ahead, behind.accessToken(program))).isTrue();
    }

    @Test
    void whatHasExpiredOnTheNodeThatIsAskedCanBeEndedForTheOther() {
        String accessToken = behind.accessToken(program);
        passes(Duration.ofSeconds(590));
        assertThat(isActive(ahead, accessToken)).isFalse();
        assertThat(isActive(behind, accessToken)).isTrue();
        assertThat(ask(ahead, "/oauth/v2/revoke", program, accessToken).status())
                .isEqualTo(200);
        ahead.keepHouse();
        for (int i = 0; i < 100 && isActive(behind, accessToken); i++) {
            Thread.onSpinWait();
        }
        behind.restart();
        assertThat(isActive(behind, accessToken)).isFalse();
    }
}
