package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that the bench runs. */
class GeneratorTest {
    @Test
    void aCommandThatEndsInTimeIsRead() {
        assertThat(Generator.run(List.of("echo", "done"))).isEqualTo("done\n");
    }

    @Test
    @Timeout(30)
    void aCommandThatNeverEndsIsStopped() {
        assertThatThrownBy(() -> Generator.run(List.of("sleep", "3600"), Map.of(), Duration.ofMillis(200)))
                .isInstanceOf(Generator.TookTooLong.class)
                .hasMessageContaining("sleep 3600");
    }
}
