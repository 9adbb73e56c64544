package dev.latchkey.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.access.Api;
import dev.latchkey.gate.Decision;
import dev.latchkey.gate.DecisionRecorder.Asking;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DecisionCountsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final DecisionCounts counts = new DecisionCounts(registry);

    private static Decision about(String api) {
        return new Decision.Refused(Api.unregistered(api, Instant.EPOCH, "setup"), "no_endpoint", "", null);
    }

    private double counted(String api) {
        return registry.get("latchkey.decisions")
                .tags("api", api, "asker", "gateway", "outcome", "no_endpoint")
                .counter()
                .count();
    }

    @Test
    void furtherApisAreCountedTogether() {
        for (int i = 0; i < 2 * DecisionCounts.MOST_APIS; i++) {
            counts.decided(Asking.GATEWAY, about("api-" + i));
        }
        counts.decided(Asking.GATEWAY, about("api-0"));
        assertThat(counted("api-0")).isEqualTo(2);
        assertThat(counted(DecisionCounts.OTHER_APIS)).isEqualTo(DecisionCounts.MOST_APIS);
        assertThat(registry.getMeters().stream()
                        .map(meter -> meter.getId().getTag("api"))
                        .distinct())
                .hasSize(DecisionCounts.MOST_APIS + 1);
    }

    @Test
    void allOutcomesOfAnApiBeginWithItsFirstDecision() {
        counts.decided(Asking.GATEWAY, about("billing"));
        assertThat(registry.get("latchkey.decisions")
                        .tags("api", "billing", "asker", "gateway")
                        .counters())
                .extracting(counter -> counter.getId().getTag("outcome"))
                .containsExactlyInAnyOrder(
                        "allowed",
                        "unauthenticated",
                        "missing_privilege",
                        "no_endpoint",
                        "doubtful_request",
                        "limited",
                        "no_api");
    }
}
