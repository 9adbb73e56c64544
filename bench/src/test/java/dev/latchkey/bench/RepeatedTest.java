package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class RepeatedTest {
    @Test
    void whereNotOneRunHasEndedTheFirstOneMayDoSo() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(2);
        Repeated repeated = new Repeated(2, Duration.ZERO, worker -> {
            begun.countDown();
            Thread.sleep(worker == 0 ? 300 : 600_000);
            return "done";
        });
        begun.await();

        assertThat(repeated.stop()).isEqualTo(Map.of("done", 1L, "unfinished", 1L));
    }

    @Test
    void onceThereIsAResultWhatIsInProgressIsCancelled() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(2);
        Repeated repeated = new Repeated(2, Duration.ofMinutes(10), worker -> {
            begun.countDown();
            Thread.sleep(worker == 0 ? 600_000 : 0);
            return "done";
        });
        begun.await();
        while (repeated.outcomes().isEmpty()) {
            Thread.sleep(1);
        }

        assertThat(repeated.stop()).isEqualTo(Map.of("done", 1L, "unfinished", 1L));
    }
}
