package dev.latchkey.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class RepeatedTest {
    private final CountDownLatch begun = new CountDownLatch(2);
    private final CountDownLatch never = new CountDownLatch(1);

    @Test
    void whereNotOneRunHasEndedTheFirstOneMayDoSo() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        Repeated repeated = new Repeated(2, Duration.ZERO, worker -> {
            begun.countDown();
            (worker == 0 ? end : never).await();
            return "done";
        });
        begun.await();
        FutureTask<Map<String, Long>> stopped = new FutureTask<>(repeated::stop);
        Thread stopping = Thread.ofPlatform().start(stopped);
        Waiting.until("the join", () -> stopping.getState() == Thread.State.TIMED_WAITING || stopped.isDone());
        end.countDown();

        assertThat(stopped.get()).isEqualTo(Map.of("done", 1L, "unfinished", 1L));
    }

    @Test
    void onceThereIsAResultWhatIsInProgressIsCancelled() throws InterruptedException {
        Repeated repeated = new Repeated(2, Duration.ofMinutes(10), worker -> {
            begun.countDown();
            if (worker == 0) {
                never.await();
            }
            return "done";
        });
        begun.await();
        Waiting.until("a result", () -> !repeated.outcomes().isEmpty());

        assertThat(repeated.stop()).isEqualTo(Map.of("done", 1L, "unfinished", 1L));
    }
}
