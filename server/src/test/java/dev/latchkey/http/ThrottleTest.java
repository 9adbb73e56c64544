package dev.latchkey.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.TestClock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final TestClock clock = new TestClock();
    private final Throttle throttle = new Throttle(3, clock::nanoTime);

    private void fail(String key, int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed(key);
        }
    }

    @Test
    void aFewFailuresCostNothingAndThenTheWaitDoublesUpToAMinute() {
        fail("a", 3);
        assertThat(throttle.wait("a")).isZero();
        for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            throttle.failed("a");
            assertThat(throttle.wait("a")).isEqualTo(Duration.ofSeconds(seconds));
        }
        assertThat(throttle.wait("b")).isZero();
    }

    @Test
    void theWaitEndsWithTime() {
        fail("a", 5);
        clock.advance(Duration.ofSeconds(2));
        assertThat(throttle.wait("a")).isZero();
    }

    @Test
    void aClockThatIsSetLocksNoOneOutAndLetsNoOneIn() {
        clock.set(clock.instant().plus(Duration.ofHours(1)));
        throttle.failed("once");
        fail("often", 5);
        clock.set(clock.instant().minus(Duration.ofHours(1)));
        assertThat(throttle.wait("once")).isZero();
        assertThat(throttle.attempt("once")).isZero();
        assertThat(throttle.wait("often")).isEqualTo(Duration.ofSeconds(2));
        clock.set(clock.instant().plus(Duration.ofHours(9)));
        assertThat(throttle.wait("often")).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aFreeFailureSetsNoWaitHoweverManyComeAtOnce() throws Exception {
        Throttle busy = new Throttle(50, System::nanoTime);
        List<Callable<Duration>> attempts = Collections.nCopies(40, () -> busy.attempt("a"));
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 50; round++) {
                for (Future<Duration> wait : threads.invokeAll(attempts)) {
                    assertThat(wait.get()).isZero();
                }
                for (int i = 0; i < attempts.size(); i++) {
                    busy.forgive("a");
                }
            }
        }
    }

    @Test
    void aSuccessForgives() {
        fail("a", 10);
        throttle.succeeded("a");
        fail("a", 3);
        assertThat(throttle.wait("a")).isZero();
    }

    @Test
    void anHourOfPeaceForgivesToo() {
        fail("a", 10);
        clock.advance(Duration.ofMinutes(61));
        throttle.failed("a");
        assertThat(throttle.wait("a")).isZero();
    }

    @Test
    void anIpv6CallerIsKnownByItsNetworkAndAnIpv4CallerByItsAddress() {
        assertThat(Throttle.network("2001:db8:1:2:3:4:5:6")).isEqualTo(Throttle.network("2001:db8:1:2::1"));
        assertThat(Throttle.network("2001:db8:1:2::1")).isNotEqualTo(Throttle.network("2001:db8:1:3::1"));
        assertThat(Throttle.network("fe80::1%eth0")).isEqualTo(Throttle.network("fe80::2"));
        assertThat(Throttle.network("192.0.2.1")).isNotEqualTo(Throttle.network("192.0.2.2"));
    }
}
