package dev.latchkey.oauth;

import com.nimbusds.jose.jwk.JWK;
import dev.latchkey.http.RemoteFiles.UnavailableException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The keys at one address of another server. They are kept for five minutes. When none of them signed a JWT they are fetched
 * again, at most once in half a minute, because the issuer may have a new key, with another id, the same one or none. When
 * the address does not answer, known keys remain usable for another hour.
 *
 * <p>One thread at a time fetches them. Every request waits up to a second for it, so that a withdrawn key is not used
 * longer than necessary. Only a few requests wait longer, when there are no keys at all: a silent address must not occupy
 * all request slots here.
 */
final class RemoteKeys {
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(30);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration SHORT_WAIT = Duration.ofSeconds(1);
    private static final Duration LONG_WAIT = Duration.ofSeconds(15);
    private static final int MAX_LONG_WAITS = 8;
    private static final String SLOW = "they cannot be fetched now: their address is slow to answer";

    private final Source source;
    private final Clock clock;
    private final Semaphore longWaits = new Semaphore(MAX_LONG_WAITS);
    private volatile @Nullable Fetched known;
    private volatile String failure = "";
    private @Nullable Attempt running;
    private Instant nextExtra = Instant.MIN;
    private Instant nextAfterFailure = Instant.MIN;

    RemoteKeys(Source source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Fetches the keys. */
    @FunctionalInterface
    interface Source {
        List<JWK> fetch() throws ParseException;
    }

    /** Keys, and when they were fetched. */
    record Fetched(List<JWK> keys, Instant at) {}

    /** @param doubtful whether the attempt before failed, so that this one is likely to fail too */
    private record Attempt(CountDownLatch ended, long began, boolean doubtful) {
        boolean endsInShortWait() throws InterruptedException {
            long left = doubtful ? 0 : SHORT_WAIT.toNanos() - (System.nanoTime() - began);
            return ended.await(left, TimeUnit.NANOSECONDS);
        }

        boolean ends() throws InterruptedException {
            return ended.await(LONG_WAIT.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /**
     * The current keys.
     *
     * @throws UnavailableKeysException when there are none
     */
    Fetched get() {
        Fetched now = known;
        return now != null && clock.instant().isBefore(now.at().plus(KEPT)) ? now : newer(now, isUsableInOutage(now));
    }

    /** Newer keys than these, if there are any. */
    Fetched after(Fetched seen) {
        Fetched now = known;
        if (now != null && now != seen) {
            return now;
        }
        synchronized (this) {
            if (clock.instant().isBefore(nextExtra)) {
                return seen;
            }
            nextExtra = clock.instant().plus(BETWEEN_ATTEMPTS);
        }
        try {
            return newer(seen, false);
        } catch (UnavailableKeysException e) {
            return seen;
        }
    }

    /** @param oldWillDo whether the old ones are good enough when the address is slow */
    private Fetched newer(@Nullable Fetched old, boolean oldWillDo) {
        Attempt attempt;
        synchronized (this) {
            Fetched now = known;
            if (now != null && now != old) {
                return now;
            }
            if (running == null && clock.instant().isBefore(nextAfterFailure)) {
                return oldOr(failure);
            }
            attempt = running == null ? begin() : running;
        }
        try {
            if (!attempt.endsInShortWait() && (oldWillDo || !endsInLongWait(attempt))) {
                return oldOr(SLOW);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return oldOr("they were not fetched in time");
        }
        Fetched now = known;
        return now != null && now != old ? now : oldOr(failure);
    }

    private boolean endsInLongWait(Attempt attempt) throws InterruptedException {
        if (!longWaits.tryAcquire()) {
            return false;
        }
        try {
            return attempt.ends();
        } finally {
            longWaits.release();
        }
    }

    private Attempt begin() {
        Attempt attempt = new Attempt(new CountDownLatch(1), System.nanoTime(), !failure.isEmpty());
        running = attempt;
        Thread.ofVirtual().name("remote-keys").start(() -> fetch(attempt));
        return attempt;
    }

    private void fetch(Attempt attempt) {
        String wrong = "they cannot be fetched";
        try {
            known = new Fetched(source.fetch(), clock.instant());
            wrong = "";
        } catch (ParseException | UnavailableException | IllegalArgumentException e) {
            wrong = String.valueOf(e.getMessage());
        } finally {
            end(attempt, wrong);
        }
    }

    private synchronized void end(Attempt attempt, String wrong) {
        failure = wrong;
        nextAfterFailure = wrong.isEmpty() ? Instant.MIN : clock.instant().plus(AFTER_FAILURE);
        running = null;
        attempt.ended().countDown();
    }

    private boolean isUsableInOutage(@Nullable Fetched old) {
        return old != null && clock.instant().isBefore(old.at().plus(KEPT).plus(OUTAGE));
    }

    private Fetched oldOr(String why) {
        Fetched old = known;
        if (old != null && isUsableInOutage(old)) {
            return old;
        }
        throw new UnavailableKeysException(why);
    }

    /** There are no keys; the message says why. */
    static final class UnavailableKeysException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private UnavailableKeysException(String why) {
            super(why, null, false, false);
        }
    }
}
