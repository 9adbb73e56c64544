package dev.latchkey.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LaneTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<Lane> lanes = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    /** What the owner of a lane throws when it is full. */
    private static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private Lane lane(int atWork, int waiting, Duration patience) {
        Lane lane = new Lane("test", Lane.Pace.USUAL, new Lane.Bounds(atWork, waiting, patience), Full::new);
        lanes.add(lane);
        return lane;
    }

    @AfterEach
    void close() {
        end.countDown();
        lanes.forEach(Lane::close);
    }

    private static <T> FutureTask<T> onVirtualThread(Supplier<T> work) {
        FutureTask<T> task = new FutureTask<>(work::get);
        Thread.startVirtualThread(task);
        return task;
    }

    /** Takes a place until the test ends. */
    private FutureTask<String> stays(Lane lane) {
        FutureTask<String> task = onVirtualThread(() -> lane.run(() -> {
            awaitEnd();
            return "stayed";
        }));
        return task;
    }

    private void awaitEnd() {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitFigures(Lane lane, int atWork, int waiting) {
        while (lane.figures().atWork() != atWork || lane.figures().waiting() != waiting) {
            // Interrupted when the test takes too long.
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void aVirtualThreadHandsItsWorkToAThreadOfTheLane() throws Exception {
        Lane lane = lane(1, 0, LONG);
        Thread at = onVirtualThread(() -> lane.run(Thread::currentThread)).get();
        assertThat(at.isVirtual()).isFalse();
        assertThat(at.getName()).startsWith("test-lane-");
    }

    @Test
    void aPlatformThreadDoesTheWorkItself() {
        assertThat(lane(1, 0, LONG).run(Thread::currentThread)).isSameAs(Thread.currentThread());
    }

    @Test
    void workThatNeverGivesWayLeavesTheCarriersToOthers() throws Exception {
        int many = 2 * Runtime.getRuntime().availableProcessors();
        Lane lane = lane(many, 0, LONG);
        AtomicBoolean over = new AtomicBoolean();
        List<FutureTask<Boolean>> computing = Stream.generate(() -> onVirtualThread(() -> lane.run(() -> {
                    while (!over.get() && end.getCount() > 0) {
                        Thread.onSpinWait();
                    }
                    return true;
                })))
                .limit(many)
                .toList();
        awaitFigures(lane, many, 0);
        // On the carriers, none of this would ever begin.
        onVirtualThread(() -> over.getAndSet(true)).get(30, TimeUnit.SECONDS);
        for (FutureTask<Boolean> task : computing) {
            assertThat(task.get()).isTrue();
        }
    }

    @Test
    void soManyAreAtWorkSoManyWaitAndTheNextIsRefusedAtOnce() throws Exception {
        Lane lane = lane(2, 1, LONG);
        List<FutureTask<String>> three = List.of(stays(lane), stays(lane), stays(lane));
        awaitFigures(lane, 2, 1);
        assertThatThrownBy(() -> lane.run(() -> "too many")).isInstanceOf(Full.class);
        assertThatThrownBy(
                        () -> onVirtualThread(() -> lane.run(() -> "too many")).get())
                .hasCauseInstanceOf(Full.class);
        end.countDown();
        for (FutureTask<String> task : three) {
            assertThat(task.get()).isEqualTo("stayed");
        }
        assertThat(lane.figures().atWork()).isZero();
        assertThat(lane.figures().waiting()).isZero();
        assertThat(lane.figures().done().number()).isEqualTo(3);
        assertThat(lane.figures().done().nanos()).isPositive();
        assertThat(lane.figures().waitedNanos()).isPositive();
        assertThat(lane.figures().refused()).isEqualTo(2);
        assertThat(lane.run(() -> "room again")).isEqualTo("room again");
    }

    @Test
    void whoWaitsTooLongIsRefused() {
        Lane lane = lane(1, 10, Duration.ofMillis(20));
        stays(lane);
        awaitFigures(lane, 1, 0);
        assertThatThrownBy(() -> lane.run(() -> "late")).isInstanceOf(Full.class);
        assertThat(lane.figures().waiting()).isZero();
    }

    @Test
    void thoseWhoWaitGetTheirTurnInOrder() throws Exception {
        Lane lane = lane(1, 10, LONG);
        stays(lane);
        awaitFigures(lane, 1, 0);
        List<Integer> order = new ArrayList<>();
        List<FutureTask<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            waiting.add(onVirtualThread(() -> lane.run(() -> order.add(number))));
            awaitFigures(lane, 1, i + 1);
        }
        end.countDown();
        for (FutureTask<Boolean> task : waiting) {
            task.get();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void whatTheWorkThrowsReachesTheCallerAndFreesThePlace() {
        Lane lane = lane(1, 0, LONG);
        Supplier<String> failing = () -> {
            throw new UncheckedIOException(new java.io.IOException("disk"));
        };
        assertThatThrownBy(() -> lane.run(failing)).isInstanceOf(UncheckedIOException.class);
        assertThatThrownBy(() -> onVirtualThread(() -> lane.run(failing)).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(UncheckedIOException.class);
        Supplier<String> broken = () -> {
            throw new StackOverflowError();
        };
        assertThatThrownBy(() -> onVirtualThread(() -> lane.run(broken)).get())
                .hasCauseInstanceOf(StackOverflowError.class);
        assertThat(lane.run(() -> "free")).isEqualTo("free");
    }

    @Test
    void aLaneIsNotEnteredAgainFromItsOwnWork() throws Exception {
        Lane lane = lane(2, 2, LONG);
        Lane other = lane(1, 0, LONG);
        assertThatThrownBy(() -> lane.run(() -> lane.run(() -> "twice"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> onVirtualThread(() -> lane.run(() -> lane.run(() -> "twice")))
                        .get())
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(lane.run(() -> other.run(() -> "one after the other"))).isEqualTo("one after the other");
        assertThat(lane.run(() -> "afterwards")).isEqualTo("afterwards");
    }

    @Test
    void anInterruptedCallerKeepsItsPlaceUntilTheWorkIsDone() throws Exception {
        Lane lane = lane(1, 0, LONG);
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread caller = Thread.startVirtualThread(() -> {
            lane.run(() -> {
                awaitEnd();
                return "done";
            });
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        awaitFigures(lane, 1, 0);
        caller.interrupt();
        assertThatThrownBy(() -> lane.run(() -> "too many")).isInstanceOf(Full.class);
        end.countDown();
        caller.join();
        assertThat(interrupted).isTrue();
    }

    @Test
    void aCallerThatIsInterruptedIsTurnedAwayAndIsNotCountedAsOneForWhomThereWasNoRoom() {
        Lane lane = lane(1, 1, LONG);
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> lane.run(() -> "worked")).isInstanceOf(Full.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(lane.figures().refused()).isZero();
    }

    @Test
    void aClosedLaneRefusesVirtualThreads() {
        Lane lane = lane(1, 0, LONG);
        lane.close();
        assertThatThrownBy(() -> onVirtualThread(() -> lane.run(() -> "late")).get())
                .hasCauseInstanceOf(Full.class);
    }

    @Test
    void aLaneThatGivesWayWorksLikeAnyOther() throws Exception {
        Lane lane = new Lane("slow", Lane.Pace.GIVING_WAY, new Lane.Bounds(1, 0, LONG), Full::new);
        lanes.add(lane);
        assertThat(onVirtualThread(() -> lane.run(() -> Thread.currentThread().getName()))
                        .get())
                .startsWith("slow-lane-");
    }

    @Test
    void aShareLetsSomeWorkPassAndThenRestsInProportion() {
        Share quarter = new Share(0.25);
        long second = TimeUnit.SECONDS.toNanos(1);
        long now = Long.MAX_VALUE - second;
        // Time that was not used for a while may be used at once: two seconds of work, at a quarter.
        assertThat(quarter.restAfter(second, now)).isNegative();
        assertThat(quarter.restAfter(second, now)).isZero();
        assertThat(quarter.restAfter(second, now)).isEqualTo(4 * second);
        assertThat(quarter.restAfter(second, now + 5 * second)).isEqualTo(3 * second);
        // A long rest earns no more than that.
        assertThat(quarter.restAfter(second, now + 1_000 * second)).isNegative();
        assertThat(quarter.restAfter(second, now + 1_000 * second)).isZero();
        assertThat(quarter.restAfter(second, now + 1_000 * second)).isEqualTo(4 * second);
    }

    @Test
    void aLaneWithAShareKeepsItsPlaceEmptyWhileItRests() {
        Lane lane = new Lane("resting", Lane.Pace.USUAL, new Lane.Bounds(1, 0, LONG), new Share(1e-9), Full::new);
        lanes.add(lane);
        assertThat(lane.run(() -> {
                    long began = System.nanoTime();
                    while (System.nanoTime() - began < 1_000_000) {
                        Thread.onSpinWait();
                    }
                    return "first";
                }))
                .isEqualTo("first");
        assertThatThrownBy(() -> lane.run(() -> "second")).isInstanceOf(Full.class);
    }
}
