package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.TestClock;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ReplayMemoryTest {
    private final TestClock clock = new TestClock();
    private final ReplayMemory memory = new ReplayMemory(clock, 100, 10);

    private Instant in(Duration duration) {
        return clock.instant().plus(duration);
    }

    private boolean isFirst(String clientId, String id) {
        return memory.isFirstUse(clientId, clientId, id, in(Duration.ofMinutes(1)));
    }

    private boolean isFull(String clientId, String id) {
        try {
            assertThat(isFirst(clientId, id)).isTrue();
            return false;
        } catch (Problem full) {
            assertThat(full.status()).isEqualTo(503);
            return true;
        }
    }

    private void fill(String clientId) {
        for (int i = 0; i < 10; i++) {
            assertThat(isFirst(clientId, "id " + i)).isTrue();
        }
    }

    @Test
    void aTokenThatFillsItsShareBlocksNoOther() {
        fill("filler");
        assertThat(isFull("filler", "one more")).isTrue();
        assertThat(isFull("other", "one more")).isFalse();
        assertThat(isFirst("filler", "id 3")).as("what is known stays known").isFalse();
    }

    @Test
    void aShareIsFreeAgainWhenItsIdsExpire() {
        fill("filler");
        clock.advance(Duration.ofMinutes(2));
        fill("filler");
        assertThat(isFull("filler", "one more")).isTrue();
        clock.advance(Duration.ofMinutes(2));
        assertThat(isFull("other", "one more")).isFalse();
        // A later caller clears away what has expired.
        for (int i = 0; i < 10; i++) {
            fill("later " + i);
            clock.advance(Duration.ofMinutes(2));
        }
        assertThat(memory.users()).as("nobody is remembered for nothing").isLessThan(5);
    }

    @Test
    void anIdThatIsUsedTwiceCountsOnce() {
        for (int i = 0; i < 50; i++) {
            assertThat(isFirst("program", "the same")).isEqualTo(i == 0);
        }
        for (int i = 0; i < 9; i++) {
            assertThat(isFull("program", "id " + i)).isFalse();
        }
        assertThat(isFull("program", "one more")).isTrue();
    }

    @Test
    void theSameProofIsUsedOnceByAnySender() {
        assertThat(memory.isFirstUse("one", "key", "id", in(Duration.ofMinutes(1))))
                .isTrue();
        assertThat(memory.isFirstUse("another", "key", "id", in(Duration.ofMinutes(1))))
                .isFalse();
    }

    @Test
    void onTheWholeItIsBoundedToo() {
        for (int i = 0; i < 10; i++) {
            fill("program " + i);
        }
        assertThatThrownBy(() -> isFirst("another", "id")).isInstanceOf(Problem.class);
        clock.advance(Duration.ofMinutes(2));
        assertThat(isFirst("another", "id")).isTrue();
    }

    @Test
    void programsThatComeAtOnceFillASharePreciselyAndUseAnIdOnce() throws Exception {
        List<Callable<Boolean>> uses = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            String id = "id " + i % 8;
            uses.add(() -> isFirst("program", id));
        }
        int first = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Boolean> one : threads.invokeAll(uses)) {
                first += !isRefused(one) && one.get() ? 1 : 0;
            }
        }
        assertThat(first).isEqualTo(8);
        assertThat(isFull("program", "ninth")).isFalse();
        assertThat(isFull("program", "tenth")).isFalse();
        assertThat(isFull("program", "one more")).isTrue();
    }

    /** While two use the same id at once, both count for a moment: then the share may look full. */
    private static boolean isRefused(Future<Boolean> one) {
        return one.state() == Future.State.FAILED && one.exceptionNow() instanceof Problem;
    }
}
