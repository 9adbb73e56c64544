package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.latchkey.apitoken.CredentialStore.Credential;
import dev.latchkey.apitoken.CredentialStore.Found;
import dev.latchkey.database.Database;
import dev.latchkey.database.LookUp;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Position;
import dev.latchkey.event.TargetKind;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of API tokens in memory, bounded in number. Missing ones are read from the database.
 *
 * <p>The log keeps them current: an event about a token removes it before the change is answered. Caffeine computes and removes an
 * entry under the same lock, so a load that began before the revocation was durable is removed afterwards, and a later one reads
 * the revoked row. What was read without knowing whose it is, and so without that lock, is kept only if there was no event about
 * any token since before the read. Nothing depends on time.
 */
final class CredentialCache {
    private static final int CACHED = 100_000;
    private static final int CACHED_ISSUERS = 1_000;

    private final Database database;
    private final EventLog log;

    /** These outlive the caches. */
    private final StatsCounter ofCredentials = new ConcurrentStatsCounter();

    private final StatsCounter ofIssuers = new ConcurrentStatsCounter();

    /** Replaced to forget everything: a look-up that began before ends up in the old one. */
    private volatile Cache<String, Credential> credentials = newCache();

    /** How many events about API tokens there were. Each is counted before it removes an entry. */
    private final AtomicLong events = new AtomicLong();

    /** The API tokens that trust an outside issuer, by its name. */
    private volatile Cache<String, List<String>> trusting = newIssuerCache();

    CredentialCache(Database database, EventLog log) {
        this.database = database;
        this.log = log;
        log.follow(
                event -> {
                    if (event.isUnknown()) {
                        forget();
                    } else if (event.target().kind() == TargetKind.API_TOKEN) {
                        events.incrementAndGet();
                        credentials.invalidate(event.target().id());
                        if (event.type() != EventType.ACCESS_TOKEN_REFUSE) {
                            trusting.invalidateAll();
                        }
                    }
                },
                this::forget);
    }

    private void forget() {
        credentials = newCache();
        trusting = newIssuerCache();
    }

    CacheFigures credentials() {
        return CacheFigures.of(credentials, ofCredentials);
    }

    CacheFigures issuers() {
        return CacheFigures.of(trusting, ofIssuers);
    }

    private Cache<String, Credential> newCache() {
        return Caffeine.newBuilder()
                .maximumSize(CACHED)
                .executor(Runnable::run)
                .recordStats(() -> ofCredentials)
                .build();
    }

    /** For seconds only: a list read while a token is created may lack it. */
    private Cache<String, List<String>> newIssuerCache() {
        return Caffeine.newBuilder()
                .maximumSize(CACHED_ISSUERS)
                .expireAfterWrite(Duration.ofSeconds(10))
                .executor(Runnable::run)
                .recordStats(() -> ofIssuers)
                .build();
    }

    /**
     * The credential of this client id; null when there is none. A text that cannot be a client id is not looked up.
     *
     * @throws Problem 503 while revocations by other nodes are unknown
     */
    @Nullable Credential find(String clientId) {
        if (!ClientId.isOne(clientId)) {
            return null;
        }
        requireCurrent();
        return credentials.get(clientId, this::lookUp);
    }

    /**
     * The credential that the first of these hashes belongs to that is one of a secret, live or removed; null when there is none.
     * One look-up, whether or not there is.
     *
     * @param hashes one or more, and at most {@link HashRecipes#MOST}
     * @throws Problem as above
     */
    @Nullable Credential findHolder(List<String> hashes) {
        requireCurrent();
        Moment before = moment();
        Credential read = lookUp(CredentialStore.holder(hashes), hashes);
        return read == null ? null : kept(before, read);
    }

    /**
     * A moment, after which something is read.
     *
     * @param cache the one of that moment
     */
    record Moment(Cache<String, Credential> cache, long events) {}

    Moment moment() {
        return new Moment(credentials, events.get());
    }

    /** Keeps what was read after a moment, unless there were events since. Returns what is kept, or else what was read. */
    Credential kept(Moment before, Credential read) {
        // An event is counted first and waits for this lock then, so it is either seen here or removes what is kept
        // here.
        Credential kept =
                before.cache().get(read.apiToken().clientId(), unused -> events.get() == before.events() ? read : null);
        return kept == null ? read : kept;
    }

    private void requireCurrent() {
        if (!log.isCurrent()) {
            // Another node may have revoked what is still cached here: deny when unsure.
            throw Problem.unavailable("Revocations cannot be read at the moment. Try again shortly.", null);
        }
    }

    private @Nullable Credential lookUp(String clientId) {
        return lookUp(CredentialStore.CREDENTIAL, List.of(clientId));
    }

    private @Nullable Credential lookUp(LookUp<Found> lookUp, List<String> keys) {
        Position known = log.known();
        Found found = database.lookUp(lookUp, keys).orElse(null);
        if (found == null) {
            return null;
        }
        // A failed-over or restored database is not believed until it is known what it has lost.
        log.requireContinues(known, found.end());
        return found.credential();
    }

    /**
     * The client ids of the active tokens that trust an outside issuer. Empty when more than a thousand trust it, because the
     * first thousand may not include the right one.
     */
    List<String> trusting(String outsideIssuer) {
        if (outsideIssuer.length() > AuthenticationReader.MAX_TEXT) {
            return List.of();
        }
        List<String> clientIds = trusting.get(
                outsideIssuer,
                issuer -> database.lookUp(CredentialStore.TRUSTING, issuer).orElse(List.of()));
        return clientIds.size() > CredentialStore.MOST_OF_AN_ISSUER ? List.of() : clientIds;
    }
}
