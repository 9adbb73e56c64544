package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import dev.latchkey.TestClock;
import dev.latchkey.Waiting;
import dev.latchkey.oauth.RemoteKeys.Fetched;
import dev.latchkey.oauth.RemoteKeys.UnavailableKeysException;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RemoteKeysTest {
    /** All threads, and then some. */
    private static final int CROWD = 300;

    private static final Duration KEPT = Duration.ofMinutes(5);

    private final TestClock clock = new TestClock();
    private final AtomicInteger fetches = new AtomicInteger();
    private final CountDownLatch answers = new CountDownLatch(1);
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private final RemoteKeys keys = new RemoteKeys(this::fetch, clock);
    private volatile boolean silent;
    private volatile boolean failing;

    @AfterEach
    void end() {
        answers.countDown();
        callers.shutdownNow();
    }

    private List<JWK> fetch() throws ParseException {
        fetches.incrementAndGet();
        if (failing) {
            throw new ParseException("no keys today", 0);
        }
        if (silent) {
            try {
                answers.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return List.of();
    }

    private List<Future<Fetched>> crowd(Callable<Fetched> call) {
        List<Future<Fetched>> crowd = new ArrayList<>();
        for (int i = 0; i < CROWD; i++) {
            crowd.add(callers.submit(call));
        }
        return crowd;
    }

    @Test
    void whileTheHostIsSilentOldKeysHoldNoOneUp() throws Exception {
        Fetched old = keys.get();
        clock.advance(KEPT.plusMinutes(1));
        silent = true;
        for (Future<Fetched> one : crowd(keys::get)) {
            assertThat(one.get(10, TimeUnit.SECONDS)).isSameAs(old);
        }
        assertThat(fetches).as("one of them at a time").hasValue(2);
    }

    @Test
    void whenThePlaceAnswersOldKeysAreReplacedBeforeTheyAreUsed() {
        Fetched old = keys.get();
        clock.advance(KEPT.plusMinutes(1));
        assertThat(keys.get()).as("a key that was withdrawn meanwhile").isNotSameAs(old);
    }

    @Test
    void anAnswerThatComesLateIsUsedByTheNext() throws Exception {
        Fetched old = keys.get();
        clock.advance(KEPT.plusMinutes(1));
        silent = true;
        assertThat(keys.get()).isSameAs(old);
        answers.countDown();
        Waiting.until("the later answer", () -> keys.get() != old);
        assertThat(fetches).hasValue(2);
    }

    @Test
    void withoutAnyKeysOnlyAFewWaitForASilentPlace() throws Exception {
        silent = true;
        List<Future<Fetched>> crowd = crowd(keys::get);
        Waiting.until("those who do not fit", () -> waiting(crowd) <= 8);
        assertThat(waiting(crowd)).isEqualTo(8);
        assertThat(fetches).hasValue(1);
        answers.countDown();
        int served = 0;
        for (Future<Fetched> one : crowd) {
            try {
                assertThat(one.get(10, TimeUnit.SECONDS)).isNotNull();
                served++;
            } catch (ExecutionException e) {
                assertThat(e.getCause())
                        .isInstanceOf(UnavailableKeysException.class)
                        .hasMessageContaining("cannot be fetched now");
            }
        }
        assertThat(served).isEqualTo(8);
    }

    private static long waiting(List<Future<Fetched>> crowd) {
        return crowd.stream().filter(one -> !one.isDone()).count();
    }

    @Test
    void aFailureIsRememberedForAMomentAndOldKeysEndAfterAnHour() {
        keys.get();
        failing = true;
        clock.advance(KEPT.plusMinutes(1));
        keys.get();
        keys.get();
        assertThat(fetches).as("not again within seconds").hasValue(2);
        clock.advance(Duration.ofHours(1));
        assertThatThrownBy(keys::get)
                .isInstanceOf(UnavailableKeysException.class)
                .hasMessage("no keys today");
        failing = false;
        clock.advance(Duration.ofSeconds(6));
        assertThat(keys.get()).isNotNull();
    }
}
