package dev.latchkey.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arithmetic of limits among nodes, with a clock and a database of its own: nothing here takes real time. */
class SharedLimitsTest {
    private static final Duration STEP = Duration.ofMillis(1);

    private final TestClock clock = new TestClock();

    /** The rows of the database. */
    private final Map<Key, Shared> rows = new HashMap<>();

    private final Random random = new Random(7);
    private final List<Node> nodes = new ArrayList<>();
    private boolean silent;

    /** How far the database's clock is ahead of the nodes'. */
    private Duration behind = Duration.ZERO;

    /** A node: it exchanges with the database every 200 ms, or earlier when it needs to, as the real one does. */
    private final class Node {
        final Limiter limiter = new Limiter(
                clock,
                clock::nanoTime,
                (key, period) -> rows.containsKey(key) && rows.get(key).period() == period
                        ? rows.get(key).taken()
                        : 0,
                true);

        boolean woken;
        boolean lost;
        long next;
        long last = -1_000;
        double due;
        long passed;

        Node() {
            limiter.onNeed(() -> woken = true);
            next = random.nextInt(200);
        }

        void step(long millis, Limited limited, double perStep, boolean reachable) {
            if (lost) {
                return;
            }
            for (due += perStep; due >= 1; due--) {
                passed += limiter.call(List.of(limited)) instanceof Taken.Within ? 1 : 0;
            }
            if (reachable && (millis >= next || woken) && millis - last >= 100) {
                woken = false;
                exchange(false);
                last = millis;
                // The database takes its time, and not always the same.
                next = millis + 200 + random.nextInt(50);
            }
        }

        void exchange(boolean stopping) {
            limiter.tidy();
            for (Ask ask : limiter.asks(stopping)) {
                Shared.Answer answer = Shared.answer(
                        ask, rows.get(ask.key()), (clock.millis() + behind.toMillis()) * 1_000_000, nodes.size());
                rows.put(ask.key(), answer.count());
                limiter.answered(ask, answer);
            }
            limiter.sharedBy(nodes.size());
        }
    }

    private void start(int count) {
        Stream.generate(Node::new).limit(count).forEach(nodes::add);
        nodes.forEach(node -> node.limiter.sharedBy(count));
    }

    /**
     * Calls for some time.
     *
     * @param perSecond so many calls at each node that is called
     * @param called which nodes are called
     * @return how many of them passed
     */
    private long call(Limited limited, Duration time, double perSecond, IntPredicate called) {
        long before = passed();
        for (long millis = 0; millis < time.toMillis(); millis++) {
            long now = Duration.ofNanos(clock.nanoTime()).toMillis();
            for (int i = 0; i < nodes.size(); i++) {
                nodes.get(i).step(now, limited, called.test(i) ? perSecond / 1_000 : 0, !silent);
            }
            clock.advance(STEP);
        }
        return passed() - before;
    }

    private long passed() {
        return nodes.stream().mapToLong(node -> node.passed).sum();
    }

    private static Limited perSecond(int rate, Integer burst) {
        return Limited.api("billing", new CallLimits(rate, burst, null, null, null));
    }

    private static Limited perDay(long most) {
        return Limited.api("billing", new CallLimits(null, null, most, null, null));
    }

    private static void assertWithin(long passed, double ideal) {
        assertThat((double) passed).isBetween(ideal * 0.99 - 1, ideal * 1.05 + 1);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 100", "3, 3", "10, 20", "10, 1", "100, 100", "100, 5", "1000, 3000", "300, 1"})
    void threeNodesWithTenTimesTooMuchLetThroughWhatTheRateAllows(int rate, int burst) {
        start(3);
        long passed = call(perSecond(rate, burst), Duration.ofMinutes(1), 10.0 * rate / 3, node -> true);
        assertWithin(passed, 60.0 * rate + burst);
    }

    @ParameterizedTest
    @CsvSource({"10, 20", "100, 100"})
    void aRateIsNotLostWhereOnlyOneNodeIsCalled(int rate, int burst) {
        start(3);
        long passed = call(perSecond(rate, burst), Duration.ofMinutes(1), 10.0 * rate, node -> node == 1);
        assertWithin(passed, 60.0 * rate + burst);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aLimitThatIsRaisedAfterALargeBurstIsOpenAtOnce(int count) {
        start(count);
        call(perSecond(1, 100), Duration.ofSeconds(20), 100, node -> true);
        Limited raised = perSecond(100, 100);
        call(raised, Duration.ofSeconds(1), 100, node -> true);
        assertWithin(call(raised, Duration.ofSeconds(20), 400, node -> true), 20 * 100);
    }

    @Test
    void whatIsOwedOfARateNeverClosesItForLong() {
        Key key = new Key(Whose.API, "billing", Measure.SECOND);
        long now = clock.millis() * 1_000_000;
        long second = Duration.ofSeconds(1).toNanos();
        CallLimits limits = new CallLimits(1, 10, null, null, null);
        Shared.Answer answer = Shared.answer(new Ask(key, limits, 0, 3_000, 0, 5), null, now, 3);
        assertThat(answer.got()).isZero();
        assertThat(answer.count().taken()).isLessThanOrEqualTo(now + 16 * second);
        Shared.Answer later = Shared.answer(new Ask(key, limits, 0, 0, 0, 5), answer.count(), now + 7 * second, 3);
        assertThat(later.got()).isPositive();
    }

    @Test
    void callsBelowTheRateAllPass() {
        start(3);
        // Half of the rate at one node, a tenth at each of the others.
        Limited limited = perSecond(100, 100);
        long passed = call(limited, Duration.ofSeconds(20), 50, node -> node == 0)
                + call(limited, Duration.ofSeconds(20), 10, node -> node != 0);
        assertThat(passed).isGreaterThanOrEqualTo((long) (0.99 * (20 * 50 + 20 * 20)));
    }

    @Test
    void aLostNodeTakesAtMostOnePartWithItAndTheOthersGetTheWholeRate() {
        start(3);
        Limited limited = perSecond(100, 100);
        long before = call(limited, Duration.ofSeconds(30), 334, node -> true);
        nodes.get(2).lost = true;
        long after = call(limited, Duration.ofSeconds(30), 334, node -> true);
        assertWithin(before, 30 * 100 + 100);
        assertThat((double) after).isBetween(30 * 100 * 0.99 - 50, 30 * 100 * 1.05);
    }

    @Test
    void nodesThatStopGiveBackWhatTheyHaveNotUsed() {
        start(3);
        Limited limited = perDay(900);
        long passed = call(limited, Duration.ofMillis(500), 300, node -> true);
        nodes.forEach(node -> node.exchange(true));
        assertThat(rows.get(Key.of(limited, Measure.DAY)).taken()).isEqualTo(passed);
    }

    @ParameterizedTest
    @CsvSource({"10000, 1000", "1000, 1000", "100, 1000", "10, 100"})
    void threeNodesWithTenTimesTooMuchLetThroughWhatTheQuotaAllows(long most, double perSecond) {
        start(3);
        long passed = call(perDay(most), Duration.ofSeconds(60), perSecond, node -> true);
        assertThat(passed).isBetween((long) (0.99 * most), Math.max(most + 2, (long) (1.05 * most)));
    }

    @Test
    void aQuotaIsUsedUpWhereOnlyOneNodeIsCalledAfterTheOthers() {
        start(3);
        Limited limited = perDay(1000);
        long passed = call(limited, Duration.ofMillis(300), 500, node -> true)
                + call(limited, Duration.ofSeconds(10), 1000, node -> node == 0);
        assertThat(passed).isBetween(990L, 1000L);
    }

    @Test
    void aNodeThatStartsLaterKnowsWhatWasUsed() {
        start(2);
        Limited limited = perDay(100);
        assertThat(call(limited, Duration.ofSeconds(5), 100, node -> true)).isBetween(99L, 101L);
        nodes.clear();
        start(1);
        assertThat(call(limited, Duration.ofSeconds(5), 100, node -> true)).isZero();
    }

    @Test
    void whileTheDatabaseIsSilentEachNodeGoesOnWithItsShare() {
        start(3);
        Limited limited = perSecond(90, 90);
        call(limited, Duration.ofSeconds(10), 300, node -> true);
        silent = true;
        call(limited, Duration.ofSeconds(3), 300, node -> true);
        long passed = call(limited, Duration.ofSeconds(30), 300, node -> true);
        assertThat((double) passed).isBetween(30 * 90 * 0.9, 30 * 90 * 1.05);
        silent = false;
        call(limited, Duration.ofSeconds(5), 300, node -> true);
        assertWithin(call(limited, Duration.ofSeconds(60), 300, node -> true), 60 * 90);
    }

    @Test
    void aQuotaIsNeitherOpenNorClosedWhileTheDatabaseIsSilent() {
        start(3);
        Limited limited = perDay(3_000);
        call(limited, Duration.ofSeconds(1), 100, node -> true);
        silent = true;
        call(limited, Duration.ofSeconds(60), 1_000, node -> true);
        assertThat(passed()).isBetween(2_700L, 3_150L);
    }

    @Test
    void aNodeThatIsCutOffDoesNotSendItsCallersAwayUntilTheNextPeriod() {
        start(3);
        Limited limited = perDay(300);
        call(limited, Duration.ofSeconds(1), 10, node -> true);
        silent = true;
        call(limited, Duration.ofSeconds(10), 1_000, node -> node == 0);
        assertThat(nodes.getFirst().limiter.call(List.of(limited)))
                .isInstanceOfSatisfying(
                        Taken.Beyond.class,
                        beyond -> assertThat(beyond.retryAfter())
                                .as("the other nodes may have more, as soon as the database answers")
                                .isEqualTo(1));
    }

    @Test
    void aNodeThatIsOnlyLateDoesNotTakeTheShareOfOneThatIsCutOff() {
        start(3);
        Limited limited = perDay(300);
        call(limited, Duration.ofSeconds(1), 30, node -> node == 0);
        silent = true;
        long late = call(limited, Duration.ofSeconds(2), 300, node -> node == 0);
        nodes.getFirst().limiter.unanswered();
        long cutOff = call(limited, Duration.ofSeconds(2), 300, node -> node == 0);
        assertThat(late).isLessThan(75);
        assertThat(cutOff).isGreaterThan(75);
    }

    @Test
    void aNewPeriodBeginsWithTheWholeQuotaAtAllNodes() {
        start(3);
        Limited limited = perDay(300);
        assertThat(call(limited, Duration.ofSeconds(10), 300, node -> true)).isBetween(297L, 303L);
        clock.advance(Duration.ofHours(12));
        assertThat(call(limited, Duration.ofSeconds(10), 300, node -> true)).isBetween(297L, 303L);
    }

    @Test
    void aRowOfAPeriodThatIsFarAheadSwitchesNoQuotaOff() {
        start(3);
        Limited limited = perDay(300);
        Key key = Key.of(limited, Measure.DAY);
        rows.put(
                key,
                new Shared(
                        Measure.DAY.start(clock.millis() + Duration.ofDays(400).toMillis()), 7));
        assertThat(call(limited, Duration.ofSeconds(20), 300, node -> true)).isBetween(297L, 303L);
        assertThat(rows.get(key).period()).isEqualTo(Measure.DAY.start(clock.millis()));
    }

    @Test
    void aNodeWhoseClockIsFarAheadDoesNotBeginThePeriodOfTheOthersAgain() {
        Key key = new Key(Whose.API, "billing", Measure.DAY);
        CallLimits limits = new CallLimits(null, null, 300L, null, null);
        Shared today = new Shared(Measure.DAY.start(clock.millis()), 200);
        long ahead = Measure.DAY.start(clock.millis() + Duration.ofDays(400).toMillis());
        Shared.Answer answer =
                Shared.answer(new Ask(key, limits, ahead, 5, 0, 5), today, clock.millis() * 1_000_000, 2);
        assertThat(answer.count()).isEqualTo(today);
        assertThat(answer.got()).isZero();
    }

    @Test
    void aNodeThatIsStillInTheDayBeforeForgivesNothingWhenTheOthersBeginTheNext() {
        start(1);
        Limited limited = perDay(300);
        Key key = Key.of(limited, Measure.DAY);
        long passed = call(limited, Duration.ofSeconds(2), 100, node -> true);
        rows.put(key, new Shared(Measure.DAY.end(Measure.DAY.start(clock.millis())), 1));
        behind = Duration.ofHours(12);
        assertThat(passed + call(limited, Duration.ofSeconds(20), 100, node -> true))
                .isBetween(297L, 303L);
    }
}
