package dev.latchkey.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentAccessTokensTest {
    private static AccessToken of(String clientId) {
        return new AccessToken(new Client(clientId, Set.of(), null, Set.of()), List.of(), 0, 0, false, null);
    }

    @Test
    void whatIsAskedForStaysAndTheRestGoes() {
        RecentAccessTokens recent = new RecentAccessTokens(10);
        recent.put("kept", of("kept"));
        recent.put("dropped", of("dropped"));
        for (int i = 0; i < 1_000; i++) {
            recent.put("other" + i, of("other"));
            assertThat(recent.get("kept")).isEqualTo(of("kept"));
            assertThat(recent.size()).isLessThanOrEqualTo(10);
        }
        assertThat(recent.get("dropped")).isNull();
    }
}
