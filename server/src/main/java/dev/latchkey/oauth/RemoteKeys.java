package dev.latchkey.oauth;

import com.nimbusds.jose.jwk.JWK;
import dev.latchkey.http.RemoteFiles.UnavailableException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The keys at one place elsewhere. They are kept for five minutes. When none of them signed something they are fetched again,
 * at most once in half a minute whatever is sent: the issuer may have a new key, under another id, the same one or none.
 * While the place does not answer, known keys count for another hour.
 */
final class RemoteKeys {
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final Duration OUTAGE = Duration.ofHours(1);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(30);
    private static final long PATIENCE_SECONDS = 15;

    private final Source source;
    private final Clock clock;
    private final ReentrantLock fetching = new ReentrantLock();
    private volatile @Nullable Fetched known;
    private volatile Instant nextExtra = Instant.MIN;
    private volatile Instant nextAfterFailure = Instant.MIN;
    private volatile String failure = "";

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

    /**
     * The keys as they are known.
     *
     * @throws UnavailableKeysException when there are none
     */
    Fetched get() {
        Fetched now = known;
        return now != null && clock.instant().isBefore(now.at().plus(KEPT)) ? now : fetched(now);
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
            return fetched(seen);
        } catch (UnavailableKeysException e) {
            return seen;
        }
    }

    /** Fetches them, unless somebody else just did. */
    private Fetched fetched(@Nullable Fetched old) {
        boolean mine = false;
        try {
            mine = fetching.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Fetched now = known;
            if (now != null && now != old) {
                return now;
            }
            if (!mine || clock.instant().isBefore(nextAfterFailure)) {
                return oldOr(mine ? failure : "their address answers slowly");
            }
            Fetched fresh = new Fetched(source.fetch(), clock.instant());
            known = fresh;
            return fresh;
        } catch (ParseException | UnavailableException | IllegalArgumentException e) {
            failure = String.valueOf(e.getMessage());
            nextAfterFailure = clock.instant().plus(BETWEEN_ATTEMPTS.dividedBy(6));
            return oldOr(failure);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return oldOr("they were not fetched in time");
        } finally {
            if (mine) {
                fetching.unlock();
            }
        }
    }

    private Fetched oldOr(String why) {
        Fetched old = known;
        if (old != null && clock.instant().isBefore(old.at().plus(KEPT).plus(OUTAGE))) {
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
