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
        RecentAccessTokens recent = new RecentAccessTokens(5_050);
        recent.put("kept.one", of("kept"));
        recent.put("dropped.one", of("dropped"));
        for (int i = 0; i < 1_000; i++) {
            recent.put("other" + i + ".one", of("other"));
            assertThat(recent.get("kept.one")).isEqualTo(of("kept"));
            assertThat(recent.size()).isLessThanOrEqualTo(12);
        }
        assertThat(recent.get("dropped.one")).isNull();
    }

    @Test
    void anotherSignatureTakesNoSecondPlaceAndIsNotTheSame() {
        RecentAccessTokens recent = new RecentAccessTokens(1_000_000);
        recent.put("header.claims.one", of("x"));
        assertThat(recent.get("header.claims.other")).isNull();
        recent.put("header.claims.other", of("x"));
        assertThat(recent.get("header.claims.other")).isEqualTo(of("x"));
        assertThat(recent.size()).isEqualTo(1);
    }
}
