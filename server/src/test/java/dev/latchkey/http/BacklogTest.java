package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private long now = 1_000_000_000_000L;
    private double chance;
    private final Backlog backlog = new Backlog(() -> 0, () -> now, () -> chance);

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** A request that begins after this wait: whether it is refused. */
    private boolean refusedAfter(Duration wait) {
        AtomicInteger refused = new AtomicInteger();
        backlog.measuring(task -> {
                    pass(wait);
                    task.run();
                })
                .execute(() -> refused.addAndGet(backlog.isTooLong() ? 1 : 0));
        return refused.get() == 1;
    }

    @Test
    void afterAPauseThatPassesNoOneIsRefused() {
        assertThat(refusedAfter(Duration.ofMillis(1))).isFalse();
        assertThat(refusedAfter(Duration.ofMillis(90))).isFalse();
        pass(Duration.ofMillis(300));
        assertThat(refusedAfter(Duration.ofMillis(1))).isFalse();
        assertThat(refusedAfter(Duration.ofMillis(90))).isFalse();
    }

    @Test
    void whileAllWaitLongSomeAreRefused() {
        assertThat(refusedAfter(Duration.ofMillis(90))).isFalse();
        assertThat(refusedAfter(Duration.ofMillis(90))).isTrue();
    }

    @Test
    void theChanceGrowsWithTheWait() {
        pass(Duration.ofMillis(200));
        chance = 0.4;
        assertThat(refusedAfter(Duration.ofMillis(25))).isFalse();
        assertThat(refusedAfter(Duration.ofMillis(30))).isTrue();
        chance = 0;
        assertThat(refusedAfter(Duration.ofMillis(20))).isFalse();
    }

    @Test
    void halfAreServedHoweverLongTheyWaited() {
        pass(Duration.ofSeconds(1));
        chance = 0.5;
        assertThat(refusedAfter(Duration.ofSeconds(2))).isFalse();
        chance = 0.49;
        assertThat(refusedAfter(Duration.ofSeconds(2))).isTrue();
    }

    @Test
    void onceRequestsBeginPromptlyAgainNoOneIsRefused() {
        pass(Duration.ofMillis(200));
        assertThat(refusedAfter(Duration.ofMillis(50))).isTrue();
        assertThat(refusedAfter(Duration.ofMillis(2))).isFalse();
        assertThat(refusedAfter(Duration.ofMillis(50))).isFalse();
    }

    @Test
    void onlyTheFirstRequestOfATaskHasWaited() {
        pass(Duration.ofMillis(200));
        AtomicInteger refused = new AtomicInteger();
        backlog.measuring(task -> {
                    pass(Duration.ofMillis(50));
                    task.run();
                })
                .execute(() -> {
                    refused.addAndGet(backlog.isTooLong() ? 1 : 0);
                    refused.addAndGet(backlog.isTooLong() ? 1 : 0);
                });
        assertThat(refused).hasValue(1);
    }

    @Test
    void whatWasNotMeasuredIsNotRefused() {
        pass(Duration.ofSeconds(1));
        assertThat(backlog.isTooLong()).isFalse();
    }

    @Test
    void fewMayWaitAsLongAsTheyLike() {
        Backlog patient = new Backlog(() -> 2, () -> now, () -> 0);
        Deque<Runnable> begun = new ArrayDeque<>();
        Executor later = patient.measuring(begun::add);
        List<Boolean> refused = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            later.execute(() -> refused.add(patient.isTooLong()));
        }
        pass(Duration.ofSeconds(1));
        begun.forEach(Runnable::run);
        assertThat(refused).containsExactly(true, true, false, false);
    }

    /** After how many requests of 100 µs in a row a connection goes to the end of the line; all of them if it never does. */
    private int turn(int requests, boolean othersWait) {
        Deque<Runnable> waiting = new ArrayDeque<>();
        AtomicInteger answered = new AtomicInteger();
        backlog.measuring(Runnable::run).execute(() -> {
            if (othersWait) {
                backlog.measuring(waiting::add).execute(() -> {});
            }
            do {
                backlog.isTooLong();
                pass(Duration.ofNanos(100_000));
            } while (answered.incrementAndGet() < requests && !backlog.isTurnOver());
        });
        waiting.forEach(Runnable::run);
        return answered.get();
    }

    @Test
    void aConnectionThatNeverRestsGoesToTheEndOfTheLineAfterItsTurn() {
        assertThat(turn(1_000, true)).isEqualTo(5);
    }

    @Test
    void aConnectionContinuesWhileNoOneWaits() {
        assertThat(turn(1_000, false)).isEqualTo(1_000);
    }

    @Test
    void whatWasNotMeasuredHasNoTurn() {
        pass(Duration.ofSeconds(1));
        assertThat(backlog.isTurnOver()).isFalse();
    }
}
