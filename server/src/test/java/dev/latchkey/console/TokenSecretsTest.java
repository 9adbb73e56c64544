package dev.latchkey.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.RunningServer;
import dev.latchkey.RunningServer.Answer;
import dev.latchkey.RunningServer.Browser;
import dev.latchkey.RunningServer.Credentials;
import dev.latchkey.apitoken.SecretUse;
import dev.latchkey.database.TestEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Changing a token's secret in the console, without script. */
class TokenSecretsTest {
    private static final Instant NOW = Instant.parse("2030-01-10T00:00:00Z");

    private static String adviceForOld(Instant lastUsed) {
        return TokenFacts.secrets(
                        "secret",
                        List.of(new SecretUse(1, NOW, lastUsed), new SecretUse(2, NOW, NOW.minusSeconds(60))),
                        NOW)
                .getFirst()
                .advice();
    }

    @Test
    void theOldSecretSaysWhetherItCanGo() {
        assertThat(adviceForOld(NOW.minus(Duration.ofDays(9))))
                .isEqualTo("The old secret was last used 9 days ago: safe to remove");
        assertThat(adviceForOld(NOW.minus(Duration.ofMinutes(3))))
                .isEqualTo("The old secret was last used 3 minutes ago: a program still uses it");
        assertThat(adviceForOld(null)).isEqualTo("The old secret was never used: safe to remove");
    }

    @Test
    void aSecondSecretIsShownOnceAndTheOldOneCanBeRemoved() {
        try (RunningServer server = RunningServer.start(TestEngine.SQLITE)) {
            Credentials first = server.admin().createToken("Program", "public");
            Browser browser = server.browser().signIn(RunningServer.ADMIN_EMAIL, RunningServer.ADMIN_PASSWORD);
            String page = "/tokens/" + first.clientId();
            Matcher nonce = Pattern.compile("name=\"nonce\" value=\"([^\"]+)\"")
                    .matcher(browser.get(page).body());
            assertThat(nonce.find()).isTrue();
            Map<String, String> form = Map.of("csrf", browser.csrf(), "nonce", nonce.group(1));
            Answer shown = browser.post(page + "/secrets", form);
            Matcher secret =
                    Pattern.compile("id=\"sec\"[^>]* value=\"(lks_[^\"]+)\"").matcher(shown.body());
            assertThat(secret.find()).isTrue();
            assertThat(browser.post(page + "/secrets", form).status())
                    .as("reloaded")
                    .isEqualTo(409);
            assertThat(browser.get(page).body()).doesNotContain(secret.group(1)).contains("never used: safe to remove");
            assertThat(browser.post(page + "/secrets/1/remove", Map.of("csrf", browser.csrf()))
                            .status())
                    .isEqualTo(303);
            assertThat(server.requestAccessToken(first, "").status()).isEqualTo(401);
            assertThat(server.requestAccessToken(new Credentials(first.clientId(), secret.group(1)), "")
                            .status())
                    .isEqualTo(200);
            assertThat(browser.post(page + "/secrets/x/remove", Map.of("csrf", browser.csrf()))
                            .status())
                    .isEqualTo(404);
        }
    }
}
