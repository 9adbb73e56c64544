package dev.latchkey.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimiterTest {
    private final TestClock clock = new TestClock();
    private final Limiter limiter = new Limiter(clock, clock::nanoTime, (key, period) -> 0, false);

    private static Limited token(String id, CallLimits limits) {
        return Limited.token(id, limits);
    }

    private static CallLimits perSecond(int rate, Integer burst) {
        return new CallLimits(rate, burst, null, null, null);
    }

    private static CallLimits perDay(long most) {
        return new CallLimits(null, null, most, null, null);
    }

    private int passing(Limited limited, int calls) {
        return (int) Stream.generate(() -> limiter.call(List.of(limited)))
                .limit(calls)
                .filter(Taken.Within.class::isInstance)
                .count();
    }

    @ParameterizedTest
    @CsvSource({"10,, 10", "10, 25, 25", "1, 1, 1", "3, 5, 5", "100000, 1000, 1000"})
    void asManyCallsAsTheBurstPassAtOnceAndThenTheRate(int rate, Integer burst, int atOnce) {
        Limited limited = token("a", perSecond(rate, burst));
        assertThat(passing(limited, atOnce + 100)).isEqualTo(atOnce);
        clock.advance(Duration.ofSeconds(1));
        assertThat(passing(limited, rate + atOnce + 100)).isBetween(Math.min(rate, atOnce), Math.min(rate, atOnce) + 1);
        clock.advance(Duration.ofHours(1));
        assertThat(passing(limited, atOnce + 100))
                .as("never more than the burst")
                .isEqualTo(atOnce);
    }

    @Test
    void aRefusalSaysInHowManySecondsThereIsRoom() {
        Limited limited = token("a", perSecond(1, 3));
        assertThat(passing(limited, 3)).isEqualTo(3);
        Taken.Beyond beyond = (Taken.Beyond) limiter.call(List.of(limited));
        assertThat(beyond.retryAfter()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(beyond.retryAfter()));
        assertThat(passing(limited, 2)).isEqualTo(1);
    }

    @Test
    void aCallIsTakenOutOfAllLimitsOrOutOfNone() {
        Limited narrow = token("a", perDay(1));
        Limited wide = Limited.api("billing", new CallLimits(5, 5, 5L, 5L, null));
        assertThat(limiter.call(List.of(wide, narrow))).isInstanceOf(Taken.Within.class);
        for (int i = 0; i < 20; i++) {
            assertThat(limiter.call(List.of(wide, narrow))).isInstanceOf(Taken.Beyond.class);
        }
        assertThat(passing(wide, 20)).isEqualTo(4);
    }

    @Test
    void theLimitThatRefusesForTheLongestIsNamed() {
        Limited limited = token("a", new CallLimits(1, 1, 1L, 1L, null));
        assertThat(passing(limited, 1)).isEqualTo(1);
        Taken.Beyond beyond = (Taken.Beyond) limiter.call(List.of(limited));
        assertThat(beyond.standing().policy()).isEqualTo("token-per-month");
    }

    @Test
    void aLimitThatIsRaisedIsOpenAtOnce() {
        assertThat(passing(token("a", perSecond(1, 100)), 200)).isEqualTo(100);
        Limited raised = token("a", perSecond(100, 100));
        assertThat(passing(raised, 200)).isZero();
        clock.advance(Duration.ofSeconds(1));
        assertThat(passing(raised, 200)).isBetween(100, 101);
    }

    @Test
    void accessTokensAndCallsAreCountedApart() {
        Limited limited = token("a", new CallLimits(null, null, 1L, null, 1));
        assertThat(limiter.issue(List.of(limited))).isInstanceOf(Taken.Within.class);
        assertThat(limiter.issue(List.of(limited))).isInstanceOf(Taken.Beyond.class);
        assertThat(passing(limited, 2)).isEqualTo(1);
    }

    @Test
    void settingTheClockOpensNoRate() {
        Limited limited = token("a", perSecond(1, 1));
        assertThat(passing(limited, 2)).isEqualTo(1);
        clock.set(clock.instant().plus(Duration.ofDays(3)));
        assertThat(passing(limited, 1)).isZero();
    }

    @Test
    void aClockThatIsSetBackALittleDoesNotBeginADayAgain() {
        clock.advance(Duration.ofHours(12));
        Limited limited = token("a", perDay(2));
        assertThat(passing(limited, 3)).isEqualTo(2);
        clock.set(clock.instant().minusSeconds(2));
        assertThat(passing(limited, 1)).isZero();
        clock.set(clock.instant().plusSeconds(4));
        assertThat(passing(limited, 1)).isZero();
    }

    @Test
    void callersAtTheSameTimeGetNoMoreThanThereIs() throws InterruptedException {
        Limited limited = token("a", new CallLimits(1, 700, 500L, null, null));
        AtomicInteger passed = new AtomicInteger();
        List<Thread> callers = IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofPlatform().start(() -> passed.addAndGet(passing(limited, 500))))
                .toList();
        for (Thread caller : callers) {
            caller.join();
        }
        assertThat(passed).hasValue(500);
    }

    @Test
    void whatIsWholeAgainIsForgotten() {
        for (int i = 0; i < 1_000; i++) {
            passing(token("t" + i, perSecond(10, 10)), 1);
        }
        assertThat(limiter.counted()).isEqualTo(1_000);
        clock.advance(Duration.ofSeconds(2));
        limiter.tidy();
        assertThat(limiter.counted()).isZero();
    }

    @Test
    void beyondTheBoundACallThatNeedsAnotherCountIsRefused() {
        for (int i = 0; i < Limiter.MOST_COUNTS; i++) {
            limiter.call(List.of(token("t" + i, perDay(5))));
        }
        assertThat(limiter.counted()).isEqualTo(Limiter.MOST_COUNTS);
        assertThat(limiter.call(List.of(token("one more", perDay(5))))).isInstanceOf(Taken.Beyond.class);
        assertThat(limiter.call(List.of(token("t7", perDay(5))))).isInstanceOf(Taken.Within.class);
        assertThat(limiter.call(List.of())).isInstanceOf(Taken.Within.class);
    }
}
