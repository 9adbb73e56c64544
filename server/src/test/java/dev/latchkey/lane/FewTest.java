package dev.latchkey.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FewTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    private final Few few = new Few(3, now::get);

    @Test
    void soManyPassInAMinuteAndTheNextOneTellsHowManyDidNot() {
        for (int i = 0; i < 3; i++) {
            assertThat(few.next()).isEqualTo(OptionalLong.of(0));
        }
        for (int i = 0; i < 1_000; i++) {
            assertThat(few.next()).isEmpty();
        }
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(few.next()).isEqualTo(OptionalLong.of(1_000));
        assertThat(few.next()).isEqualTo(OptionalLong.of(0));
    }
}
