package dev.latchkey.apitoken;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.ConcurrentStatsCounter;
import com.github.benmanes.caffeine.cache.stats.StatsCounter;
import dev.latchkey.apitoken.CredentialStore.Credential;
import dev.latchkey.apitoken.CredentialStore.Found;
import dev.latchkey.database.Database;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.EventType;
import dev.latchkey.event.Position;
import dev.latchkey.event.TargetKind;
import dev.latchkey.figure.CacheFigures;
import dev.latchkey.problem.Problem;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The credentials of API tokens in memory, bounded in number. Missing ones are read from the database.
 *
 * <p>The log keeps them current: an event about a token removes it before the change is answered. Caffeine computes and removes an
 * entry under the same lock, so a load that began before the revocation was durable is removed afterwards, and a later one reads
 * the revoked row. Nothing depends on time.
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
        if (!log.isCurrent()) {
            // Another node may have revoked what is still cached here: deny when unsure.
            throw Problem.unavailable("Revocations cannot be read at the moment. Try again shortly.", null);
        }
        return credentials.get(clientId, this::lookUp);
    }

    private @Nullable Credential lookUp(String clientId) {
        Position known = log.known();
        Found found = database.lookUp(CredentialStore.CREDENTIAL, clientId).orElse(null);
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
