package dev.latchkey.oauth;

import dev.latchkey.apitoken.ApiToken;
import dev.latchkey.database.Database;
import dev.latchkey.event.Actor;
import dev.latchkey.event.Change;
import dev.latchkey.event.EventLog;
import dev.latchkey.event.Origin;
import dev.latchkey.event.Target;
import dev.latchkey.http.Problem;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The access tokens that ended before their time (RFC 7009). Access tokens are kept nowhere, but these are, until they would
 * have expired: in the database, so that a restart does not revive them, and in memory, where each check looks. The log
 * keeps the memory of every node fresh before a revocation is answered.
 */
public final class RevokedAccessTokens {
    private static final String KIND = "access_token";

    /** A program that revokes more within ten minutes should revoke itself; its rows and events must not fill the disk. */
    private static final int MOST_OF_ONE = 1_000;

    private static final int MOST = 200_000;

    private final Database database;
    private final EventLog log;
    private final Clock clock;
    private final RevokedAccessTokenStore store = new RevokedAccessTokenStore();
    private final Map<String, Long> known = new ConcurrentHashMap<>();

    public RevokedAccessTokens(Database database, EventLog log, Clock clock) {
        this.database = database;
        this.log = log;
        this.clock = clock;
        // First follow, then read: what is revoked in between is seen twice rather than never.
        log.follow(event -> {
            if (event.target().kind().equals(KIND)) {
                String id = event.target().id();
                database.readToFollow(handle -> store.expiry(handle, id)).ifPresent(expiry -> known.put(id, expiry));
            }
        });
        known.putAll(database.readToFollow(handle -> store.all(handle, clock.instant())));
    }

    boolean contains(AccessToken accessToken) {
        return known.containsKey(accessToken.id());
    }

    /** The ids of all that would still count, for those who check access tokens themselves. */
    public Set<String> ids() {
        long now = clock.millis();
        Set<String> ids = ConcurrentHashMap.newKeySet();
        known.forEach((id, expiry) -> {
            if (expiry > now) {
                ids.add(id);
            }
        });
        return ids;
    }

    /**
     * Ends an access token for good: when this returns, everything that asks Latchkey refuses it.
     *
     * @param holder the API token that it was issued to, which revokes it
     * @throws Problem 503 when too many are revoked already
     */
    void revoke(AccessToken accessToken, ApiToken holder, Origin origin) {
        database.change(transaction -> {
            Instant now = clock.instant();
            if (store.expiry(transaction.handle(), accessToken.id()).isPresent()
                    || !accessToken.expiresAt().isAfter(now)) {
                return;
            }
            if (known.size() >= MOST || store.countOf(transaction.handle(), holder.clientId(), now) >= MOST_OF_ONE) {
                throw Problem.unavailable(
                        "Too many access tokens are revoked one by one. Revoke the API token, or try again later.",
                        null);
            }
            store.insert(transaction, accessToken);
            log.append(
                    transaction,
                    new Actor.Program(holder.clientId(), holder.description(), holder.role(), origin),
                    "access_token.revoke",
                    new Target(KIND, accessToken.id(), holder.description()),
                    List.of(
                            Change.set("client id", holder.clientId()),
                            Change.set("for", accessToken.audience()),
                            Change.set(
                                    "would have expired",
                                    accessToken.expiresAt().toString())));
        });
    }

    /** Forgets those that have expired meanwhile. */
    public void deleteExpired() {
        Instant now = clock.instant();
        if (known.values().removeIf(expiry -> expiry <= now.toEpochMilli())) {
            database.change(transaction -> store.deleteExpired(transaction, now));
        }
    }
}
