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
 * The keys at one place elsewhere. They are kept for five minutes. When none of them signed something they are fetched again,
 * at most once in half a minute whatever is sent: the issuer may have a new key, under another id, the same one or none.
 * While the place does not answer, known keys count for another hour.
 *
 * <p>One thread at a time fetches them. Everybody waits a second for it, so that a key that was withdrawn counts no longer
 * than it must. Beyond that only a few wait who have no keys at all: a silent place must not take all places at work here.
 */
final class RemoteKeys {
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(30);
    private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
    private static final Duration USUAL = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int PATIENT = 8;
    private static final String SLOW = "they cannot be fetched now: their address answers slowly";

    private final Source source;
    private final Clock clock;
    private final Semaphore patient = new Semaphore(PATIENT);
    private volatile @Nullable Fetched known;
    private volatile String failure = "";
    private @Nullable Attempt running;
    private Instant nextExtra = Instant.MIN;
    private Instant nextAfterFailure = Instant.MIN;

    RemoteKeys(Source source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    /** Where they come from. */
    @FunctionalInterface
    interface Source {
        List<JWK> fetch() throws ParseException;
    }

    /** Keys, and since when they are known. */
    record Fetched(List<JWK> keys, Instant at) {}

    /** @param doubtful whether the one before failed, so that nobody should count on this one */
    private record Attempt(CountDownLatch ended, long began, boolean doubtful) {
        boolean endsInUsualTime() throws InterruptedException {
            long left = doubtful ? 0 : USUAL.toNanos() - (System.nanoTime() - began);
            return ended.await(left, TimeUnit.NANOSECONDS);
        }

        boolean ends() throws InterruptedException {
            return ended.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /**
     * The keys as they are known.
     *
     * @throws UnavailableKeysException when there are none
     */
    Fetched get() {
        Fetched now = known;
        return now != null && clock.instant().isBefore(now.at().plus(KEPT)) ? now : newer(now, countsInOutage(now));
    }

    /** Newer ones than these, if there are any or may be. */
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

    /** @param oldWillDo whether the old ones are good enough when the place is slow */
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
            if (!attempt.endsInUsualTime() && (oldWillDo || !endsInPatience(attempt))) {
                return oldOr(SLOW);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return oldOr("they were not fetched in time");
        }
        Fetched now = known;
        return now != null && now != old ? now : oldOr(failure);
    }

    private boolean endsInPatience(Attempt attempt) throws InterruptedException {
        if (!patient.tryAcquire()) {
            return false;
        }
        try {
            return attempt.ends();
        } finally {
            patient.release();
        }
    }

    private Attempt begin() {
        Attempt attempt = new Attempt(new CountDownLatch(1), System.nanoTime(), !failure.isEmpty());
        running = attempt;
        Thread.ofVirtual().name("keys from elsewhere").start(() -> fetch(attempt));
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

    private boolean countsInOutage(@Nullable Fetched old) {
        return old != null && clock.instant().isBefore(old.at().plus(KEPT).plus(OUTAGE));
    }

    private Fetched oldOr(String why) {
        Fetched old = known;
        if (old != null && countsInOutage(old)) {
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
