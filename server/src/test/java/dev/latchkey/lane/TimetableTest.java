package dev.latchkey.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class TimetableTest {
    private static final Duration OFTEN = Duration.ofMillis(1);
    private static final Duration NEVER = Duration.ofDays(1);

    @Test
    void aTaskRunsAgainAndAgain() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(3);
        try (Timetable timetable = new Timetable()) {
            timetable.every(OFTEN, "counting", runs::countDown, "Counting fails");
            runs.await();
        }
    }

    @Test
    void aTaskThatFailsIsTriedAgainAndTheLogSaysSoOnce() throws InterruptedException {
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Timetable.class);
        logger.addAppender(appender);
        CountDownLatch runs = new CountDownLatch(3);
        try (Timetable timetable = new Timetable()) {
            timetable.every(
                    OFTEN,
                    "failing",
                    () -> {
                        runs.countDown();
                        if (runs.getCount() < 2) {
                            throw new AssertionError("an error ends nothing, either");
                        }
                        throw new IllegalStateException("the reason");
                    },
                    "Nothing can be written now");
            runs.await();
        } finally {
            logger.detachAppender(appender);
        }
        assertThat(appender.list.stream()
                        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                        .map(ILoggingEvent::getFormattedMessage)
                        .filter(message -> message.startsWith("Nothing can be written now")))
                .containsExactly("Nothing can be written now: the reason");
    }

    @Test
    void aTaskThatLeavesItsThreadInterruptedIsNotOver() throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(3);
        try (Timetable timetable = new Timetable()) {
            timetable.every(
                    OFTEN,
                    "interrupted",
                    () -> {
                        runs.countDown();
                        Thread.currentThread().interrupt();
                    },
                    "It fails");
            runs.await();
        }
    }

    @Test
    void aTaskThatHangsHoldsUpNoOther() throws InterruptedException {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch runs = new CountDownLatch(3);
        try (Timetable timetable = new Timetable()) {
            timetable.every(
                    OFTEN,
                    "hanging",
                    () -> {
                        hangs.countDown();
                        pause();
                    },
                    "Hanging fails");
            hangs.await();
            timetable.every(OFTEN, "counting", runs::countDown, "Counting fails");
            runs.await();
        }
    }

    @Test
    void aTaskThatIsWantedSoonDoesNotWaitForItsInterval() throws InterruptedException {
        CountDownLatch run = new CountDownLatch(1);
        try (Timetable timetable = new Timetable()) {
            timetable.every(NEVER, "wanted", run::countDown, "It fails").soon();
            run.await();
        }
    }

    @Test
    void whoWantsATaskWhileItRunsGetsOneMoreRun() throws InterruptedException {
        Semaphore begun = new Semaphore(0);
        Semaphore goesOn = new Semaphore(0);
        try (Timetable timetable = new Timetable()) {
            Timetable.Entry entry = timetable.every(
                    NEVER,
                    "wanted",
                    () -> {
                        begun.release();
                        goesOn.acquireUninterruptibly();
                    },
                    "It fails");
            entry.soon();
            begun.acquire();
            for (int i = 0; i < 100; i++) {
                entry.soon();
            }
            goesOn.release(1_000);
            begun.acquire();
            // All hundred asked for the same run.
            assertThat(begun.tryAcquire(50, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @Test
    void closingWaitsForWhatHasBegunAndNothingRunsAfterwards() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Timetable timetable = new Timetable();
        timetable.every(
                OFTEN,
                "slow until closed",
                () -> {
                    begun.countDown();
                    pause();
                    ended.set(true);
                },
                "It fails");
        timetable.every(OFTEN, "counting until closed", () -> {}, "It fails");
        begun.await();
        timetable.close();
        assertThat(ended).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("slow until closed", "counting until closed");
        assertThatThrownBy(() -> timetable.every(OFTEN, "late", () -> {}, "It fails"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatHasBegunIsNotInterruptedBeforeItHadTimeToFinish() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        Timetable timetable = new Timetable();
        timetable.every(
                OFTEN,
                "writing",
                () -> {
                    begun.countDown();
                    try {
                        // Until the other one has ended, which it does when the timetable is being closed.
                        closing.await();
                    } catch (InterruptedException e) {
                        interrupted.set(true);
                    }
                },
                "It fails");
        Thread waiting = threadOf(timetable);
        begun.await();
        Thread closer = Thread.ofVirtual().start(timetable::close);
        waiting.join();
        closing.countDown();
        closer.join();
        assertThat(interrupted).isFalse();
    }

    /** The thread of a task that waits until it is closed. */
    private static Thread threadOf(Timetable timetable) {
        timetable.every(NEVER, "waiting for its day", () -> {}, "It fails");
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("waiting for its day"))
                .findFirst()
                .orElseThrow();
    }

    /** Until it is interrupted, as closing does in the end. */
    private static void pause() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
