package dev.latchkey.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.bench.chaos.Step.Kind;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final List<Kind> KINDS = List.of(Kind.FAILOVER, Kind.RESTART, Kind.RESTORE);

    private static List<Step> schedule(long seed, int lane, Duration total) {
        return Schedule.of(seed, lane, KINDS, Duration.ofSeconds(10), total);
    }

    @Test
    void theSameSeedGivesTheSameSteps() {
        Duration hour = Duration.ofHours(1);

        assertThat(schedule(7, 1, hour)).isEqualTo(schedule(7, 1, hour)).hasSizeGreaterThan(100);
        assertThat(schedule(7, 1, hour)).isNotEqualTo(schedule(8, 1, hour)).isNotEqualTo(schedule(7, 2, hour));
    }

    @Test
    void everyKindComesBeforeOneComesAgainAndTheFirstComesFirst() {
        for (long seed = 0; seed < 50; seed++) {
            List<Kind> kinds = schedule(seed, 0, Duration.ofMinutes(10)).stream()
                    .map(Step::kind)
                    .toList();

            assertThat(kinds.getFirst()).isEqualTo(Kind.FAILOVER);
            assertThat(kinds.subList(0, 3)).containsExactlyInAnyOrderElementsOf(KINDS);
            assertThat(kinds.subList(3, 6)).containsExactlyInAnyOrderElementsOf(KINDS);
        }
    }

    @Test
    void stepsFollowEachOtherWithinTheTimeAndTheirBounds() {
        List<Step> steps = Schedule.of(3, 0, List.of(Kind.FREEZE), Duration.ofSeconds(5), Duration.ofSeconds(20));

        assertThat(steps).hasSizeGreaterThan(1).allSatisfy(step -> {
            assertThat(step.at()).isLessThan(20_000);
            assertThat(step.millis()).isBetween(Kind.FREEZE.least(), 5_000L);
        });
        for (int i = 1; i < steps.size(); i++) {
            assertThat(steps.get(i).at())
                    .isGreaterThan(steps.get(i - 1).at() + steps.get(i - 1).millis());
        }
    }
}
