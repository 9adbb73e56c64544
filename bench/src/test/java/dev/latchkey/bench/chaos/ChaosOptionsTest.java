package dev.latchkey.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChaosOptionsTest {
    @Test
    void valuesStandBehindTheirNamesInEitherWay() {
        assertThat(ChaosOptions.parse(List.of("--engine", "sqlite", "--minutes=3", "--seed", "9", "--slack", "250")))
                .isEqualTo(
                        new ChaosOptions(ChaosOptions.Engine.SQLITE, Duration.ofMinutes(3), 9, Duration.ofMillis(250)));
    }

    @Test
    void theTimeIsBoundedAndWhatIsWrongIsNamed() {
        assertThatThrownBy(() -> ChaosOptions.parse(List.of("--engine", "sqlite", "--minutes", "1441")))
                .hasMessage("--minutes is a number from 1 to 1440, not 1441");
        assertThatThrownBy(() -> ChaosOptions.parse(List.of("--engine", "oracle")))
                .hasMessage("--engine is postgresql or sqlite, not oracle");
        assertThatThrownBy(() -> ChaosOptions.parse(List.of("--seed", "1"))).hasMessage("--engine is missing");
        assertThatThrownBy(() -> ChaosOptions.parse(List.of("--engine", "sqlite", "--sed", "1")))
                .hasMessage("unknown: --sed");
        assertThatThrownBy(() -> ChaosOptions.parse(List.of("--engine"))).hasMessage("--engine needs a value");
    }
}
